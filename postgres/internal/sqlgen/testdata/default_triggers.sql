-- create
-- Sent first by Create, unless insert one is, and by its retries.
-- $1 assignee_id, $2 subject_id, $3 id, $4 assigned_by, $5 account_id, $6 due_at, $7 created_at,
--   $8 metadata, $9 request
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM "assignments"
  WHERE false
  ON CONFLICT ("id") DO NOTHING
), holder AS MATERIALIZED (
  -- returns a conflict without a write. This check alone would leave the check-then-create
  -- race, which ON CONFLICT prevents
  SELECT 2 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
    "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
  FROM "assignments"
  WHERE "assignee_id" = $1::text
    AND "subject_id" = $2::text
    AND "status" NOT IN ('cancelled', 'completed')
  LIMIT 1
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by",
    "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata",
    "request")
  SELECT $3::text, $1::text, $2::text, 'pending'::text, $4::text, $5::text, $6::timestamptz,
    $7::timestamptz, $7::timestamptz, NULL, 1, $8::text::jsonb, $9::text
  WHERE NOT EXISTS (SELECT FROM holder)
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
  -- prevents a row other than the requested one: undoes the statement when a trigger changed it
  RETURNING
    COALESCE((
      'assignment-undo:INSERT:' || CASE
        WHEN "id" IS DISTINCT FROM $3::text THEN 'ID'
        WHEN "assignee_id" IS DISTINCT FROM $1::text THEN 'Key.AssigneeID'
        WHEN "subject_id" IS DISTINCT FROM $2::text THEN 'Key.SubjectID'
        WHEN "request" <> $9::text THEN 'Request'
        WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
        WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
      END || ';'
    )::int, 1) AS kind,
    "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
    "updated_at", "completed_at", "version", "metadata", "request"
)
TABLE created
UNION ALL
TABLE holder
UNION ALL
-- prevents a conflict between a repeated call and the present holder: it gets its row
SELECT 3 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments"
WHERE "id" = $3::text
  AND EXISTS (SELECT FROM holder);

-- create, exact
-- Sent by Create after two statements that created nothing and found no holder.
-- $1 id, $2 assignee_id, $3 subject_id, $4 assigned_by, $5 account_id, $6 due_at, $7 created_at,
--   $8 metadata, $9 request
WITH guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM "assignments"
  WHERE false
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
), identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM "assignments"
  WHERE false
  ON CONFLICT ("id") DO NOTHING
), existing AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
  FROM "assignments"
  WHERE "id" = $1::text
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by",
    "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata",
    "request")
  SELECT $1::text, $2::text, $3::text, 'pending'::text, $4::text, $5::text, $6::timestamptz,
    $7::timestamptz, $7::timestamptz, NULL, 1, $8::text::jsonb, $9::text
  WHERE NOT EXISTS (SELECT FROM existing)
  -- prevents a row other than the requested one: undoes the statement when a trigger changed it
  RETURNING
    COALESCE((
      'assignment-undo:INSERT:' || CASE
        WHEN "id" IS DISTINCT FROM $1::text THEN 'ID'
        WHEN "assignee_id" IS DISTINCT FROM $2::text THEN 'Key.AssigneeID'
        WHEN "subject_id" IS DISTINCT FROM $3::text THEN 'Key.SubjectID'
        WHEN "request" <> $9::text THEN 'Request'
        WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
        WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
      END || ';'
    )::int, 1) AS kind,
    "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
    "updated_at", "completed_at", "version", "metadata", "request"
)
TABLE created
UNION ALL
SELECT 3 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM existing;

-- insert one
-- Sent first by Create when the ID is new and the last 64 creates found their slots free.
-- $1 id, $2 assignee_id, $3 subject_id, $4 assigned_by, $5 account_id, $6 due_at, $7 created_at,
--   $8 metadata, $9 request
INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by",
  "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata",
  "request")
VALUES ($1::text, $2::text, $3::text, 'pending'::text, $4::text, $5::text, $6::timestamptz,
  $7::timestamptz, $7::timestamptz, NULL, 1, $8::text::jsonb, $9::text)
-- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
-- and inserts nothing beside its row. That is no violation: the transaction remains usable
ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
DO NOTHING;

-- insert batch
-- Sent by Creates under new IDs that share a statement.
-- $1 id[], $2 assignee_id[], $3 subject_id[], $4 assigned_by[], $5 account_id[], $6 due_at[],
--   $7 created_at[], $8 metadata[], $9 request[]
WITH created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by",
    "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata",
    "request")
  SELECT item.id::text, item.assignee_id::text, item.subject_id::text, 'pending'::text,
    NULLIF(item.assigned_by, '')::text, NULLIF(item.account_id, '')::text,
    NULLIF(item.due_at, '')::timestamptz, NULLIF(item.created_at, '')::timestamptz,
    NULLIF(item.created_at, '')::timestamptz, NULL, 1, NULLIF(item.metadata, '')::text::jsonb,
    NULLIF(item.request, '')::text
  FROM (
    SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id,
      unnest($3::text[]) AS subject_id, unnest($4::text[]) AS assigned_by,
      unnest($5::text[]) AS account_id, unnest($6::text[]) AS due_at, unnest($7::text[]) AS created_at,
      unnest($8::text[]) AS metadata, unnest($9::text[]) AS request
  ) AS item
  -- prevents a lock that one call waits for from delaying the others: bounds the wait of them all
  WHERE set_config('lock_timeout', GREATEST(1, ceil(
      LEAST(
        (SELECT NULLIF(date_part('epoch', current_setting('lock_timeout')::interval), 0) * 1000),
        10
      ) - date_part('epoch', clock_timestamp() - statement_timestamp()) * 1000
    ))::text, true) <> ''
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "id"
)
SELECT CASE count(*)
    WHEN cardinality($1::text[]) THEN 'all'
    ELSE COALESCE(json_agg(id), '[]')::text
  END
