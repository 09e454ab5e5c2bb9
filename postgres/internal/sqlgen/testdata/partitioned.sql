-- create
-- Sent first by Create, unless insert one is, and by its retries.
-- $1 id, $2 assignee_id, $3 subject_id, $4 created_at, $5 request, $6 tenant
WITH existing AS MATERIALIZED (
  SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
  FROM "visits"
  WHERE "id" = $1::text::bigint
), holder AS MATERIALIZED (
  -- returns a conflict without a write. This check alone would leave the check-then-create
  -- race, which ON CONFLICT prevents
  SELECT 2 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
    '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
    NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
  FROM "visits"
  WHERE "nurse" = $2::text
    AND "patient" = $3::text
    AND (status <> ALL ('{completed,cancelled}'))
  LIMIT 1
), created AS (
  INSERT INTO "visits" ("id", "nurse", "patient", "status", "created_at", "updated_at", "version",
    "request", "tenant")
  SELECT $1::text::bigint, $2::text, $3::text, 'pending'::text, $4::timestamptz, $4::timestamptz, 1,
    $5::text, $6::integer
  WHERE NOT EXISTS (SELECT FROM holder)
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("nurse", "patient") WHERE (status <> ALL ('{completed,cancelled}'))
  DO NOTHING
  -- prevents a row other than the requested one: undoes the statement when a trigger changed it
  RETURNING
    COALESCE((
      'assignment-undo:INSERT:' || CASE
        WHEN "id" IS DISTINCT FROM $1::text::bigint THEN 'ID'
        WHEN "nurse" IS DISTINCT FROM $2::text THEN 'Key.AssigneeID'
        WHEN "patient" IS DISTINCT FROM $3::text THEN 'Key.SubjectID'
        WHEN "request" <> $5::text THEN 'Request'
        WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
        WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
      END || ';'
    )::int, 1) AS kind,
    "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
    '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
    NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
)
TABLE created
UNION ALL
TABLE holder
UNION ALL
SELECT 3 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM existing;

-- create, exact
-- Sent by Create after two statements that created nothing and found no holder.
-- $1 id, $2 assignee_id, $3 subject_id, $4 created_at, $5 request, $6 tenant
WITH guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "visits" ("nurse", "patient", "status")
  SELECT "nurse", "patient", "status"
  FROM "visits"
  WHERE false
  ON CONFLICT ("nurse", "patient") WHERE (status <> ALL ('{completed,cancelled}'))
  DO NOTHING
), existing AS MATERIALIZED (
  SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
  FROM "visits"
  WHERE "id" = $1::text::bigint
), created AS (
  INSERT INTO "visits" ("id", "nurse", "patient", "status", "created_at", "updated_at", "version",
    "request", "tenant")
  SELECT $1::text::bigint, $2::text, $3::text, 'pending'::text, $4::timestamptz, $4::timestamptz, 1,
    $5::text, $6::integer
  WHERE NOT EXISTS (SELECT FROM existing)
  -- prevents a row other than the requested one: undoes the statement when a trigger changed it
  RETURNING
    COALESCE((
      'assignment-undo:INSERT:' || CASE
        WHEN "id" IS DISTINCT FROM $1::text::bigint THEN 'ID'
        WHEN "nurse" IS DISTINCT FROM $2::text THEN 'Key.AssigneeID'
        WHEN "patient" IS DISTINCT FROM $3::text THEN 'Key.SubjectID'
        WHEN "request" <> $5::text THEN 'Request'
        WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
        WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
      END || ';'
    )::int, 1) AS kind,
    "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
    '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
    NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
)
TABLE created
UNION ALL
SELECT 3 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM existing;

-- insert one
-- Sent first by Create when the ID is new and the last 64 creates found their slots free.
-- $1 id, $2 assignee_id, $3 subject_id, $4 created_at, $5 request, $6 tenant
INSERT INTO "visits" ("id", "nurse", "patient", "status", "created_at", "updated_at", "version",
  "request", "tenant")
VALUES ($1::text::bigint, $2::text, $3::text, 'pending'::text, $4::timestamptz, $4::timestamptz, 1,
  $5::text, $6::integer)
-- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
-- and inserts nothing beside its row. That is no violation: the transaction remains usable
ON CONFLICT ("nurse", "patient") WHERE (status <> ALL ('{completed,cancelled}'))
DO NOTHING;

