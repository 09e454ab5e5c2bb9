-- create
WITH holder AS MATERIALIZED (
  -- the check: a taken slot is answered without writing anything
  SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM "assignments"
  WHERE "assignee_id" = $1::text AND "subject_id" = $2::text AND "status" NOT IN ('cancelled', 'completed')
  LIMIT 1
), created AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT $1::text, $2::text, 'pending'::text, $3::text, $4::text, $5::timestamptz, $6::timestamptz, $6::timestamptz, NULL, 1, $7::text::jsonb, $8::text
  WHERE NOT EXISTS (SELECT FROM holder)
  -- the catch: waits for a concurrent winner instead of creating a duplicate,
  -- and leaves the transaction usable
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING 1 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
)
TABLE created
UNION ALL
TABLE holder;
-- $1 = 17
-- $2 = 18
-- $3 = lead
-- $4 = <nil>
-- $5 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $6 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $7 = {"a":1}
-- $8 = fingerprint

-- create, exact
WITH guarded AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
), created AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT $1::text, $2::text, 'pending'::text, $3::text, $4::text, $5::timestamptz, $6::timestamptz, $6::timestamptz, NULL, 1, $7::text::jsonb, $8::text
  WHERE true
  RETURNING 1 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
)
TABLE created;
-- $1 = 17
-- $2 = 18
-- $3 = lead
-- $4 = <nil>
-- $5 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $6 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $7 = {"a":1}
-- $8 = fingerprint

-- insert one
INSERT INTO "assignments" ("assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  VALUES ($1::text, $2::text, 'pending'::text, $3::text, $4::text, $5::timestamptz, $6::timestamptz, $6::timestamptz, NULL, 1, $7::text::jsonb, $8::text)
  -- waits for a concurrent winner instead of creating a duplicate, and leaves
  -- the transaction usable
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING;
-- $1 = 17
-- $2 = 18
-- $3 = lead
-- $4 = <nil>
-- $5 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $6 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $7 = {"a":1}
-- $8 = fingerprint

-- get
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept WHERE "id" = $1::text;
-- $1 = <nil>

-- get many
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept WHERE "id" IN (SELECT asked.id::text FROM unnest($1::text[]) AS asked (id));
-- $1 = {"3f0c8b0e-1111-4222-8333-123456789abc","other"}

-- find active
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept WHERE "assignee_id" = $1::text AND "subject_id" = $2::text AND "status" NOT IN ('cancelled', 'completed') LIMIT 1;
-- $1 = 17
-- $2 = 18

-- lock
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept WHERE "id" = $1::text FOR UPDATE;
-- $1 = <nil>

-- reassign
WITH own AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "id" = $3::text
), rival AS MATERIALIZED (
  -- sparing a violation that would be logged and abort the transaction; the
  -- index still decides when this look was too early
  SELECT rival."id", rival."assignee_id", rival."subject_id", rival."status", rival."assigned_by", rival."account_id", rival."due_at", rival."created_at", rival."updated_at", rival."completed_at", rival."version", rival."metadata", rival."request" FROM (SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "status" NOT IN ('cancelled', 'completed')) AS rival JOIN own ON rival."assignee_id" = $1::text
  WHERE rival."subject_id" = own."subject_id" AND rival."id" <> own."id"
), guarded AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM own WHERE false
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
), changed AS (
  UPDATE "assignments"
  SET "assignee_id" = $1::text, "version" = "version" + 1, "updated_at" = $2::timestamptz
  WHERE "id" = $3::text AND "status" NOT IN ('cancelled', 'completed') AND "assignee_id" <> $1::text AND $4::bigint IN (0, "version") AND NOT EXISTS (SELECT FROM rival)
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT 5 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM changed
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM rival
UNION ALL
SELECT 6 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM own;
-- $1 = 19
-- $2 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $3 = <nil>
-- $4 = 3

-- transition to cancelled
WITH own AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "id" = $3::text
), changed AS (
  UPDATE "assignments"
  SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = $1::timestamptz, "completed_at" = $2::timestamptz
  WHERE "id" = $3::text AND "status" NOT IN ('cancelled', 'completed') AND $4::bigint IN (0, "version")
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT 5 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM changed
UNION ALL
SELECT 6 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM own;
-- $1 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $2 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $3 = <nil>
-- $4 = 3

-- replace, retire to cancelled
WITH retired AS (
  UPDATE "assignments"
  SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = $1::timestamptz, "completed_at" = $2::timestamptz
  WHERE "assignee_id" = $3::text AND "subject_id" = $4::text AND "status" NOT IN ('cancelled', 'completed') AND "status" NOT IN ('cancelled', 'completed')
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
), created AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT $3::text, $4::text, 'pending'::text, $5::text, $6::text, $7::timestamptz, $8::timestamptz, $8::timestamptz, NULL, 1, $9::text::jsonb, $10::text
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT 1 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced' END || ';')::int, 4) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM retired
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM "assignments"
WHERE "assignee_id" = $3::text AND "subject_id" = $4::text AND "status" NOT IN ('cancelled', 'completed');
-- $1 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $2 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $3 = 17
-- $4 = 18
-- $5 = lead
-- $6 = <nil>
-- $7 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $8 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $9 = {"a":1}
-- $10 = fingerprint

-- replace, retire to cancelled, lock
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept WHERE "assignee_id" = $1::text AND "subject_id" = $2::text AND "status" NOT IN ('cancelled', 'completed') AND "status" NOT IN ('cancelled', 'completed') FOR UPDATE;
-- $1 = 17
-- $2 = 18

-- replace, retire to cancelled, exact
WITH guarded AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
), retired AS (
  UPDATE "assignments"
  SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = $2::timestamptz, "completed_at" = $3::timestamptz
  WHERE "assignee_id" = $4::text AND "subject_id" = $5::text AND "status" NOT IN ('cancelled', 'completed') AND "status" NOT IN ('cancelled', 'completed')
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
), created AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT $4::text, $5::text, 'pending'::text, $6::text, $7::text, $8::timestamptz, $9::timestamptz, $9::timestamptz, NULL, 1, $10::text::jsonb, $11::text
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $1::bigint
  
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT 1 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced' END || ';')::int, 4) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM retired
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM "assignments"
WHERE "assignee_id" = $4::text AND "subject_id" = $5::text AND "status" NOT IN ('cancelled', 'completed');
-- $1 = 1
-- $2 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $3 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $4 = 17
-- $5 = 18
-- $6 = lead
-- $7 = <nil>
-- $8 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $9 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $10 = {"a":1}
-- $11 = fingerprint