FROM created;

-- create many
-- Sent first by CreateMany.
-- $1 id[], $2 assignee_id[], $3 subject_id[], $4 assigned_by[], $5 account_id[], $6 due_at[],
--   $7 created_at[], $8 metadata[], $9 request[]
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM "assignments"
  WHERE false
  ON CONFLICT ("id") DO NOTHING
), sent AS (
  SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id,
    unnest($3::text[]) AS subject_id, unnest($4::text[]) AS assigned_by,
    unnest($5::text[]) AS account_id, unnest($6::text[]) AS due_at, unnest($7::text[]) AS created_at,
    unnest($8::text[]) AS metadata, unnest($9::text[]) AS request
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by",
    "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata",
    "request")
  SELECT item.id::text, item.assignee_id::text, item.subject_id::text, 'pending'::text,
    NULLIF(item.assigned_by, '')::text, NULLIF(item.account_id, '')::text,
    NULLIF(item.due_at, '')::timestamptz, NULLIF(item.created_at, '')::timestamptz,
    NULLIF(item.created_at, '')::timestamptz, NULL, 1, NULLIF(item.metadata, '')::text::jsonb,
    NULLIF(item.request, '')::text
  FROM (
    SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id,
      unnest($3::text[]) AS subject_id, unnest($4::text[]) AS assigned_by,
      unnest($5::text[]) AS account_id, unnest($6::text[]) AS due_at, unnest($7::text[]) AS created_at,
      unnest($8::text[]) AS metadata, unnest($9::text[]) AS request
  ) AS item
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
), rejected AS MATERIALIZED (
  -- most batches are created whole: then nothing below is evaluated
  SELECT item.*
  FROM (SELECT count(*) AS n FROM created) AS done
  CROSS JOIN LATERAL (
    SELECT *
    FROM (
      SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id, unnest($3::text[]) AS subject_id
    ) AS item
    WHERE item.id::text NOT IN (SELECT "id" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
    END || ';'
  )::int, COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN (created."id", created."assignee_id", created."subject_id")
          IN (SELECT sent.id::text, sent.assignee_id::text, sent.subject_id::text FROM sent)
        AND (created."request" IS NULL
          OR (created."id", created."request") IN (SELECT sent.id::text, sent.request FROM sent)
          OR (created."id", '') IN (SELECT sent.id::text, sent.request FROM sent)) THEN NULL
      WHEN NOT EXISTS (
          SELECT FROM sent
          WHERE created."id" = sent.id::text
        ) THEN 'ID'
      WHEN NOT EXISTS (
          SELECT FROM sent
          WHERE created."id" = sent.id::text
            AND created."assignee_id" = sent.assignee_id::text
        ) THEN 'Key.AssigneeID'
      WHEN NOT EXISTS (
          SELECT FROM sent
          WHERE created."id" = sent.id::text
            AND created."assignee_id" = sent.assignee_id::text
            AND created."subject_id" = sent.subject_id::text
        ) THEN 'Key.SubjectID'
      WHEN true THEN 'Request'
    END || ';'
  )::int, 1)) AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM created
UNION ALL
SELECT 2 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM (
  SELECT holder."id", holder."assignee_id", holder."subject_id", holder."status",
    holder."assigned_by", holder."account_id", holder."due_at", holder."created_at",
    holder."updated_at", holder."completed_at", holder."version", holder."metadata", holder."request"
  FROM rejected
  JOIN (
    SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
      "created_at", "updated_at", "completed_at", "version", "metadata", "request"
    FROM "assignments"
    WHERE "status" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."assignee_id" = rejected.assignee_id::text
    AND holder."subject_id" = rejected.subject_id::text
) AS holder
UNION ALL
SELECT 3 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM (
  SELECT existing."id", existing."assignee_id", existing."subject_id", existing."status",
    existing."assigned_by", existing."account_id", existing."due_at", existing."created_at",
    existing."updated_at", existing."completed_at", existing."version", existing."metadata",
    existing."request"
  FROM rejected
  JOIN "assignments" AS existing
  ON existing."id" = rejected.id::text
) AS existing
UNION ALL
SELECT 7, id, assignee_id, subject_id, '', '', '', NULL, NULL, NULL, NULL, 0, NULL, NULL
FROM rejected;

-- create many, uniform
-- Sent first by CreateMany when the rows differ in ID, key and fingerprint alone.
-- $1 id[], $2 assignee_id[], $3 subject_id[], $4 assigned_by, $5 account_id, $6 due_at,
--   $7 created_at, $8 metadata, $9 request[]
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM "assignments"
  WHERE false
  ON CONFLICT ("id") DO NOTHING
), sent AS (
  SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id,
    unnest($3::text[]) AS subject_id, unnest($9::text[]) AS request
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by",
    "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata",
    "request")
  SELECT item.id::text, item.assignee_id::text, item.subject_id::text, 'pending'::text, $4::text,
    $5::text, $6::timestamptz, $7::timestamptz, $7::timestamptz, NULL, 1, $8::text::jsonb,
    NULLIF(item.request, '')::text
  FROM (
    SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id,
      unnest($3::text[]) AS subject_id, unnest($9::text[]) AS request
  ) AS item
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
), rejected AS MATERIALIZED (
  -- most batches are created whole: then nothing below is evaluated
  SELECT item.*
  FROM (SELECT count(*) AS n FROM created) AS done
  CROSS JOIN LATERAL (
    SELECT *
    FROM (
      SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id, unnest($3::text[]) AS subject_id
    ) AS item
    WHERE item.id::text NOT IN (SELECT "id" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
    END || ';'
  )::int, COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN (created."id", created."assignee_id", created."subject_id")
          IN (SELECT sent.id::text, sent.assignee_id::text, sent.subject_id::text FROM sent)
        AND (created."request" IS NULL
          OR (created."id", created."request") IN (SELECT sent.id::text, sent.request FROM sent)
          OR (created."id", '') IN (SELECT sent.id::text, sent.request FROM sent)) THEN NULL
      WHEN NOT EXISTS (
          SELECT FROM sent
          WHERE created."id" = sent.id::text
        ) THEN 'ID'
      WHEN NOT EXISTS (
          SELECT FROM sent
          WHERE created."id" = sent.id::text
            AND created."assignee_id" = sent.assignee_id::text
        ) THEN 'Key.AssigneeID'
      WHEN NOT EXISTS (
          SELECT FROM sent
          WHERE created."id" = sent.id::text
            AND created."assignee_id" = sent.assignee_id::text
            AND created."subject_id" = sent.subject_id::text
        ) THEN 'Key.SubjectID'
      WHEN true THEN 'Request'
    END || ';'
  )::int, 1)) AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM created