-- replace, retire to cancelled
-- Sent by Replace.
-- $1 id, $2 updated_at, $3 assignee_id, $4 subject_id, $5 created_at, $6 request, $7 tenant
WITH existing AS MATERIALIZED (
  SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
  FROM "visits"
  WHERE "id" = $1::text::bigint
), retired AS (
  UPDATE "visits"
  SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = $2::timestamptz
  WHERE "nurse" = $3::text
    AND "patient" = $4::text
    AND (status <> ALL ('{completed,cancelled}'))
    AND "status" NOT IN ('cancelled', 'completed')
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents a row other than the requested one: undoes the statement when a trigger changed it
  RETURNING "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request",
    COALESCE((
      'assignment-undo:UPDATE:' || CASE
        WHEN "status" IS DISTINCT FROM 'cancelled' THEN 'Status'
      END || ';'
    )::int, 4) AS "kind of row"
), created AS (
  INSERT INTO "visits" ("id", "nurse", "patient", "status", "created_at", "updated_at", "version",
    "request", "tenant")
  SELECT $1::text::bigint, $3::text, $4::text, 'pending'::text, $5::timestamptz, $5::timestamptz, 1,
    $6::text, $7::integer
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("nurse", "patient") WHERE (status <> ALL ('{completed,cancelled}'))
  DO NOTHING
  RETURNING "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text::bigint THEN 'ID'
      WHEN "nurse" IS DISTINCT FROM $3::text THEN 'Key.AssigneeID'
      WHEN "patient" IS DISTINCT FROM $4::text THEN 'Key.SubjectID'
      WHEN "request" <> $6::text THEN 'Request'
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
    END || ';'
  )::int, 1) AS kind,
  "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
  '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, "kind of row") AS kind,
  "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
  '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM retired
UNION ALL
SELECT 3 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM existing
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits"
WHERE "nurse" = $3::text
  AND "patient" = $4::text
  AND (status <> ALL ('{completed,cancelled}'));

-- replace, retire to cancelled, lock
-- Sent by Replace after two statements that created nothing, before the exact one.
-- $1 assignee_id, $2 subject_id
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE "nurse" = $1::text
  AND "patient" = $2::text
  AND (status <> ALL ('{completed,cancelled}'))
  AND "status" NOT IN ('cancelled', 'completed')
FOR UPDATE;

-- replace, retire to cancelled, exact
-- Sent by Replace after the lock, in the same transaction.
-- $1 id, $2 locked, $3 updated_at, $4 assignee_id, $5 subject_id, $6 created_at, $7 request,
--   $8 tenant
WITH guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "visits" ("nurse", "patient", "status")
  SELECT "nurse", "patient", "status"
  FROM "visits"
  WHERE false
  ON CONFLICT ("nurse", "patient") WHERE (status <> ALL ('{completed,cancelled}'))
  DO NOTHING
), existing AS MATERIALIZED (
  SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
  FROM "visits"
  WHERE "id" = $1::text::bigint
), retired AS (
  UPDATE "visits"
  SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = $3::timestamptz
  WHERE "nurse" = $4::text
    AND "patient" = $5::text
    AND (status <> ALL ('{completed,cancelled}'))
    AND "status" NOT IN ('cancelled', 'completed')
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents a row other than the requested one: undoes the statement when a trigger changed it
  RETURNING "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request",
    COALESCE((
      'assignment-undo:UPDATE:' || CASE
        WHEN "status" IS DISTINCT FROM 'cancelled' THEN 'Status'
      END || ';'
    )::int, 4) AS "kind of row"
), created AS (
  INSERT INTO "visits" ("id", "nurse", "patient", "status", "created_at", "updated_at", "version",
    "request", "tenant")
  SELECT $1::text::bigint, $4::text, $5::text, 'pending'::text, $6::timestamptz, $6::timestamptz, 1,
    $7::text, $8::integer
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $2::bigint
    AND NOT EXISTS (SELECT FROM existing)
  RETURNING "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text::bigint THEN 'ID'
      WHEN "nurse" IS DISTINCT FROM $4::text THEN 'Key.AssigneeID'
      WHEN "patient" IS DISTINCT FROM $5::text THEN 'Key.SubjectID'
      WHEN "request" <> $7::text THEN 'Request'
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
    END || ';'
  )::int, 1) AS kind,
  "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
  '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, "kind of row") AS kind,
  "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
  '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM retired
UNION ALL
SELECT 3 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM existing
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits"
WHERE "nurse" = $4::text
  AND "patient" = $5::text
  AND (status <> ALL ('{completed,cancelled}'));