-- transition to completed
WITH own AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "id" = $3::text
), changed AS (
  UPDATE "assignments"
  SET "status" = 'completed', "version" = "version" + 1, "updated_at" = $1::timestamptz, "completed_at" = $2::timestamptz
  WHERE "id" = $3::text AND "status" NOT IN ('cancelled', 'completed') AND $4::bigint IN (0, "version")
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT 5 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM changed
UNION ALL
SELECT 6 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM own;
-- $1 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $2 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $3 = <nil>
-- $4 = 3

-- replace, retire to completed
WITH retired AS (
  UPDATE "assignments"
  SET "status" = 'completed', "version" = "version" + 1, "updated_at" = $1::timestamptz, "completed_at" = $2::timestamptz
  WHERE "assignee_id" = $3::text AND "subject_id" = $4::text AND "status" NOT IN ('cancelled', 'completed') AND "status" NOT IN ('cancelled', 'completed')
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
), created AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT $3::text, $4::text, 'pending'::text, $5::text, $6::text, $7::timestamptz, $8::timestamptz, $8::timestamptz, NULL, 1, $9::text::jsonb, $10::text
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT 1 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced' END || ';')::int, 4) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM retired
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM "assignments"
WHERE "assignee_id" = $3::text AND "subject_id" = $4::text AND "status" NOT IN ('cancelled', 'completed');
-- $1 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $2 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $3 = 17
-- $4 = 18
-- $5 = lead
-- $6 = <nil>
-- $7 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $8 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $9 = {"a":1}
-- $10 = fingerprint

-- replace, retire to completed, lock
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept WHERE "assignee_id" = $1::text AND "subject_id" = $2::text AND "status" NOT IN ('cancelled', 'completed') AND "status" NOT IN ('cancelled', 'completed') FOR UPDATE;
-- $1 = 17
-- $2 = 18

-- replace, retire to completed, exact
WITH guarded AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
), retired AS (
  UPDATE "assignments"
  SET "status" = 'completed', "version" = "version" + 1, "updated_at" = $2::timestamptz, "completed_at" = $3::timestamptz
  WHERE "assignee_id" = $4::text AND "subject_id" = $5::text AND "status" NOT IN ('cancelled', 'completed') AND "status" NOT IN ('cancelled', 'completed')
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
), created AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT $4::text, $5::text, 'pending'::text, $6::text, $7::text, $8::timestamptz, $9::timestamptz, $9::timestamptz, NULL, 1, $10::text::jsonb, $11::text
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $1::bigint
  
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT 1 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced' END || ';')::int, 4) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM retired
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM "assignments"
WHERE "assignee_id" = $4::text AND "subject_id" = $5::text AND "status" NOT IN ('cancelled', 'completed');
-- $1 = 1
-- $2 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $3 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $4 = 17
-- $5 = 18
-- $6 = lead
-- $7 = <nil>
-- $8 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $9 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $10 = {"a":1}
-- $11 = fingerprint

