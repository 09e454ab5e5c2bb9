-- create
-- Sent first by Create, unless insert one is, and by its retries.
-- $1 assignee_id, $2 subject_id, $3 created_at, $4 metadata
WITH holder AS MATERIALIZED (
  -- returns a conflict without a write. This check alone would leave the check-then-create
  -- race, which ON CONFLICT prevents
  SELECT 2 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
    "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
    NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
    NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
  FROM "loans"
  WHERE "reader_id" = $1::text::integer
    AND "book_id" = $2::text::bigint
    AND "status" NOT IN ('cancelled', 'completed')
  LIMIT 1
), created AS (
  INSERT INTO "loans" ("reader_id", "book_id", "status", "created_at", "version", "details")
  SELECT $1::text::integer, $2::text::bigint, 'pending'::text, $3::timestamptz, 1, $4::text::json
  WHERE NOT EXISTS (SELECT FROM holder)
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("reader_id", "book_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING 1 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
    "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
    NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
    NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
)
TABLE created
UNION ALL
TABLE holder;

-- create, exact
-- Sent by Create after two statements that created nothing and found no holder.
-- $1 assignee_id, $2 subject_id, $3 created_at, $4 metadata
WITH guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "loans" ("reader_id", "book_id", "status")
  SELECT "reader_id", "book_id", "status"
  FROM "loans"
  WHERE false
  ON CONFLICT ("reader_id", "book_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
), created AS (
  INSERT INTO "loans" ("reader_id", "book_id", "status", "created_at", "version", "details")
  SELECT $1::text::integer, $2::text::bigint, 'pending'::text, $3::timestamptz, 1, $4::text::json
  RETURNING 1 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
    "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
    NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
    NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
)
TABLE created;

-- insert one
-- Sent first by Create when the ID is new and the last 64 creates found their slots free.
-- $1 assignee_id, $2 subject_id, $3 created_at, $4 metadata
INSERT INTO "loans" ("reader_id", "book_id", "status", "created_at", "version", "details")
VALUES ($1::text::integer, $2::text::bigint, 'pending'::text, $3::timestamptz, 1, $4::text::json)
-- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
-- and inserts nothing beside its row. That is no violation: the transaction remains usable
ON CONFLICT ("reader_id", "book_id") WHERE "status" NOT IN ('cancelled', 'completed')
DO NOTHING;

-- replace, retire to cancelled
-- Sent by Replace.
-- $1 assignee_id, $2 subject_id, $3 created_at, $4 metadata
WITH retired AS (
  UPDATE "loans"
  SET "status" = 'cancelled', "version" = COALESCE("version", 1) + 1
  WHERE "reader_id" = $1::text::integer
    AND "book_id" = $2::text::bigint
    AND "status" NOT IN ('cancelled', 'completed')
    AND "status" NOT IN ('cancelled', 'completed')
  RETURNING "id", "reader_id", "book_id", "status", "created_at", "version", "details"
), created AS (
  INSERT INTO "loans" ("reader_id", "book_id", "status", "created_at", "version", "details")
  SELECT $1::text::integer, $2::text::bigint, 'pending'::text, $3::timestamptz, 1, $4::text::json
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("reader_id", "book_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "id", "reader_id", "book_id", "status", "created_at", "version", "details"
)
SELECT 1 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, 4) AS kind,
  "id"::text AS id, "reader_id"::text AS assignee_id, "book_id"::text AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at",
  NULL::timestamptz AS updated_at, NULL::timestamptz AS completed_at, "version",
  "details" AS metadata, '' AS request
FROM retired
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans"
WHERE "reader_id" = $1::text::integer
  AND "book_id" = $2::text::bigint
  AND "status" NOT IN ('cancelled', 'completed');

-- replace, retire to cancelled, lock
-- Sent by Replace after two statements that created nothing, before the exact one.
-- $1 assignee_id, $2 subject_id
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE "reader_id" = $1::text::integer
  AND "book_id" = $2::text::bigint
  AND "status" NOT IN ('cancelled', 'completed')
  AND "status" NOT IN ('cancelled', 'completed')
FOR UPDATE;

-- replace, retire to cancelled, exact
-- Sent by Replace after the lock, in the same transaction.
-- $1 locked, $2 assignee_id, $3 subject_id, $4 created_at, $5 metadata
WITH guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "loans" ("reader_id", "book_id", "status")
  SELECT "reader_id", "book_id", "status"
  FROM "loans"
  WHERE false
  ON CONFLICT ("reader_id", "book_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
), retired AS (
  UPDATE "loans"
  SET "status" = 'cancelled', "version" = COALESCE("version", 1) + 1
  WHERE "reader_id" = $2::text::integer
    AND "book_id" = $3::text::bigint
    AND "status" NOT IN ('cancelled', 'completed')
    AND "status" NOT IN ('cancelled', 'completed')
  RETURNING "id", "reader_id", "book_id", "status", "created_at", "version", "details"
), created AS (
  INSERT INTO "loans" ("reader_id", "book_id", "status", "created_at", "version", "details")
  SELECT $2::text::integer, $3::text::bigint, 'pending'::text, $4::timestamptz, 1, $5::text::json
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $1::bigint
  RETURNING "id", "reader_id", "book_id", "status", "created_at", "version", "details"
)
SELECT 1 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, 4) AS kind,
  "id"::text AS id, "reader_id"::text AS assignee_id, "book_id"::text AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at",
  NULL::timestamptz AS updated_at, NULL::timestamptz AS completed_at, "version",
  "details" AS metadata, '' AS request