-- replace, retire to completed
-- Sent by Replace.
-- $1 id, $2 updated_at, $3 assignee_id, $4 subject_id, $5 created_at, $6 request, $7 tenant
WITH existing AS MATERIALIZED (
  SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
  FROM "visits"
  WHERE "id" = $1::text::bigint
), retired AS (
  UPDATE "visits"
  SET "status" = 'completed', "version" = "version" + 1, "updated_at" = $2::timestamptz
  WHERE "nurse" = $3::text
    AND "patient" = $4::text
    AND (status <> ALL ('{completed,cancelled}'))
    AND "status" NOT IN ('cancelled', 'completed')
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents a row other than the requested one: undoes the statement when a trigger changed it
  RETURNING "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request",
    COALESCE((
      'assignment-undo:UPDATE:' || CASE
        WHEN "status" IS DISTINCT FROM 'completed' THEN 'Status'
      END || ';'
    )::int, 4) AS "kind of row"
), created AS (
  INSERT INTO "visits" ("id", "nurse", "patient", "status", "created_at", "updated_at", "version",
    "request", "tenant")
  SELECT $1::text::bigint, $3::text, $4::text, 'pending'::text, $5::timestamptz, $5::timestamptz, 1,
    $6::text, $7::integer
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("nurse", "patient") WHERE (status <> ALL ('{completed,cancelled}'))
  DO NOTHING
  RETURNING "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text::bigint THEN 'ID'
      WHEN "nurse" IS DISTINCT FROM $3::text THEN 'Key.AssigneeID'
      WHEN "patient" IS DISTINCT FROM $4::text THEN 'Key.SubjectID'
      WHEN "request" <> $6::text THEN 'Request'
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
    END || ';'
  )::int, 1) AS kind,
  "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
  '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, "kind of row") AS kind,
  "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
  '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM retired
UNION ALL
SELECT 3 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM existing
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits"
WHERE "nurse" = $3::text
  AND "patient" = $4::text
  AND (status <> ALL ('{completed,cancelled}'));

-- replace, retire to completed, lock
-- Sent by Replace after two statements that created nothing, before the exact one.
-- $1 assignee_id, $2 subject_id
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE "nurse" = $1::text
  AND "patient" = $2::text
  AND (status <> ALL ('{completed,cancelled}'))
  AND "status" NOT IN ('cancelled', 'completed')
FOR UPDATE;

-- replace, retire to completed, exact
-- Sent by Replace after the lock, in the same transaction.
-- $1 id, $2 locked, $3 updated_at, $4 assignee_id, $5 subject_id, $6 created_at, $7 request,
--   $8 tenant
WITH guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "visits" ("nurse", "patient", "status")
  SELECT "nurse", "patient", "status"
  FROM "visits"
  WHERE false
  ON CONFLICT ("nurse", "patient") WHERE (status <> ALL ('{completed,cancelled}'))
  DO NOTHING
), existing AS MATERIALIZED (
  SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
  FROM "visits"
  WHERE "id" = $1::text::bigint
), retired AS (
  UPDATE "visits"
  SET "status" = 'completed', "version" = "version" + 1, "updated_at" = $3::timestamptz
  WHERE "nurse" = $4::text
    AND "patient" = $5::text
    AND (status <> ALL ('{completed,cancelled}'))
    AND "status" NOT IN ('cancelled', 'completed')
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents a row other than the requested one: undoes the statement when a trigger changed it
  RETURNING "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request",
    COALESCE((
      'assignment-undo:UPDATE:' || CASE
        WHEN "status" IS DISTINCT FROM 'completed' THEN 'Status'
      END || ';'
    )::int, 4) AS "kind of row"
), created AS (
  INSERT INTO "visits" ("id", "nurse", "patient", "status", "created_at", "updated_at", "version",
    "request", "tenant")
  SELECT $1::text::bigint, $4::text, $5::text, 'pending'::text, $6::timestamptz, $6::timestamptz, 1,
    $7::text, $8::integer
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $2::bigint
    AND NOT EXISTS (SELECT FROM existing)
  RETURNING "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text::bigint THEN 'ID'
      WHEN "nurse" IS DISTINCT FROM $4::text THEN 'Key.AssigneeID'
      WHEN "patient" IS DISTINCT FROM $5::text THEN 'Key.SubjectID'
      WHEN "request" <> $7::text THEN 'Request'
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
    END || ';'
  )::int, 1) AS kind,
  "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
  '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, "kind of row") AS kind,
  "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
  '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM retired