-- transition to in_progress
WITH own AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "id" = $2::text
), rival AS MATERIALIZED (
  -- sparing a violation that would be logged and abort the transaction; the
  -- index still decides when this look was too early
  SELECT rival."id", rival."assignee_id", rival."subject_id", rival."status", rival."assigned_by", rival."account_id", rival."due_at", rival."created_at", rival."updated_at", rival."completed_at", rival."version", rival."metadata", rival."request" FROM (SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "status" NOT IN ('cancelled', 'completed')) AS rival JOIN own ON rival."assignee_id" = own."assignee_id"
  WHERE rival."subject_id" = own."subject_id" AND rival."id" <> own."id"
), guarded AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM own WHERE false
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
), changed AS (
  UPDATE "assignments"
  SET "status" = 'in_progress', "version" = "version" + 1, "updated_at" = $1::timestamptz, "completed_at" = NULL
  WHERE "id" = $2::text AND "status" IN ('pending') AND $3::bigint IN (0, "version") AND NOT EXISTS (SELECT FROM rival)
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT 5 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM changed
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM rival
UNION ALL
SELECT 6 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM own;
-- $1 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $2 = <nil>
-- $3 = 3

-- transition to pending
WITH own AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "id" = $2::text
), rival AS MATERIALIZED (
  -- sparing a violation that would be logged and abort the transaction; the
  -- index still decides when this look was too early
  SELECT rival."id", rival."assignee_id", rival."subject_id", rival."status", rival."assigned_by", rival."account_id", rival."due_at", rival."created_at", rival."updated_at", rival."completed_at", rival."version", rival."metadata", rival."request" FROM (SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "status" NOT IN ('cancelled', 'completed')) AS rival JOIN own ON rival."assignee_id" = own."assignee_id"
  WHERE rival."subject_id" = own."subject_id" AND rival."id" <> own."id"
), guarded AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM own WHERE false
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
), changed AS (
  UPDATE "assignments"
  SET "status" = 'pending', "version" = "version" + 1, "updated_at" = $1::timestamptz, "completed_at" = NULL
  WHERE "id" = $2::text AND "status" IN ('cancelled', 'completed') AND $3::bigint IN (0, "version") AND NOT EXISTS (SELECT FROM rival)
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT 5 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM changed
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM rival
UNION ALL
SELECT 6 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM own;
-- $1 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $2 = <nil>
-- $3 = 3

-- list all
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept
ORDER BY kept."created_at", kept."id" COLLATE "C"
LIMIT $1::bigint;
-- $1 = 5

-- count all
SELECT count(*)::text FROM "assignments" AS kept;

-- list of an assignee
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept
WHERE "assignee_id" = $1::text AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'))
ORDER BY kept."created_at", kept."id" COLLATE "C"
LIMIT $2::bigint;
-- $1 = 17
-- $2 = 5

-- count of an assignee
SELECT count(*)::text FROM "assignments" AS kept
WHERE "assignee_id" = $1::text AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'));
-- $1 = 17

-- list of an assignee, active
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept
WHERE "assignee_id" = $1::text AND "status" NOT IN ('cancelled', 'completed')
ORDER BY kept."created_at", kept."id" COLLATE "C"
LIMIT $2::bigint;
-- $1 = 17
-- $2 = 5

-- count of an assignee, active
SELECT count(*)::text FROM "assignments" AS kept
WHERE "assignee_id" = $1::text AND "status" NOT IN ('cancelled', 'completed');
-- $1 = 17

-- list of an assignee, of both sides
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept
WHERE "assignee_id" = $1::text AND "status" IN ('pending', 'completed') AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'))
ORDER BY kept."created_at", kept."id" COLLATE "C"
LIMIT $2::bigint;
-- $1 = 17
-- $2 = 5

-- count of an assignee, of both sides
SELECT count(*)::text FROM "assignments" AS kept
WHERE "assignee_id" = $1::text AND "status" IN ('pending', 'completed') AND ("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'));
-- $1 = 17

-- list of a subject
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept
WHERE "subject_id" = $1::text AND "status" IN ('pending')
ORDER BY kept."created_at", kept."id" COLLATE "C"
LIMIT $2::bigint;
-- $1 = 18
-- $2 = 5

-- count of a subject
SELECT count(*)::text FROM "assignments" AS kept
WHERE "subject_id" = $1::text AND "status" IN ('pending');
-- $1 = 18

-- list of an account
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept
WHERE "account_id" = $1::text
ORDER BY kept."created_at", kept."id" COLLATE "C"
LIMIT $2::bigint;
-- $1 = 1
-- $2 = 5

-- count of an account
SELECT count(*)::text FROM "assignments" AS kept
WHERE "account_id" = $1::text;
-- $1 = 1

-- list due
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept
WHERE "due_at" < $1::timestamptz AND "due_at" > '-infinity'
ORDER BY kept."created_at", kept."id" COLLATE "C"
LIMIT $2::bigint;
-- $1 = 2020-01-02 03:04:05.678912345 +0000 UTC
-- $2 = 5

-- count due
SELECT count(*)::text FROM "assignments" AS kept
WHERE "due_at" < $1::timestamptz AND "due_at" > '-infinity';
-- $1 = 2020-01-02 03:04:05.678912345 +0000 UTC

-- list after
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept
WHERE (kept."created_at", kept."id" COLLATE "C") > ($2::timestamptz, $1::text)
ORDER BY kept."created_at", kept."id" COLLATE "C"
LIMIT $3::bigint;
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 2020-01-02 03:04:05.678912345 +0000 UTC
-- $3 = 5

-- list after an ID that the column can't hold
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept
WHERE (kept."created_at", kept."id" COLLATE "C") > ($2::timestamptz, $1::text)
ORDER BY kept."created_at", kept."id" COLLATE "C"
LIMIT $3::bigint;
-- $1 = x
-- $2 = 2020-01-02 03:04:05.678912345 +0000 UTC
-- $3 = 5

-- list after no time
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept
WHERE (kept."created_at", kept."id" COLLATE "C") > (COALESCE((SELECT min("created_at") FROM "assignments" WHERE "id" = $2::text), '-infinity'), $1::text)
ORDER BY kept."created_at", kept."id" COLLATE "C"
LIMIT $3::bigint;
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $3 = 5

-- list after the latest time
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept
WHERE (kept."created_at", kept."id" COLLATE "C") > (COALESCE((SELECT min("created_at") FROM "assignments" WHERE "id" = $2::text), 'infinity'), $1::text)
ORDER BY kept."created_at", kept."id" COLLATE "C"
LIMIT $3::bigint;
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $3 = 5

-- guard
CREATE UNIQUE INDEX CONCURRENTLY "assignments_active_key" ON "assignments" ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed');