UNION ALL
SELECT 2 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM (
  SELECT holder."id", holder."assignee_id", holder."subject_id", holder."status",
    holder."assigned_by", holder."account_id", holder."due_at", holder."created_at",
    holder."updated_at", holder."completed_at", holder."version", holder."metadata", holder."request"
  FROM rejected
  JOIN (
    SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
      "created_at", "updated_at", "completed_at", "version", "metadata", "request"
    FROM "assignments"
    WHERE "status" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."assignee_id" = rejected.assignee_id::text
    AND holder."subject_id" = rejected.subject_id::text
) AS holder
UNION ALL
SELECT 3 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM (
  SELECT existing."id", existing."assignee_id", existing."subject_id", existing."status",
    existing."assigned_by", existing."account_id", existing."due_at", existing."created_at",
    existing."updated_at", existing."completed_at", existing."version", existing."metadata",
    existing."request"
  FROM rejected
  JOIN "assignments" AS existing
  ON existing."id" = rejected.id::text
) AS existing
UNION ALL
SELECT 7, id, assignee_id, subject_id, '', '', '', NULL, NULL, NULL, NULL, 0, NULL, NULL
FROM rejected;

-- create many, careful
-- Sent by CreateMany after an attempt that may have created some of the rows.
-- $1 id[], $2 assignee_id[], $3 subject_id[], $4 assigned_by[], $5 account_id[], $6 due_at[],
--   $7 created_at[], $8 metadata[], $9 request[]
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM "assignments"
  WHERE false
  ON CONFLICT ("id") DO NOTHING
), sent AS (
  SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id,
    unnest($3::text[]) AS subject_id, unnest($4::text[]) AS assigned_by,
    unnest($5::text[]) AS account_id, unnest($6::text[]) AS due_at, unnest($7::text[]) AS created_at,
    unnest($8::text[]) AS metadata, unnest($9::text[]) AS request
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by",
    "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata",
    "request")
  SELECT item.id::text, item.assignee_id::text, item.subject_id::text, 'pending'::text,
    NULLIF(item.assigned_by, '')::text, NULLIF(item.account_id, '')::text,
    NULLIF(item.due_at, '')::timestamptz, NULLIF(item.created_at, '')::timestamptz,
    NULLIF(item.created_at, '')::timestamptz, NULL, 1, NULLIF(item.metadata, '')::text::jsonb,
    NULLIF(item.request, '')::text
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[])
    WITH ORDINALITY AS item (id, assignee_id, subject_id, assigned_by, account_id, due_at,
    created_at, metadata, request, n)
  -- prevents a second row for one that an earlier attempt created
  WHERE NOT EXISTS (
    SELECT FROM "assignments" AS existing
    WHERE existing."id" = item.id::text
  )
  -- prevents deadlocks between batches: all insert in the same order
  ORDER BY item.n
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
), rejected AS MATERIALIZED (
  -- most batches are created whole: then nothing below is evaluated
  SELECT item.*
  FROM (SELECT count(*) AS n FROM created) AS done
  CROSS JOIN LATERAL (
    SELECT *
    FROM (
      SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id, unnest($3::text[]) AS subject_id
    ) AS item
    WHERE item.id::text NOT IN (SELECT "id" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
    END || ';'
  )::int, COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN (created."id", created."assignee_id", created."subject_id")
          IN (SELECT sent.id::text, sent.assignee_id::text, sent.subject_id::text FROM sent)
        AND (created."request" IS NULL
          OR (created."id", created."request") IN (SELECT sent.id::text, sent.request FROM sent)
          OR (created."id", '') IN (SELECT sent.id::text, sent.request FROM sent)) THEN NULL
      WHEN NOT EXISTS (
          SELECT FROM sent
          WHERE created."id" = sent.id::text
        ) THEN 'ID'
      WHEN NOT EXISTS (
          SELECT FROM sent
          WHERE created."id" = sent.id::text
            AND created."assignee_id" = sent.assignee_id::text
        ) THEN 'Key.AssigneeID'
      WHEN NOT EXISTS (
          SELECT FROM sent
          WHERE created."id" = sent.id::text
            AND created."assignee_id" = sent.assignee_id::text
            AND created."subject_id" = sent.subject_id::text
        ) THEN 'Key.SubjectID'
      WHEN true THEN 'Request'
    END || ';'
  )::int, 1)) AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM created