FROM retired
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans"
WHERE "reader_id" = $2::text::integer
  AND "book_id" = $3::text::bigint
  AND "status" NOT IN ('cancelled', 'completed');

-- replace, retire to completed
-- Sent by Replace.
-- $1 assignee_id, $2 subject_id, $3 created_at, $4 metadata
WITH retired AS (
  UPDATE "loans"
  SET "status" = 'completed', "version" = COALESCE("version", 1) + 1
  WHERE "reader_id" = $1::text::integer
    AND "book_id" = $2::text::bigint
    AND "status" NOT IN ('cancelled', 'completed')
    AND "status" NOT IN ('cancelled', 'completed')
  RETURNING "id", "reader_id", "book_id", "status", "created_at", "version", "details"
), created AS (
  INSERT INTO "loans" ("reader_id", "book_id", "status", "created_at", "version", "details")
  SELECT $1::text::integer, $2::text::bigint, 'pending'::text, $3::timestamptz, 1, $4::text::json
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("reader_id", "book_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "id", "reader_id", "book_id", "status", "created_at", "version", "details"
)
SELECT 1 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, 4) AS kind,
  "id"::text AS id, "reader_id"::text AS assignee_id, "book_id"::text AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at",
  NULL::timestamptz AS updated_at, NULL::timestamptz AS completed_at, "version",
  "details" AS metadata, '' AS request
FROM retired
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans"
WHERE "reader_id" = $1::text::integer
  AND "book_id" = $2::text::bigint
  AND "status" NOT IN ('cancelled', 'completed');

-- replace, retire to completed, lock
-- Sent by Replace after two statements that created nothing, before the exact one.
-- $1 assignee_id, $2 subject_id
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE "reader_id" = $1::text::integer
  AND "book_id" = $2::text::bigint
  AND "status" NOT IN ('cancelled', 'completed')
  AND "status" NOT IN ('cancelled', 'completed')
FOR UPDATE;