UNION ALL
SELECT 3 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM existing
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits"
WHERE "nurse" = $4::text
  AND "patient" = $5::text
  AND (status <> ALL ('{completed,cancelled}'));

-- reassign
-- Sent by Reassign.
-- $1 id, $2 assignee_id, $3 updated_at, $4 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
  FROM "visits"
  WHERE "id" = $1::text::bigint
), holder AS MATERIALIZED (
  -- prevents a violation, which would abort the transaction. The guard itself prevents a second
  -- active row beside a holder that is not visible yet
  SELECT holder."id", holder."nurse", holder."patient", holder."status", holder."created_at",
    holder."updated_at", holder."version", holder."request"
  FROM current
  JOIN (
    SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
    FROM "visits"
    WHERE (status <> ALL ('{completed,cancelled}'))
  ) AS holder
  ON holder."nurse" = $2::text
    AND holder."patient" = current."patient"
  WHERE holder."id" <> current."id"
), guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "visits" ("nurse", "patient", "status")
  SELECT "nurse", "patient", "status"
  FROM current
  WHERE false
  ON CONFLICT ("nurse", "patient") WHERE (status <> ALL ('{completed,cancelled}'))
  DO NOTHING
), changed AS (
  UPDATE "visits"
  SET "nurse" = $2::text, "version" = "version" + 1, "updated_at" = $3::timestamptz
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text::bigint
    AND (status <> ALL ('{completed,cancelled}'))
    AND "nurse" <> $2::text
    AND $4::bigint IN (0, "version")
    AND NOT EXISTS (SELECT FROM holder)
  RETURNING "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text::bigint THEN 'ID'
      WHEN "nurse" IS DISTINCT FROM $2::text THEN 'Key.AssigneeID'
      WHEN NOT ((status <> ALL ('{completed,cancelled}'))) THEN 'Status'
      WHEN COALESCE("version", 0) <= (SELECT "version" FROM current) THEN 'Version'
      WHEN "request" <> (SELECT current."request" FROM current) THEN 'Request'
    END || ';'
  )::int, 5) AS kind,
  "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
  '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM changed
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM holder
UNION ALL
SELECT 6 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM current;

-- transition to cancelled
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 updated_at, $3 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
  FROM "visits"
  WHERE "id" = $1::text::bigint
), changed AS (
  UPDATE "visits"
  SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = $2::timestamptz
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text::bigint
    AND "status" NOT IN ('cancelled', 'completed')
    AND $3::bigint IN (0, "version")
  RETURNING "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text::bigint THEN 'ID'
      WHEN "status" IS DISTINCT FROM 'cancelled' THEN 'Status'
      WHEN COALESCE("version", 0) <= (SELECT "version" FROM current) THEN 'Version'
      WHEN "request" <> (SELECT current."request" FROM current) THEN 'Request'
    END || ';'
  )::int, 5) AS kind,
  "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
  '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM changed
UNION ALL
SELECT 6 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM current;

-- transition to completed
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 updated_at, $3 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
  FROM "visits"
  WHERE "id" = $1::text::bigint
), changed AS (
  UPDATE "visits"
  SET "status" = 'completed', "version" = "version" + 1, "updated_at" = $2::timestamptz
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text::bigint
    AND "status" NOT IN ('cancelled', 'completed')
    AND $3::bigint IN (0, "version")
  RETURNING "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text::bigint THEN 'ID'
      WHEN "status" IS DISTINCT FROM 'completed' THEN 'Status'
      WHEN COALESCE("version", 0) <= (SELECT "version" FROM current) THEN 'Version'
      WHEN "request" <> (SELECT current."request" FROM current) THEN 'Request'
    END || ';'
  )::int, 5) AS kind,
  "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
  '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM changed
UNION ALL
SELECT 6 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM current;