UNION ALL
SELECT 2 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM (
  SELECT holder."id", holder."assignee_id", holder."subject_id", holder."status",
    holder."assigned_by", holder."account_id", holder."due_at", holder."created_at",
    holder."updated_at", holder."completed_at", holder."version", holder."metadata", holder."request"
  FROM rejected
  JOIN (
    SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
      "created_at", "updated_at", "completed_at", "version", "metadata", "request"
    FROM "assignments"
    WHERE "status" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."assignee_id" = rejected.assignee_id::text
    AND holder."subject_id" = rejected.subject_id::text
) AS holder
UNION ALL
SELECT 3 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM (
  SELECT existing."id", existing."assignee_id", existing."subject_id", existing."status",
    existing."assigned_by", existing."account_id", existing."due_at", existing."created_at",
    existing."updated_at", existing."completed_at", existing."version", existing."metadata",
    existing."request"
  FROM rejected
  JOIN "assignments" AS existing
  ON existing."id" = rejected.id::text
) AS existing
UNION ALL
SELECT 7, id, assignee_id, subject_id, '', '', '', NULL, NULL, NULL, NULL, 0, NULL, NULL
FROM rejected;

-- create many, careful and uniform
-- Sent by CreateMany after such an attempt when the rows differ in ID, key and fingerprint alone.
-- $1 id[], $2 assignee_id[], $3 subject_id[], $4 assigned_by, $5 account_id, $6 due_at,
--   $7 created_at, $8 metadata, $9 request[]
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM "assignments"
  WHERE false
  ON CONFLICT ("id") DO NOTHING
), sent AS (
  SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id,
    unnest($3::text[]) AS subject_id, unnest($9::text[]) AS request
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by",
    "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata",
    "request")
  SELECT item.id::text, item.assignee_id::text, item.subject_id::text, 'pending'::text, $4::text,
    $5::text, $6::timestamptz, $7::timestamptz, $7::timestamptz, NULL, 1, $8::text::jsonb,
    NULLIF(item.request, '')::text
  FROM unnest($1::text[], $2::text[], $3::text[], $9::text[])
    WITH ORDINALITY AS item (id, assignee_id, subject_id, request, n)
  -- prevents a second row for one that an earlier attempt created
  WHERE NOT EXISTS (
    SELECT FROM "assignments" AS existing
    WHERE existing."id" = item.id::text
  )
  -- prevents deadlocks between batches: all insert in the same order
  ORDER BY item.n
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
), rejected AS MATERIALIZED (
  -- most batches are created whole: then nothing below is evaluated
  SELECT item.*
  FROM (SELECT count(*) AS n FROM created) AS done
  CROSS JOIN LATERAL (
    SELECT *
    FROM (
      SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id, unnest($3::text[]) AS subject_id
    ) AS item
    WHERE item.id::text NOT IN (SELECT "id" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
    END || ';'
  )::int, COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN (created."id", created."assignee_id", created."subject_id")
          IN (SELECT sent.id::text, sent.assignee_id::text, sent.subject_id::text FROM sent)
        AND (created."request" IS NULL
          OR (created."id", created."request") IN (SELECT sent.id::text, sent.request FROM sent)
          OR (created."id", '') IN (SELECT sent.id::text, sent.request FROM sent)) THEN NULL
      WHEN NOT EXISTS (
          SELECT FROM sent
          WHERE created."id" = sent.id::text
        ) THEN 'ID'
      WHEN NOT EXISTS (
          SELECT FROM sent
          WHERE created."id" = sent.id::text
            AND created."assignee_id" = sent.assignee_id::text
        ) THEN 'Key.AssigneeID'
      WHEN NOT EXISTS (
          SELECT FROM sent
          WHERE created."id" = sent.id::text
            AND created."assignee_id" = sent.assignee_id::text
            AND created."subject_id" = sent.subject_id::text
        ) THEN 'Key.SubjectID'
      WHEN true THEN 'Request'
    END || ';'
  )::int, 1)) AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM created