-- replace, retire to completed, exact
-- Sent by Replace after the lock, in the same transaction.
-- $1 locked, $2 assignee_id, $3 subject_id, $4 created_at, $5 metadata
WITH guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "loans" ("reader_id", "book_id", "status")
  SELECT "reader_id", "book_id", "status"
  FROM "loans"
  WHERE false
  ON CONFLICT ("reader_id", "book_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
), retired AS (
  UPDATE "loans"
  SET "status" = 'completed', "version" = COALESCE("version", 1) + 1
  WHERE "reader_id" = $2::text::integer
    AND "book_id" = $3::text::bigint
    AND "status" NOT IN ('cancelled', 'completed')
    AND "status" NOT IN ('cancelled', 'completed')
  RETURNING "id", "reader_id", "book_id", "status", "created_at", "version", "details"
), created AS (
  INSERT INTO "loans" ("reader_id", "book_id", "status", "created_at", "version", "details")
  SELECT $2::text::integer, $3::text::bigint, 'pending'::text, $4::timestamptz, 1, $5::text::json
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $1::bigint
  RETURNING "id", "reader_id", "book_id", "status", "created_at", "version", "details"
)
SELECT 1 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, 4) AS kind,
  "id"::text AS id, "reader_id"::text AS assignee_id, "book_id"::text AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at",
  NULL::timestamptz AS updated_at, NULL::timestamptz AS completed_at, "version",
  "details" AS metadata, '' AS request
FROM retired
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans"
WHERE "reader_id" = $2::text::integer
  AND "book_id" = $3::text::bigint
  AND "status" NOT IN ('cancelled', 'completed');

-- reassign
-- Sent by Reassign.
-- $1 id, $2 assignee_id, $3 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "reader_id", "book_id", "status", "created_at", "version", "details"
  FROM "loans"
  WHERE "id" = $1::text::bigint
), holder AS MATERIALIZED (
  -- prevents a violation, which would abort the transaction. The guard itself prevents a second
  -- active row beside a holder that is not visible yet
  SELECT holder."id", holder."reader_id", holder."book_id", holder."status", holder."created_at",
    holder."version", holder."details"
  FROM current
  JOIN (
    SELECT "id", "reader_id", "book_id", "status", "created_at", "version", "details"
    FROM "loans"
    WHERE "status" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."reader_id" = $2::text::integer
    AND holder."book_id" = current."book_id"
  WHERE holder."id" <> current."id"
), guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "loans" ("reader_id", "book_id", "status")
  SELECT "reader_id", "book_id", "status"
  FROM current
  WHERE false
  ON CONFLICT ("reader_id", "book_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
), changed AS (
  UPDATE "loans"
  SET "reader_id" = $2::text::integer, "version" = COALESCE("version", 1) + 1
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text::bigint
    AND "status" NOT IN ('cancelled', 'completed')
    AND "reader_id" <> $2::text::integer
    AND $3::bigint IN (0, COALESCE("version", 1))
    AND NOT EXISTS (SELECT FROM holder)
  RETURNING "id", "reader_id", "book_id", "status", "created_at", "version", "details"
)
SELECT 5 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM changed
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM holder
UNION ALL
SELECT 6 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM current;

-- transition to cancelled
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "reader_id", "book_id", "status", "created_at", "version", "details"
  FROM "loans"
  WHERE "id" = $1::text::bigint
), changed AS (
  UPDATE "loans"
  SET "status" = 'cancelled', "version" = COALESCE("version", 1) + 1
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text::bigint
    AND "status" NOT IN ('cancelled', 'completed')
    AND $2::bigint IN (0, COALESCE("version", 1))
  RETURNING "id", "reader_id", "book_id", "status", "created_at", "version", "details"
)
SELECT 5 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM changed
UNION ALL
SELECT 6 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM current;

-- transition to completed
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "reader_id", "book_id", "status", "created_at", "version", "details"
  FROM "loans"
  WHERE "id" = $1::text::bigint
), changed AS (
  UPDATE "loans"
  SET "status" = 'completed', "version" = COALESCE("version", 1) + 1
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text::bigint
    AND "status" NOT IN ('cancelled', 'completed')
    AND $2::bigint IN (0, COALESCE("version", 1))
  RETURNING "id", "reader_id", "book_id", "status", "created_at", "version", "details"
)
SELECT 5 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM changed
UNION ALL
SELECT 6 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM current;