-- transition to in_progress
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 updated_at, $3 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
  FROM "visits"
  WHERE "id" = $1::text::bigint
), holder AS MATERIALIZED (
  -- prevents a violation, which would abort the transaction. The guard itself prevents a second
  -- active row beside a holder that is not visible yet
  SELECT holder."id", holder."nurse", holder."patient", holder."status", holder."created_at",
    holder."updated_at", holder."version", holder."request"
  FROM current
  JOIN (
    SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
    FROM "visits"
    WHERE (status <> ALL ('{completed,cancelled}'))
  ) AS holder
  ON holder."nurse" = current."nurse"
    AND holder."patient" = current."patient"
  WHERE holder."id" <> current."id"
), guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "visits" ("nurse", "patient", "status")
  SELECT "nurse", "patient", "status"
  FROM current
  WHERE false
  ON CONFLICT ("nurse", "patient") WHERE (status <> ALL ('{completed,cancelled}'))
  DO NOTHING
), changed AS (
  UPDATE "visits"
  SET "status" = 'in_progress', "version" = "version" + 1, "updated_at" = $2::timestamptz
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text::bigint
    AND "status" IN ('pending')
    AND $3::bigint IN (0, "version")
    AND NOT EXISTS (SELECT FROM holder)
  RETURNING "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text::bigint THEN 'ID'
      WHEN "status" IS DISTINCT FROM 'in_progress' THEN 'Status'
      WHEN COALESCE("version", 0) <= (SELECT "version" FROM current) THEN 'Version'
      WHEN "request" <> (SELECT current."request" FROM current) THEN 'Request'
    END || ';'
  )::int, 5) AS kind,
  "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
  '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM changed
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM holder
UNION ALL
SELECT 6 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM current;

-- transition to pending
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 updated_at, $3 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
  FROM "visits"
  WHERE "id" = $1::text::bigint
), holder AS MATERIALIZED (
  -- prevents a violation, which would abort the transaction. The guard itself prevents a second
  -- active row beside a holder that is not visible yet
  SELECT holder."id", holder."nurse", holder."patient", holder."status", holder."created_at",
    holder."updated_at", holder."version", holder."request"
  FROM current
  JOIN (
    SELECT "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
    FROM "visits"
    WHERE (status <> ALL ('{completed,cancelled}'))
  ) AS holder
  ON holder."nurse" = current."nurse"
    AND holder."patient" = current."patient"
  WHERE holder."id" <> current."id"
), guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "visits" ("nurse", "patient", "status")
  SELECT "nurse", "patient", "status"
  FROM current
  WHERE false
  ON CONFLICT ("nurse", "patient") WHERE (status <> ALL ('{completed,cancelled}'))
  DO NOTHING
), changed AS (
  UPDATE "visits"
  SET "status" = 'pending', "version" = "version" + 1, "updated_at" = $2::timestamptz
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text::bigint
    AND "status" IN ('cancelled', 'completed')
    AND $3::bigint IN (0, "version")
    AND NOT EXISTS (SELECT FROM holder)
  RETURNING "id", "nurse", "patient", "status", "created_at", "updated_at", "version", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text::bigint THEN 'ID'
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN COALESCE("version", 0) <= (SELECT "version" FROM current) THEN 'Version'
      WHEN "request" <> (SELECT current."request" FROM current) THEN 'Request'
    END || ';'
  )::int, 5) AS kind,
  "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status", '' AS assigned_by,
  '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM changed
UNION ALL
SELECT 2 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM holder
UNION ALL
SELECT 6 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM current;

-- lock
-- Sent before a change that twice changed nothing for no reason that shows, in the same transaction.
-- $1 id
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE "id" = $1::text::bigint
FOR UPDATE;

-- get
-- Sent by Get, and by writes whose reply was lost.
-- $1 id
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE "id" = $1::text::bigint;

-- get many
-- Sent by CreateMany when triggers run after the insert.
-- $1 ids
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE "id" IN (
  SELECT requested.id::text::bigint
  FROM unnest($1::text[]) AS requested (id)
);

-- find active
-- Sent by FindActive, and by writes that the guard rejected.
-- $1 assignee_id, $2 subject_id
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE "nurse" = $1::text
  AND "patient" = $2::text
  AND (status <> ALL ('{completed,cancelled}'))
LIMIT 1;

-- lock IDs
-- Sent before inserts into a table where no index makes the ID unique.
SELECT count(pg_advisory_xact_lock(hashtextextended(convert_from(decode(id, 'hex'), 'UTF8'), 0)))
FROM (VALUES ('31'), ('32')) AS list (id);

-- list all
-- Sent by List.
-- $1 5
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
ORDER BY COALESCE(stored."created_at", '-infinity'), stored."id"::text COLLATE "C"
LIMIT $1::bigint;

-- count all
-- Sent by Count.
SELECT count(*)::text
FROM "visits" AS stored;

-- list of an assignee
-- Sent by List.
-- $1 17, $2 5
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE "nurse" = $1::text
  AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'))