UNION ALL
SELECT 2 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM (
  SELECT holder."id", holder."assignee_id", holder."subject_id", holder."status",
    holder."assigned_by", holder."account_id", holder."due_at", holder."created_at",
    holder."updated_at", holder."completed_at", holder."version", holder."metadata", holder."request"
  FROM rejected
  JOIN (
    SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
      "created_at", "updated_at", "completed_at", "version", "metadata", "request"
    FROM "assignments"
    WHERE "status" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."assignee_id" = rejected.assignee_id::text
    AND holder."subject_id" = rejected.subject_id::text
) AS holder
UNION ALL
SELECT 3 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM (
  SELECT existing."id", existing."assignee_id", existing."subject_id", existing."status",
    existing."assigned_by", existing."account_id", existing."due_at", existing."created_at",
    existing."updated_at", existing."completed_at", existing."version", existing."metadata",
    existing."request"
  FROM rejected
  JOIN "assignments" AS existing
  ON existing."id" = rejected.id::text
) AS existing
UNION ALL
SELECT 7, id, assignee_id, subject_id, '', '', '', NULL, NULL, NULL, NULL, 0, NULL, NULL
FROM rejected;

-- replace, retire to cancelled
-- Sent by Replace.
-- $1 id, $2 updated_at, $3 completed_at, $4 assignee_id, $5 subject_id, $6 assigned_by,
--   $7 account_id, $8 due_at, $9 created_at, $10 metadata, $11 request
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM "assignments"
  WHERE false
  ON CONFLICT ("id") DO NOTHING
), existing AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
  FROM "assignments"
  WHERE "id" = $1::text
), retired AS (
  UPDATE "assignments"
  SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = $2::timestamptz,
    "completed_at" = $3::timestamptz
  WHERE "assignee_id" = $4::text
    AND "subject_id" = $5::text
    AND "status" NOT IN ('cancelled', 'completed')
    AND "status" NOT IN ('cancelled', 'completed')
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents a row other than the requested one: undoes the statement when a trigger changed it
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request",
    COALESCE((
      'assignment-undo:UPDATE:' || CASE
        WHEN "status" IS DISTINCT FROM 'cancelled' THEN 'Status'
      END || ';'
    )::int, 4) AS "kind of row"
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by",
    "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata",
    "request")
  SELECT $1::text, $4::text, $5::text, 'pending'::text, $6::text, $7::text, $8::timestamptz,
    $9::timestamptz, $9::timestamptz, NULL, 1, $10::text::jsonb, $11::text
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text THEN 'ID'
      WHEN "assignee_id" IS DISTINCT FROM $4::text THEN 'Key.AssigneeID'
      WHEN "subject_id" IS DISTINCT FROM $5::text THEN 'Key.SubjectID'
      WHEN "request" <> $11::text THEN 'Request'
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
    END || ';'
  )::int, 1) AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, "kind of row") AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM retired
UNION ALL
SELECT 3 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM existing
UNION ALL
SELECT 2 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments"
WHERE "assignee_id" = $4::text
  AND "subject_id" = $5::text
  AND "status" NOT IN ('cancelled', 'completed');

-- replace, retire to cancelled, lock
-- Sent by Replace after two statements that created nothing, before the exact one.
-- $1 assignee_id, $2 subject_id
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE "assignee_id" = $1::text
  AND "subject_id" = $2::text
  AND "status" NOT IN ('cancelled', 'completed')
  AND "status" NOT IN ('cancelled', 'completed')
FOR UPDATE;

-- replace, retire to cancelled, exact
-- Sent by Replace after the lock, in the same transaction.
-- $1 id, $2 locked, $3 updated_at, $4 completed_at, $5 assignee_id, $6 subject_id, $7 assigned_by,
--   $8 account_id, $9 due_at, $10 created_at, $11 metadata, $12 request
WITH guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM "assignments"
  WHERE false
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
), identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM "assignments"
  WHERE false
  ON CONFLICT ("id") DO NOTHING
), existing AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
  FROM "assignments"
  WHERE "id" = $1::text
), retired AS (
  UPDATE "assignments"
  SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = $3::timestamptz,
    "completed_at" = $4::timestamptz
  WHERE "assignee_id" = $5::text
    AND "subject_id" = $6::text
    AND "status" NOT IN ('cancelled', 'completed')
    AND "status" NOT IN ('cancelled', 'completed')
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents a row other than the requested one: undoes the statement when a trigger changed it
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request",
    COALESCE((
      'assignment-undo:UPDATE:' || CASE
        WHEN "status" IS DISTINCT FROM 'cancelled' THEN 'Status'
      END || ';'
    )::int, 4) AS "kind of row"
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by",
    "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata",
    "request")
  SELECT $1::text, $5::text, $6::text, 'pending'::text, $7::text, $8::text, $9::timestamptz,
    $10::timestamptz, $10::timestamptz, NULL, 1, $11::text::jsonb, $12::text
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $2::bigint
    AND NOT EXISTS (SELECT FROM existing)
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text THEN 'ID'
      WHEN "assignee_id" IS DISTINCT FROM $5::text THEN 'Key.AssigneeID'
      WHEN "subject_id" IS DISTINCT FROM $6::text THEN 'Key.SubjectID'
      WHEN "request" <> $12::text THEN 'Request'
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
    END || ';'
  )::int, 1) AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, "kind of row") AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM retired
UNION ALL
SELECT 3 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM existing
UNION ALL
SELECT 2 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments"
WHERE "assignee_id" = $5::text
  AND "subject_id" = $6::text
  AND "status" NOT IN ('cancelled', 'completed');

-- replace, retire to completed
-- Sent by Replace.
-- $1 id, $2 updated_at, $3 completed_at, $4 assignee_id, $5 subject_id, $6 assigned_by,
--   $7 account_id, $8 due_at, $9 created_at, $10 metadata, $11 request
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM "assignments"
  WHERE false
  ON CONFLICT ("id") DO NOTHING
), existing AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
  FROM "assignments"
  WHERE "id" = $1::text
), retired AS (
  UPDATE "assignments"
  SET "status" = 'completed', "version" = "version" + 1, "updated_at" = $2::timestamptz,
    "completed_at" = $3::timestamptz
  WHERE "assignee_id" = $4::text
    AND "subject_id" = $5::text
    AND "status" NOT IN ('cancelled', 'completed')
    AND "status" NOT IN ('cancelled', 'completed')
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents a row other than the requested one: undoes the statement when a trigger changed it
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request",
    COALESCE((
      'assignment-undo:UPDATE:' || CASE
        WHEN "status" IS DISTINCT FROM 'completed' THEN 'Status'
      END || ';'
    )::int, 4) AS "kind of row"
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by",
    "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata",
    "request")
  SELECT $1::text, $4::text, $5::text, 'pending'::text, $6::text, $7::text, $8::timestamptz,
    $9::timestamptz, $9::timestamptz, NULL, 1, $10::text::jsonb, $11::text
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text THEN 'ID'
      WHEN "assignee_id" IS DISTINCT FROM $4::text THEN 'Key.AssigneeID'
      WHEN "subject_id" IS DISTINCT FROM $5::text THEN 'Key.SubjectID'
      WHEN "request" <> $11::text THEN 'Request'
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
    END || ';'
  )::int, 1) AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, "kind of row") AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM retired