-- transition to in_progress
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "reader_id", "book_id", "status", "created_at", "version", "details"
  FROM "loans"
  WHERE "id" = $1::text::bigint
), holder AS MATERIALIZED (
  -- prevents a violation, which would abort the transaction. The guard itself prevents a second
  -- active row beside a holder that is not visible yet
  SELECT holder."id", holder."reader_id", holder."book_id", holder."status", holder."created_at",
    holder."version", holder."details"
  FROM current
  JOIN (
    SELECT "id", "reader_id", "book_id", "status", "created_at", "version", "details"
    FROM "loans"
    WHERE "status" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."reader_id" = current."reader_id"
    AND holder."book_id" = current."book_id"
  WHERE holder."id" <> current."id"
), guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "loans" ("reader_id", "book_id", "status")
  SELECT "reader_id", "book_id", "status"
  FROM current
  WHERE false
  ON CONFLICT ("reader_id", "book_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
), changed AS (
  UPDATE "loans"
  SET "status" = 'in_progress', "version" = COALESCE("version", 1) + 1
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text::bigint
    AND "status" IN ('pending')
    AND $2::bigint IN (0, COALESCE("version", 1))
    AND NOT EXISTS (SELECT FROM holder)
  RETURNING "id", "reader_id", "book_id", "status", "created_at", "version", "details"
)
SELECT 5 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM changed
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM holder
UNION ALL
SELECT 6 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM current;

-- transition to pending
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "reader_id", "book_id", "status", "created_at", "version", "details"
  FROM "loans"
  WHERE "id" = $1::text::bigint
), holder AS MATERIALIZED (
  -- prevents a violation, which would abort the transaction. The guard itself prevents a second
  -- active row beside a holder that is not visible yet
  SELECT holder."id", holder."reader_id", holder."book_id", holder."status", holder."created_at",
    holder."version", holder."details"
  FROM current
  JOIN (
    SELECT "id", "reader_id", "book_id", "status", "created_at", "version", "details"
    FROM "loans"
    WHERE "status" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."reader_id" = current."reader_id"
    AND holder."book_id" = current."book_id"
  WHERE holder."id" <> current."id"
), guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "loans" ("reader_id", "book_id", "status")
  SELECT "reader_id", "book_id", "status"
  FROM current
  WHERE false
  ON CONFLICT ("reader_id", "book_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
), changed AS (
  UPDATE "loans"
  SET "status" = 'pending', "version" = COALESCE("version", 1) + 1
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text::bigint
    AND "status" IN ('cancelled', 'completed')
    AND $2::bigint IN (0, COALESCE("version", 1))
    AND NOT EXISTS (SELECT FROM holder)
  RETURNING "id", "reader_id", "book_id", "status", "created_at", "version", "details"
)
SELECT 5 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM changed
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM holder
UNION ALL
SELECT 6 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM current;

-- lock
-- Sent before a change that twice changed nothing for no reason that shows, in the same transaction.
-- $1 id
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE "id" = $1::text::bigint
FOR UPDATE;

-- get
-- Sent by Get, and by writes whose reply was lost.
-- $1 id
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE "id" = $1::text::bigint;

-- get many
-- Sent by CreateMany when triggers run after the insert.
-- $1 ids
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE "id" IN (
  SELECT requested.id::text::bigint
  FROM unnest($1::text[]) AS requested (id)
);

-- find active
-- Sent by FindActive, and by writes that the guard rejected.
-- $1 assignee_id, $2 subject_id
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE "reader_id" = $1::text::integer
  AND "book_id" = $2::text::bigint
  AND "status" NOT IN ('cancelled', 'completed')
LIMIT 1;

-- lock IDs
-- Sent before inserts into a table where no index makes the ID unique.
SELECT count(pg_advisory_xact_lock(hashtextextended(convert_from(decode(id, 'hex'), 'UTF8'), 0)))
FROM (VALUES ('31'), ('32')) AS list (id);

-- list all
-- Sent by List.
-- $1 5
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
ORDER BY stored."created_at", stored."id"::text COLLATE "C"
LIMIT $1::bigint;

-- count all
-- Sent by Count.
SELECT count(*)::text
FROM "loans" AS stored;

-- list of an assignee
-- Sent by List.
-- $1 17, $2 5
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE "reader_id" = $1::text::integer
  AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'))
ORDER BY stored."created_at", stored."id"::text COLLATE "C"
LIMIT $2::bigint;

-- count of an assignee
-- Sent by Count.
-- $1 17
SELECT count(*)::text
FROM "loans" AS stored
WHERE "reader_id" = $1::text::integer
  AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'));

-- list of an assignee, active
-- Sent by List.
-- $1 17, $2 5
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE "reader_id" = $1::text::integer
  AND "status" NOT IN ('cancelled', 'completed')
ORDER BY stored."created_at", stored."id"::text COLLATE "C"
LIMIT $2::bigint;

-- count of an assignee, active
-- Sent by Count.
-- $1 17
SELECT count(*)::text
FROM "loans" AS stored
WHERE "reader_id" = $1::text::integer
  AND "status" NOT IN ('cancelled', 'completed');

-- list of an assignee, active or not
-- Sent by List.
-- $1 17, $2 5
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE "reader_id" = $1::text::integer
  AND "status" IN ('pending', 'completed')
  AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'))
ORDER BY stored."created_at", stored."id"::text COLLATE "C"
LIMIT $2::bigint;

-- count of an assignee, active or not
-- Sent by Count.
-- $1 17
SELECT count(*)::text
FROM "loans" AS stored
WHERE "reader_id" = $1::text::integer
  AND "status" IN ('pending', 'completed')
  AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'));

-- list of a subject, by status
-- Sent by List.
-- $1 18, $2 5
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE "book_id" = $1::text::bigint
  AND "status" IN ('pending')
ORDER BY stored."created_at", stored."id"::text COLLATE "C"
LIMIT $2::bigint;

-- count of a subject, by status
-- Sent by Count.
-- $1 18
SELECT count(*)::text
FROM "loans" AS stored
WHERE "book_id" = $1::text::bigint
  AND "status" IN ('pending');

-- list of an account
-- Not sent: AccountID is not supported by this store: no column of the table stores it.

-- list due
-- Not sent: DueAt is not supported by this store: no column of the table stores it.

-- list after
-- Sent by List.
-- $1 1, $2 2020-01-02T03:04:05.678912345Z, $3 5
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE (stored."created_at", stored."id"::text COLLATE "C") > ($2::timestamptz, $1::text)
ORDER BY stored."created_at", stored."id"::text COLLATE "C"
LIMIT $3::bigint;

-- list after an ID that the column may not hold
-- Sent by List.
-- $1 x, $2 2020-01-02T03:04:05.678912345Z, $3 5
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE (stored."created_at", stored."id"::text COLLATE "C") > ($2::timestamptz, $1::text)
ORDER BY stored."created_at", stored."id"::text COLLATE "C"
LIMIT $3::bigint;

-- list after no time
-- Sent by List.
-- $1 1, $2 1, $3 5
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE (stored."created_at", stored."id"::text COLLATE "C") > (COALESCE((
      SELECT min("created_at")
      FROM "loans"
      WHERE "id" = $2::text::bigint
    ), '-infinity'), $1::text)
ORDER BY stored."created_at", stored."id"::text COLLATE "C"
LIMIT $3::bigint;

-- list after the latest time
-- Sent by List.
-- $1 1, $2 1, $3 5
SELECT 0 AS kind, "id"::text AS id, "reader_id"::text AS assignee_id,
  "book_id"::text AS subject_id, "status", '' AS assigned_by, '' AS account_id,
  NULL::timestamptz AS due_at, "created_at", NULL::timestamptz AS updated_at,
  NULL::timestamptz AS completed_at, "version", "details" AS metadata, '' AS request
FROM "loans" AS stored
WHERE (stored."created_at", stored."id"::text COLLATE "C") > (COALESCE((
      SELECT min("created_at")
      FROM "loans"
      WHERE "id" = $2::text::bigint
    ), 'infinity'), $1::text)
ORDER BY stored."created_at", stored."id"::text COLLATE "C"
LIMIT $3::bigint;

-- host code
-- Sent after a trigger or a rule suppressed or changed a row, to name it.
-- $1 table, $2 event, $3 before or after
SELECT string_agg(what, ', ' ORDER BY what)
FROM to_regclass($1::text) AS named (name)
JOIN pg_class AS t ON t.oid = named.name
CROSS JOIN LATERAL (
  SELECT DISTINCT 'trigger ' || quote_ident(g.tgname)
  FROM pg_trigger AS g
  WHERE NOT g.tgisinternal
    AND g.tgenabled <> 'D'
    AND (g.tgrelid = t.oid OR g.tgrelid IN (SELECT relid FROM pg_partition_tree(t.oid)))
    AND g.tgtype & CASE $2::text WHEN 'INSERT' THEN 4 ELSE 16 END <> 0
    AND CASE $3::text WHEN 'before' THEN g.tgtype & 3 = 3 ELSE g.tgtype & 2 = 0 END
  UNION ALL
  SELECT 'rule ' || quote_ident(w.rulename)
  FROM pg_rewrite AS w
  WHERE w.ev_class = t.oid
    AND w.rulename <> '_RETURN'
) AS found (what);

-- row security
-- Sent after a change of a row that can be seen changed nothing.
-- $1 table
SELECT row_security_active(to_regclass($1::text))::text;

-- unique IDs
-- Sent after planning failed (42P10), to tell the guard from the index on the ID.
-- $1 table, $2 column
SELECT count(*)::text
FROM pg_index AS i
JOIN pg_attribute AS a ON a.attrelid = i.indrelid
WHERE i.indrelid = to_regclass($1::text)
  AND i.indisunique
  AND i.indisvalid
  AND i.indimmediate
  AND i.indpred IS NULL
  AND i.indnkeyatts = 1
  AND a.attnum = i.indkey[0]
  AND a.attname = $2::text;

-- violation
-- Sent after a unique violation, to identify the index.
-- $1 table, $2 index, $3 guard
SELECT json_build_object(
  'filtered', row_security_active(t.oid),
  'columns', (
    SELECT json_agg(a.attname ORDER BY k.n)
    FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
    LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
    WHERE k.n <= i.indnkeyatts
  ),
  'predicate', COALESCE(pg_get_expr(i.indpred, i.indrelid), ''),
  'guard', COALESCE((
    SELECT pg_get_expr(g.indpred, g.indrelid)
    FROM pg_index AS g
    JOIN pg_class AS gc ON gc.oid = g.indexrelid
    WHERE g.indrelid = t.oid
      AND gc.relname = $3::text
  ), '')
)::text
FROM to_regclass($1::text) AS named (name)
JOIN pg_class AS t ON t.oid = named.name
LEFT JOIN (
  pg_index AS i
  JOIN pg_class AS ic ON ic.oid = i.indexrelid AND ic.relname = $2::text
) ON i.indrelid = t.oid OR i.indrelid IN (SELECT relid FROM pg_partition_tree(t.oid))
LIMIT 1;

-- guard
-- Sent by nobody: reported as the fix when the guard is missing.
CREATE UNIQUE INDEX CONCURRENTLY "loans_active_key" ON "loans" ("reader_id", "book_id") WHERE "status" NOT IN ('cancelled', 'completed');