ORDER BY COALESCE(stored."created_at", '-infinity'), stored."id"::text COLLATE "C"
LIMIT $2::bigint;

-- count of an assignee
-- Sent by Count.
-- $1 17
SELECT count(*)::text
FROM "visits" AS stored
WHERE "nurse" = $1::text
  AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'));

-- list of an assignee, active
-- Sent by List.
-- $1 17, $2 5
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE "nurse" = $1::text
  AND (status <> ALL ('{completed,cancelled}'))
ORDER BY COALESCE(stored."created_at", '-infinity'), stored."id"::text COLLATE "C"
LIMIT $2::bigint;

-- count of an assignee, active
-- Sent by Count.
-- $1 17
SELECT count(*)::text
FROM "visits" AS stored
WHERE "nurse" = $1::text
  AND (status <> ALL ('{completed,cancelled}'));

-- list of an assignee, active or not
-- Sent by List.
-- $1 17, $2 5
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE "nurse" = $1::text
  AND "status" IN ('pending', 'completed')
  AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'))
ORDER BY COALESCE(stored."created_at", '-infinity'), stored."id"::text COLLATE "C"
LIMIT $2::bigint;

-- count of an assignee, active or not
-- Sent by Count.
-- $1 17
SELECT count(*)::text
FROM "visits" AS stored
WHERE "nurse" = $1::text
  AND "status" IN ('pending', 'completed')
  AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'));

-- list of a subject, by status
-- Sent by List.
-- $1 18, $2 5
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE "patient" = $1::text
  AND "status" IN ('pending')
ORDER BY COALESCE(stored."created_at", '-infinity'), stored."id"::text COLLATE "C"
LIMIT $2::bigint;

-- count of a subject, by status
-- Sent by Count.
-- $1 18
SELECT count(*)::text
FROM "visits" AS stored
WHERE "patient" = $1::text
  AND "status" IN ('pending');

-- list of an account
-- Not sent: AccountID is not supported by this store: no column of the table stores it.

-- list due
-- Not sent: DueAt is not supported by this store: no column of the table stores it.

-- list after
-- Sent by List.
-- $1 1, $2 2020-01-02T03:04:05.678912345Z, $3 5
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE (COALESCE(stored."created_at", '-infinity'), stored."id"::text COLLATE "C") > ($2::timestamptz, $1::text)
ORDER BY COALESCE(stored."created_at", '-infinity'), stored."id"::text COLLATE "C"
LIMIT $3::bigint;

-- list after an ID that the column may not hold
-- Sent by List.
-- $1 x, $2 2020-01-02T03:04:05.678912345Z, $3 5
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE (COALESCE(stored."created_at", '-infinity'), stored."id"::text COLLATE "C") > ($2::timestamptz, $1::text)
ORDER BY COALESCE(stored."created_at", '-infinity'), stored."id"::text COLLATE "C"
LIMIT $3::bigint;

-- list after no time
-- Sent by List.
-- $1 1, $2 1, $3 5
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE (COALESCE(stored."created_at", '-infinity'), stored."id"::text COLLATE "C") > (COALESCE((
      SELECT min(COALESCE("created_at", '-infinity'))
      FROM "visits"
      WHERE "id" = $2::text::bigint
    ), '-infinity'), $1::text)
ORDER BY COALESCE(stored."created_at", '-infinity'), stored."id"::text COLLATE "C"
LIMIT $3::bigint;

-- list after the latest time
-- Sent by List.
-- $1 1, $2 1, $3 5
SELECT 0 AS kind, "id"::text AS id, "nurse" AS assignee_id, "patient" AS subject_id, "status",
  '' AS assigned_by, '' AS account_id, NULL::timestamptz AS due_at, "created_at", "updated_at",
  NULL::timestamptz AS completed_at, "version", '' AS metadata, "request"
FROM "visits" AS stored
WHERE (COALESCE(stored."created_at", '-infinity'), stored."id"::text COLLATE "C") > (COALESCE((
      SELECT min(COALESCE("created_at", '-infinity'))
      FROM "visits"
      WHERE "id" = $2::text::bigint
    ), 'infinity'), $1::text)
ORDER BY COALESCE(stored."created_at", '-infinity'), stored."id"::text COLLATE "C"
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
CREATE UNIQUE INDEX "visits_active_key" ON "visits" ("nurse", "patient") WHERE "status" NOT IN ('cancelled', 'completed');