UNION ALL
SELECT 3 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM existing
UNION ALL
SELECT 2 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments"
WHERE "assignee_id" = $4::text
  AND "subject_id" = $5::text
  AND "status" NOT IN ('cancelled', 'completed');

-- replace, retire to completed, lock
-- Sent by Replace after two statements that created nothing, before the exact one.
-- $1 assignee_id, $2 subject_id
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE "assignee_id" = $1::text
  AND "subject_id" = $2::text
  AND "status" NOT IN ('cancelled', 'completed')
  AND "status" NOT IN ('cancelled', 'completed')
FOR UPDATE;

-- replace, retire to completed, exact
-- Sent by Replace after the lock, in the same transaction.
-- $1 id, $2 locked, $3 updated_at, $4 completed_at, $5 assignee_id, $6 subject_id, $7 assigned_by,
--   $8 account_id, $9 due_at, $10 created_at, $11 metadata, $12 request
WITH guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM "assignments"
  WHERE false
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
), identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM "assignments"
  WHERE false
  ON CONFLICT ("id") DO NOTHING
), existing AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
  FROM "assignments"
  WHERE "id" = $1::text
), retired AS (
  UPDATE "assignments"
  SET "status" = 'completed', "version" = "version" + 1, "updated_at" = $3::timestamptz,
    "completed_at" = $4::timestamptz
  WHERE "assignee_id" = $5::text
    AND "subject_id" = $6::text
    AND "status" NOT IN ('cancelled', 'completed')
    AND "status" NOT IN ('cancelled', 'completed')
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents a row other than the requested one: undoes the statement when a trigger changed it
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request",
    COALESCE((
      'assignment-undo:UPDATE:' || CASE
        WHEN "status" IS DISTINCT FROM 'completed' THEN 'Status'
      END || ';'
    )::int, 4) AS "kind of row"
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by",
    "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata",
    "request")
  SELECT $1::text, $5::text, $6::text, 'pending'::text, $7::text, $8::text, $9::timestamptz,
    $10::timestamptz, $10::timestamptz, NULL, 1, $11::text::jsonb, $12::text
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $2::bigint
    AND NOT EXISTS (SELECT FROM existing)
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:INSERT:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text THEN 'ID'
      WHEN "assignee_id" IS DISTINCT FROM $5::text THEN 'Key.AssigneeID'
      WHEN "subject_id" IS DISTINCT FROM $6::text THEN 'Key.SubjectID'
      WHEN "request" <> $12::text THEN 'Request'
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN "version" IS DISTINCT FROM 1 THEN 'Version'
    END || ';'
  )::int, 1) AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, "kind of row") AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM retired
UNION ALL
SELECT 3 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM existing
UNION ALL
SELECT 2 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments"
WHERE "assignee_id" = $5::text
  AND "subject_id" = $6::text
  AND "status" NOT IN ('cancelled', 'completed');

-- reassign
-- Sent by Reassign.
-- $1 id, $2 assignee_id, $3 updated_at, $4 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
  FROM "assignments"
  WHERE "id" = $1::text
), holder AS MATERIALIZED (
  -- prevents a violation, which would abort the transaction. The guard itself prevents a second
  -- active row beside a holder that is not visible yet
  SELECT holder."id", holder."assignee_id", holder."subject_id", holder."status",
    holder."assigned_by", holder."account_id", holder."due_at", holder."created_at",
    holder."updated_at", holder."completed_at", holder."version", holder."metadata", holder."request"
  FROM current
  JOIN (
    SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
      "created_at", "updated_at", "completed_at", "version", "metadata", "request"
    FROM "assignments"
    WHERE "status" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."assignee_id" = $2::text
    AND holder."subject_id" = current."subject_id"
  WHERE holder."id" <> current."id"
), guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM current
  WHERE false
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
), changed AS (
  UPDATE "assignments"
  SET "assignee_id" = $2::text, "version" = "version" + 1, "updated_at" = $3::timestamptz
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text
    AND "status" NOT IN ('cancelled', 'completed')
    AND "assignee_id" <> $2::text
    AND $4::bigint IN (0, "version")
    AND NOT EXISTS (SELECT FROM holder)
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text THEN 'ID'
      WHEN "assignee_id" IS DISTINCT FROM $2::text THEN 'Key.AssigneeID'
      WHEN NOT ("status" NOT IN ('cancelled', 'completed')) THEN 'Status'
      WHEN COALESCE("version", 0) <= (SELECT "version" FROM current) THEN 'Version'
      WHEN "request" <> (SELECT current."request" FROM current) THEN 'Request'
    END || ';'
  )::int, 5) AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM changed
UNION ALL
SELECT 2 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM holder
UNION ALL
SELECT 6 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM current;

-- transition to cancelled
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 updated_at, $3 completed_at, $4 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
  FROM "assignments"
  WHERE "id" = $1::text
), changed AS (
  UPDATE "assignments"
  SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = $2::timestamptz,
    "completed_at" = $3::timestamptz
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text
    AND "status" NOT IN ('cancelled', 'completed')
    AND $4::bigint IN (0, "version")
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text THEN 'ID'
      WHEN "status" IS DISTINCT FROM 'cancelled' THEN 'Status'
      WHEN COALESCE("version", 0) <= (SELECT "version" FROM current) THEN 'Version'
      WHEN "request" <> (SELECT current."request" FROM current) THEN 'Request'
    END || ';'
  )::int, 5) AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM changed
UNION ALL
SELECT 6 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM current;

-- transition to completed
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 updated_at, $3 completed_at, $4 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
  FROM "assignments"
  WHERE "id" = $1::text
), changed AS (
  UPDATE "assignments"
  SET "status" = 'completed', "version" = "version" + 1, "updated_at" = $2::timestamptz,
    "completed_at" = $3::timestamptz
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text
    AND "status" NOT IN ('cancelled', 'completed')
    AND $4::bigint IN (0, "version")
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text THEN 'ID'
      WHEN "status" IS DISTINCT FROM 'completed' THEN 'Status'
      WHEN COALESCE("version", 0) <= (SELECT "version" FROM current) THEN 'Version'
      WHEN "request" <> (SELECT current."request" FROM current) THEN 'Request'
    END || ';'
  )::int, 5) AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM changed
UNION ALL
SELECT 6 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM current;

-- transition to in_progress
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 updated_at, $3 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
  FROM "assignments"
  WHERE "id" = $1::text
), holder AS MATERIALIZED (
  -- prevents a violation, which would abort the transaction. The guard itself prevents a second
  -- active row beside a holder that is not visible yet
  SELECT holder."id", holder."assignee_id", holder."subject_id", holder."status",
    holder."assigned_by", holder."account_id", holder."due_at", holder."created_at",
    holder."updated_at", holder."completed_at", holder."version", holder."metadata", holder."request"
  FROM current
  JOIN (
    SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
      "created_at", "updated_at", "completed_at", "version", "metadata", "request"
    FROM "assignments"
    WHERE "status" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."assignee_id" = current."assignee_id"
    AND holder."subject_id" = current."subject_id"
  WHERE holder."id" <> current."id"
), guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM current
  WHERE false
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
), changed AS (
  UPDATE "assignments"
  SET "status" = 'in_progress', "version" = "version" + 1, "updated_at" = $2::timestamptz,
    "completed_at" = NULL
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text
    AND "status" IN ('pending')
    AND $3::bigint IN (0, "version")
    AND NOT EXISTS (SELECT FROM holder)
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text THEN 'ID'
      WHEN "status" IS DISTINCT FROM 'in_progress' THEN 'Status'
      WHEN COALESCE("version", 0) <= (SELECT "version" FROM current) THEN 'Version'
      WHEN "request" <> (SELECT current."request" FROM current) THEN 'Request'
    END || ';'
  )::int, 5) AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM changed
UNION ALL
SELECT 2 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM holder
UNION ALL
SELECT 6 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM current;

-- transition to pending
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 updated_at, $3 if_version
WITH current AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
  FROM "assignments"
  WHERE "id" = $1::text
), holder AS MATERIALIZED (
  -- prevents a violation, which would abort the transaction. The guard itself prevents a second
  -- active row beside a holder that is not visible yet
  SELECT holder."id", holder."assignee_id", holder."subject_id", holder."status",
    holder."assigned_by", holder."account_id", holder."due_at", holder."created_at",
    holder."updated_at", holder."completed_at", holder."version", holder."metadata", holder."request"
  FROM current
  JOIN (
    SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
      "created_at", "updated_at", "completed_at", "version", "metadata", "request"
    FROM "assignments"
    WHERE "status" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."assignee_id" = current."assignee_id"
    AND holder."subject_id" = current."subject_id"
  WHERE holder."id" <> current."id"
), guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status")
  SELECT "assignee_id", "subject_id", "status"
  FROM current
  WHERE false
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed')
  DO NOTHING
), changed AS (
  UPDATE "assignments"
  SET "status" = 'pending', "version" = "version" + 1, "updated_at" = $2::timestamptz,
    "completed_at" = NULL
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "id" = $1::text
    AND "status" IN ('cancelled', 'completed')
    AND $3::bigint IN (0, "version")
    AND NOT EXISTS (SELECT FROM holder)
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at",
    "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
-- prevents a row other than the requested one: undoes the statement when a trigger changed it
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN "id" IS DISTINCT FROM $1::text THEN 'ID'
      WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status'
      WHEN COALESCE("version", 0) <= (SELECT "version" FROM current) THEN 'Version'
      WHEN "request" <> (SELECT current."request" FROM current) THEN 'Request'
    END || ';'
  )::int, 5) AS kind,
  "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at",
  "updated_at", "completed_at", "version", "metadata", "request"
FROM changed
UNION ALL
SELECT 2 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM holder
UNION ALL
SELECT 6 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM current;

-- lock
-- Sent before a change that twice changed nothing for no reason that shows, in the same transaction.
-- $1 id
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE "id" = $1::text
FOR UPDATE;

-- get
-- Sent by Get, and by writes whose reply was lost.
-- $1 id
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE "id" = $1::text;

-- get many
-- Sent by CreateMany when triggers run after the insert.
-- $1 ids
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE "id" IN (
  SELECT requested.id::text
  FROM unnest($1::text[]) AS requested (id)
);

-- find active
-- Sent by FindActive, and by writes that the guard rejected.
-- $1 assignee_id, $2 subject_id
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE "assignee_id" = $1::text
  AND "subject_id" = $2::text
  AND "status" NOT IN ('cancelled', 'completed')
LIMIT 1;

-- lock IDs
-- Sent before inserts into a table where no index makes the ID unique.
SELECT count(pg_advisory_xact_lock(hashtextextended(convert_from(decode(id, 'hex'), 'UTF8'), 0)))
FROM (VALUES ('31'), ('32')) AS list (id);

-- list all
-- Sent by List.
-- $1 5
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
ORDER BY stored."created_at", stored."id" COLLATE "C"
LIMIT $1::bigint;

-- count all
-- Sent by Count.
SELECT count(*)::text
FROM "assignments" AS stored;

-- list of an assignee
-- Sent by List.
-- $1 17, $2 5
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE "assignee_id" = $1::text
  AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'))
ORDER BY stored."created_at", stored."id" COLLATE "C"
LIMIT $2::bigint;

-- count of an assignee
-- Sent by Count.
-- $1 17
SELECT count(*)::text
FROM "assignments" AS stored
WHERE "assignee_id" = $1::text
  AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'));

-- list of an assignee, active
-- Sent by List.
-- $1 17, $2 5
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE "assignee_id" = $1::text
  AND "status" NOT IN ('cancelled', 'completed')
ORDER BY stored."created_at", stored."id" COLLATE "C"
LIMIT $2::bigint;

-- count of an assignee, active
-- Sent by Count.
-- $1 17
SELECT count(*)::text
FROM "assignments" AS stored
WHERE "assignee_id" = $1::text
  AND "status" NOT IN ('cancelled', 'completed');

-- list of an assignee, active or not
-- Sent by List.
-- $1 17, $2 5
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE "assignee_id" = $1::text
  AND "status" IN ('pending', 'completed')
  AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'))
ORDER BY stored."created_at", stored."id" COLLATE "C"
LIMIT $2::bigint;

-- count of an assignee, active or not
-- Sent by Count.
-- $1 17
SELECT count(*)::text
FROM "assignments" AS stored
WHERE "assignee_id" = $1::text
  AND "status" IN ('pending', 'completed')
  AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'));

-- list of a subject, by status
-- Sent by List.
-- $1 18, $2 5
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE "subject_id" = $1::text
  AND "status" IN ('pending')
ORDER BY stored."created_at", stored."id" COLLATE "C"
LIMIT $2::bigint;

-- count of a subject, by status
-- Sent by Count.
-- $1 18
SELECT count(*)::text
FROM "assignments" AS stored
WHERE "subject_id" = $1::text
  AND "status" IN ('pending');

-- list of an account
-- Sent by List.
-- $1 1, $2 5
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE "account_id" = $1::text
ORDER BY stored."created_at", stored."id" COLLATE "C"
LIMIT $2::bigint;

-- count of an account
-- Sent by Count.
-- $1 1
SELECT count(*)::text
FROM "assignments" AS stored
WHERE "account_id" = $1::text;

-- list due
-- Sent by List.
-- $1 2020-01-02T03:04:05.678912345Z, $2 5
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE "due_at" < $1::timestamptz
  AND "due_at" > '-infinity'
ORDER BY stored."created_at", stored."id" COLLATE "C"
LIMIT $2::bigint;

-- count due
-- Sent by Count.
-- $1 2020-01-02T03:04:05.678912345Z
SELECT count(*)::text
FROM "assignments" AS stored
WHERE "due_at" < $1::timestamptz
  AND "due_at" > '-infinity';

-- list after
-- Sent by List.
-- $1 1, $2 2020-01-02T03:04:05.678912345Z, $3 5
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE (stored."created_at", stored."id" COLLATE "C") > ($2::timestamptz, $1::text)
ORDER BY stored."created_at", stored."id" COLLATE "C"
LIMIT $3::bigint;

-- list after an ID that the column may not hold
-- Sent by List.
-- $1 x, $2 2020-01-02T03:04:05.678912345Z, $3 5
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE (stored."created_at", stored."id" COLLATE "C") > ($2::timestamptz, $1::text)
ORDER BY stored."created_at", stored."id" COLLATE "C"
LIMIT $3::bigint;

-- list after no time
-- Sent by List.
-- $1 1, $2 1, $3 5
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE (stored."created_at", stored."id" COLLATE "C") > (COALESCE((
      SELECT min("created_at")
      FROM "assignments"
      WHERE "id" = $2::text
    ), '-infinity'), $1::text)
ORDER BY stored."created_at", stored."id" COLLATE "C"
LIMIT $3::bigint;

-- list after the latest time
-- Sent by List.
-- $1 1, $2 1, $3 5
SELECT 0 AS kind, "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id",
  "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
FROM "assignments" AS stored
WHERE (stored."created_at", stored."id" COLLATE "C") > (COALESCE((
      SELECT min("created_at")
      FROM "assignments"
      WHERE "id" = $2::text
    ), 'infinity'), $1::text)
ORDER BY stored."created_at", stored."id" COLLATE "C"
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
CREATE UNIQUE INDEX CONCURRENTLY "assignments_active_key" ON "assignments" ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed');
