-- create
WITH identified AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("id") DO NOTHING
), holder AS MATERIALIZED (
  -- the check: a taken slot is answered without writing anything
  SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM "assignments"
  WHERE "assignee_id" = $1::text AND "subject_id" = $2::text AND "status" NOT IN ('cancelled', 'completed')
  LIMIT 1
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT $3::text, $1::text, $2::text, 'pending'::text, $4::text, $5::text, $6::timestamptz, $7::timestamptz, $7::timestamptz, NULL, 1, $8::text::jsonb, $9::text
  WHERE NOT EXISTS (SELECT FROM holder)
  -- the catch: waits for a concurrent winner instead of creating a duplicate,
  -- and leaves the transaction usable
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING COALESCE(('assignment-undo:INSERT:' || CASE WHEN "id" IS DISTINCT FROM $3::text THEN 'ID' WHEN "assignee_id" IS DISTINCT FROM $1::text THEN 'Key.AssigneeID' WHEN "subject_id" IS DISTINCT FROM $2::text THEN 'Key.SubjectID' WHEN "request" <> $9::text THEN 'Request' WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status' WHEN "version" IS DISTINCT FROM 1 THEN 'Version' END || ';')::int, 1) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
)
TABLE created
UNION ALL
TABLE holder
UNION ALL
-- a retry of one's own completed attempt is not a conflict with the present holder
SELECT 3 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM "assignments"
WHERE "id" = $3::text AND EXISTS (SELECT FROM holder);
-- $1 = 17
-- $2 = 18
-- $3 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $4 = lead
-- $5 = <nil>
-- $6 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $7 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $8 = {"a":1}
-- $9 = fingerprint

-- create, exact
WITH guarded AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
), identified AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("id") DO NOTHING
), own AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "id" = $1::text
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT $1::text, $2::text, $3::text, 'pending'::text, $4::text, $5::text, $6::timestamptz, $7::timestamptz, $7::timestamptz, NULL, 1, $8::text::jsonb, $9::text
  WHERE true AND NOT EXISTS (SELECT FROM own)
  RETURNING COALESCE(('assignment-undo:INSERT:' || CASE WHEN "id" IS DISTINCT FROM $1::text THEN 'ID' WHEN "assignee_id" IS DISTINCT FROM $2::text THEN 'Key.AssigneeID' WHEN "subject_id" IS DISTINCT FROM $3::text THEN 'Key.SubjectID' WHEN "request" <> $9::text THEN 'Request' WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status' WHEN "version" IS DISTINCT FROM 1 THEN 'Version' END || ';')::int, 1) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
)
TABLE created
UNION ALL
SELECT 3 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM own;
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 17
-- $3 = 18
-- $4 = lead
-- $5 = <nil>
-- $6 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $7 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $8 = {"a":1}
-- $9 = fingerprint

-- insert one
INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  VALUES ($1::text, $2::text, $3::text, 'pending'::text, $4::text, $5::text, $6::timestamptz, $7::timestamptz, $7::timestamptz, NULL, 1, $8::text::jsonb, $9::text)
  -- waits for a concurrent winner instead of creating a duplicate, and leaves
  -- the transaction usable
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING;
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 17
-- $3 = 18
-- $4 = lead
-- $5 = <nil>
-- $6 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $7 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $8 = {"a":1}
-- $9 = fingerprint

-- insert batch
WITH created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT item.c1::text, item.c2::text, item.c3::text, 'pending'::text, NULLIF(item.c4, '')::text, NULLIF(item.c5, '')::text, NULLIF(item.c6, '')::timestamptz::timestamptz, NULLIF(item.c7, '')::timestamptz::timestamptz, NULLIF(item.c7, '')::timestamptz::timestamptz, NULL, 1, NULLIF(item.c8, '')::text::jsonb, NULLIF(item.c9, '')::text
  FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS item
  WHERE set_config('lock_timeout', GREATEST(1, ceil(LEAST((
      SELECT NULLIF(date_part('epoch', current_setting('lock_timeout')::interval), 0) * 1000
    ), 10)
    - date_part('epoch', clock_timestamp() - statement_timestamp()) * 1000))::text, true) <> ''
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "id" AS id
)
SELECT CASE count(*) WHEN cardinality($1::text[]) THEN 'all' ELSE COALESCE(json_agg(id), '[]')::text END FROM created;
-- $1 = {"3f0c8b0e-1111-4222-8333-123456789abc","3f0c8b0e-1111-4222-8333-123456789abc"}
-- $2 = {"17","17"}
-- $3 = {"18","20"}
-- $4 = {"lead","lead"}
-- $5 = {}
-- $6 = {"2020-01-02 04:04:05.678912Z",""}
-- $7 = {"2020-01-02 03:04:05.678912Z","2020-01-02 03:04:05.678912Z"}
-- $8 = {"{\"a\":1}","{\"a\":1}"}
-- $9 = {"fingerprint","fingerprint"}

-- create many
WITH identified AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("id") DO NOTHING
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT item.c1::text, item.c2::text, item.c3::text, 'pending'::text, NULLIF(item.c4, '')::text, NULLIF(item.c5, '')::text, NULLIF(item.c6, '')::timestamptz::timestamptz, NULLIF(item.c7, '')::timestamptz::timestamptz, NULLIF(item.c7, '')::timestamptz::timestamptz, NULL, 1, NULLIF(item.c8, '')::text::jsonb, NULLIF(item.c9, '')::text
  FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS item
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
), refused AS MATERIALIZED (
  SELECT item.c1, item.c2, item.c3
  -- most batches are created whole: then the rest costs nothing
  FROM (SELECT count(*) AS n FROM created) AS done CROSS JOIN LATERAL (
    SELECT * FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS item WHERE item.c1::text NOT IN (SELECT "id" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT COALESCE(('assignment-undo:INSERT:' || CASE WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status' WHEN "version" IS DISTINCT FROM 1 THEN 'Version' END || ';')::int, COALESCE(('assignment-undo:INSERT:' || CASE WHEN (created."id", created."assignee_id", created."subject_id") IN (SELECT sent.c1::text, sent.c2::text, sent.c3::text FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS sent) AND (created."request" IS NULL OR (created."id", created."request") IN (SELECT sent.c1::text, sent.c9 FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS sent) OR (created."id", '') IN (SELECT sent.c1::text, sent.c9 FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS sent)) THEN NULL WHEN NOT EXISTS (SELECT FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS sent WHERE created."id" = sent.c1::text) THEN 'ID' WHEN NOT EXISTS (SELECT FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS sent WHERE created."id" = sent.c1::text AND created."assignee_id" = sent.c2::text) THEN 'Key.AssigneeID' WHEN NOT EXISTS (SELECT FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS sent WHERE created."id" = sent.c1::text AND created."assignee_id" = sent.c2::text AND created."subject_id" = sent.c3::text) THEN 'Key.SubjectID' WHEN true THEN 'Request' END || ';')::int, 1)) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM created
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM (
  SELECT holder.* FROM refused JOIN (SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "status" NOT IN ('cancelled', 'completed')) AS holder
  ON holder."assignee_id" = refused.c2::text AND holder."subject_id" = refused.c3::text
) AS holder
UNION ALL
SELECT 3 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM (
  SELECT own."id", own."assignee_id", own."subject_id", own."status", own."assigned_by", own."account_id", own."due_at", own."created_at", own."updated_at", own."completed_at", own."version", own."metadata", own."request" FROM refused JOIN "assignments" AS own
  ON own."id" = refused.c1::text
) AS own
UNION ALL
SELECT 7, refused.c1, refused.c2, refused.c3, '', '', '',
  NULL AS due_at, NULL AS created_at, NULL AS updated_at, NULL AS completed_at, 0, NULL, NULL FROM refused;
-- $1 = {"3f0c8b0e-1111-4222-8333-123456789abc","3f0c8b0e-1111-4222-8333-123456789abc"}
-- $2 = {"17","17"}
-- $3 = {"18","20"}
-- $4 = {"lead","lead"}
-- $5 = {}
-- $6 = {"2020-01-02 04:04:05.678912Z",""}
-- $7 = {"2020-01-02 03:04:05.678912Z","2020-01-02 03:04:05.678912Z"}
-- $8 = {"{\"a\":1}","{\"a\":1}"}
-- $9 = {"fingerprint","fingerprint"}

-- create many, uniform
WITH identified AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("id") DO NOTHING
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT item.c1::text, item.c2::text, item.c3::text, 'pending'::text, $4::text, $5::text, $6::timestamptz, $7::timestamptz, $7::timestamptz, NULL, 1, $8::text::jsonb, NULLIF(item.c4, '')::text
  FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS item
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
), refused AS MATERIALIZED (
  SELECT item.c1, item.c2, item.c3
  -- most batches are created whole: then the rest costs nothing
  FROM (SELECT count(*) AS n FROM created) AS done CROSS JOIN LATERAL (
    SELECT * FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS item WHERE item.c1::text NOT IN (SELECT "id" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT COALESCE(('assignment-undo:INSERT:' || CASE WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status' WHEN "version" IS DISTINCT FROM 1 THEN 'Version' END || ';')::int, COALESCE(('assignment-undo:INSERT:' || CASE WHEN (created."id", created."assignee_id", created."subject_id") IN (SELECT sent.c1::text, sent.c2::text, sent.c3::text FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS sent) AND (created."request" IS NULL OR (created."id", created."request") IN (SELECT sent.c1::text, sent.c4 FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS sent) OR (created."id", '') IN (SELECT sent.c1::text, sent.c4 FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS sent)) THEN NULL WHEN NOT EXISTS (SELECT FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS sent WHERE created."id" = sent.c1::text) THEN 'ID' WHEN NOT EXISTS (SELECT FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS sent WHERE created."id" = sent.c1::text AND created."assignee_id" = sent.c2::text) THEN 'Key.AssigneeID' WHEN NOT EXISTS (SELECT FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS sent WHERE created."id" = sent.c1::text AND created."assignee_id" = sent.c2::text AND created."subject_id" = sent.c3::text) THEN 'Key.SubjectID' WHEN true THEN 'Request' END || ';')::int, 1)) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM created
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM (
  SELECT holder.* FROM refused JOIN (SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "status" NOT IN ('cancelled', 'completed')) AS holder
  ON holder."assignee_id" = refused.c2::text AND holder."subject_id" = refused.c3::text
) AS holder
UNION ALL
SELECT 3 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM (
  SELECT own."id", own."assignee_id", own."subject_id", own."status", own."assigned_by", own."account_id", own."due_at", own."created_at", own."updated_at", own."completed_at", own."version", own."metadata", own."request" FROM refused JOIN "assignments" AS own
  ON own."id" = refused.c1::text
) AS own
UNION ALL
SELECT 7, refused.c1, refused.c2, refused.c3, '', '', '',
  NULL AS due_at, NULL AS created_at, NULL AS updated_at, NULL AS completed_at, 0, NULL, NULL FROM refused;
-- $1 = {"3f0c8b0e-1111-4222-8333-123456789abc","3f0c8b0e-1111-4222-8333-123456789abc"}
-- $2 = {"17","17"}
-- $3 = {"18","18"}
-- $4 = lead
-- $5 = <nil>
-- $6 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $7 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $8 = {"a":1}
-- $9 = {"fingerprint","fingerprint"}

-- create many, careful
WITH identified AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("id") DO NOTHING
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT item.c1::text, item.c2::text, item.c3::text, 'pending'::text, NULLIF(item.c4, '')::text, NULLIF(item.c5, '')::text, NULLIF(item.c6, '')::timestamptz::timestamptz, NULLIF(item.c7, '')::timestamptz::timestamptz, NULLIF(item.c7, '')::timestamptz::timestamptz, NULL, 1, NULLIF(item.c8, '')::text::jsonb, NULLIF(item.c9, '')::text
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    WITH ORDINALITY AS item (c1, c2, c3, c4, c5, c6, c7, c8, c9, n)
  WHERE NOT EXISTS (SELECT FROM "assignments" AS own WHERE own."id" = item.c1::text)
  ORDER BY item.n
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
), refused AS MATERIALIZED (
  SELECT item.c1, item.c2, item.c3
  -- most batches are created whole: then the rest costs nothing
  FROM (SELECT count(*) AS n FROM created) AS done CROSS JOIN LATERAL (
    SELECT * FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS item WHERE item.c1::text NOT IN (SELECT "id" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT COALESCE(('assignment-undo:INSERT:' || CASE WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status' WHEN "version" IS DISTINCT FROM 1 THEN 'Version' END || ';')::int, COALESCE(('assignment-undo:INSERT:' || CASE WHEN (created."id", created."assignee_id", created."subject_id") IN (SELECT sent.c1::text, sent.c2::text, sent.c3::text FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS sent) AND (created."request" IS NULL OR (created."id", created."request") IN (SELECT sent.c1::text, sent.c9 FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS sent) OR (created."id", '') IN (SELECT sent.c1::text, sent.c9 FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS sent)) THEN NULL WHEN NOT EXISTS (SELECT FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS sent WHERE created."id" = sent.c1::text) THEN 'ID' WHEN NOT EXISTS (SELECT FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS sent WHERE created."id" = sent.c1::text AND created."assignee_id" = sent.c2::text) THEN 'Key.AssigneeID' WHEN NOT EXISTS (SELECT FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6, unnest($7::text[]) AS c7, unnest($8::text[]) AS c8, unnest($9::text[]) AS c9) AS sent WHERE created."id" = sent.c1::text AND created."assignee_id" = sent.c2::text AND created."subject_id" = sent.c3::text) THEN 'Key.SubjectID' WHEN true THEN 'Request' END || ';')::int, 1)) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM created
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM (
  SELECT holder.* FROM refused JOIN (SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "status" NOT IN ('cancelled', 'completed')) AS holder
  ON holder."assignee_id" = refused.c2::text AND holder."subject_id" = refused.c3::text
) AS holder
UNION ALL
SELECT 3 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM (
  SELECT own."id", own."assignee_id", own."subject_id", own."status", own."assigned_by", own."account_id", own."due_at", own."created_at", own."updated_at", own."completed_at", own."version", own."metadata", own."request" FROM refused JOIN "assignments" AS own
  ON own."id" = refused.c1::text
) AS own
UNION ALL
SELECT 7, refused.c1, refused.c2, refused.c3, '', '', '',
  NULL AS due_at, NULL AS created_at, NULL AS updated_at, NULL AS completed_at, 0, NULL, NULL FROM refused;
-- $1 = {"3f0c8b0e-1111-4222-8333-123456789abc","3f0c8b0e-1111-4222-8333-123456789abc"}
-- $2 = {"17","17"}
-- $3 = {"18","20"}
-- $4 = {"lead","lead"}
-- $5 = {}
-- $6 = {"2020-01-02 04:04:05.678912Z",""}
-- $7 = {"2020-01-02 03:04:05.678912Z","2020-01-02 03:04:05.678912Z"}
-- $8 = {"{\"a\":1}","{\"a\":1}"}
-- $9 = {"fingerprint","fingerprint"}

-- create many, careful, uniform
WITH identified AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("id") DO NOTHING
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT item.c1::text, item.c2::text, item.c3::text, 'pending'::text, $4::text, $5::text, $6::timestamptz, $7::timestamptz, $7::timestamptz, NULL, 1, $8::text::jsonb, NULLIF(item.c4, '')::text
  FROM unnest($1::text[], $2::text[], $3::text[], $9::text[])
    WITH ORDINALITY AS item (c1, c2, c3, c4, n)
  WHERE NOT EXISTS (SELECT FROM "assignments" AS own WHERE own."id" = item.c1::text)
  ORDER BY item.n
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
), refused AS MATERIALIZED (
  SELECT item.c1, item.c2, item.c3
  -- most batches are created whole: then the rest costs nothing
  FROM (SELECT count(*) AS n FROM created) AS done CROSS JOIN LATERAL (
    SELECT * FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS item WHERE item.c1::text NOT IN (SELECT "id" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT COALESCE(('assignment-undo:INSERT:' || CASE WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status' WHEN "version" IS DISTINCT FROM 1 THEN 'Version' END || ';')::int, COALESCE(('assignment-undo:INSERT:' || CASE WHEN (created."id", created."assignee_id", created."subject_id") IN (SELECT sent.c1::text, sent.c2::text, sent.c3::text FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS sent) AND (created."request" IS NULL OR (created."id", created."request") IN (SELECT sent.c1::text, sent.c4 FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS sent) OR (created."id", '') IN (SELECT sent.c1::text, sent.c4 FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS sent)) THEN NULL WHEN NOT EXISTS (SELECT FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS sent WHERE created."id" = sent.c1::text) THEN 'ID' WHEN NOT EXISTS (SELECT FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS sent WHERE created."id" = sent.c1::text AND created."assignee_id" = sent.c2::text) THEN 'Key.AssigneeID' WHEN NOT EXISTS (SELECT FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($9::text[]) AS c4) AS sent WHERE created."id" = sent.c1::text AND created."assignee_id" = sent.c2::text AND created."subject_id" = sent.c3::text) THEN 'Key.SubjectID' WHEN true THEN 'Request' END || ';')::int, 1)) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM created
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM (
  SELECT holder.* FROM refused JOIN (SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "status" NOT IN ('cancelled', 'completed')) AS holder
  ON holder."assignee_id" = refused.c2::text AND holder."subject_id" = refused.c3::text
) AS holder
UNION ALL
SELECT 3 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM (
  SELECT own."id", own."assignee_id", own."subject_id", own."status", own."assigned_by", own."account_id", own."due_at", own."created_at", own."updated_at", own."completed_at", own."version", own."metadata", own."request" FROM refused JOIN "assignments" AS own
  ON own."id" = refused.c1::text
) AS own
UNION ALL
SELECT 7, refused.c1, refused.c2, refused.c3, '', '', '',
  NULL AS due_at, NULL AS created_at, NULL AS updated_at, NULL AS completed_at, 0, NULL, NULL FROM refused;
-- $1 = {"3f0c8b0e-1111-4222-8333-123456789abc","3f0c8b0e-1111-4222-8333-123456789abc"}
-- $2 = {"17","17"}
-- $3 = {"18","18"}
-- $4 = lead
-- $5 = <nil>
-- $6 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $7 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $8 = {"a":1}
-- $9 = {"fingerprint","fingerprint"}

-- get
SELECT 0 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request
FROM "assignments" AS kept WHERE "id" = $1::text;
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc

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
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc

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
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN "id" IS DISTINCT FROM $3::text THEN 'ID' WHEN "assignee_id" IS DISTINCT FROM $1::text THEN 'Key.AssigneeID' WHEN NOT ("status" NOT IN ('cancelled', 'completed')) THEN 'Status' WHEN COALESCE("version", 0) <= (SELECT "version" FROM own) THEN 'Version' WHEN "request" <> (SELECT own."request" FROM own) THEN 'Request' END || ';')::int, 5) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
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
-- $3 = 3f0c8b0e-1111-4222-8333-123456789abc
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
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN "id" IS DISTINCT FROM $3::text THEN 'ID' WHEN "status" IS DISTINCT FROM 'cancelled' THEN 'Status' WHEN COALESCE("version", 0) <= (SELECT "version" FROM own) THEN 'Version' WHEN "request" <> (SELECT own."request" FROM own) THEN 'Request' END || ';')::int, 5) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
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
-- $3 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $4 = 3

-- replace, retire to cancelled
WITH identified AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("id") DO NOTHING
), own AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "id" = $1::text
), retired AS (
  UPDATE "assignments"
  SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = $2::timestamptz, "completed_at" = $3::timestamptz
  WHERE "assignee_id" = $4::text AND "subject_id" = $5::text AND "status" NOT IN ('cancelled', 'completed') AND "status" NOT IN ('cancelled', 'completed') AND NOT EXISTS (SELECT FROM own)
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request", COALESCE(('assignment-undo:UPDATE:' || CASE WHEN "status" IS DISTINCT FROM 'cancelled' THEN 'Status' END || ';')::int, 4) AS "assignment kind"
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT $1::text, $4::text, $5::text, 'pending'::text, $6::text, $7::text, $8::timestamptz, $9::timestamptz, $9::timestamptz, NULL, 1, $10::text::jsonb, $11::text
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0 AND NOT EXISTS (SELECT FROM own)
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT COALESCE(('assignment-undo:INSERT:' || CASE WHEN "id" IS DISTINCT FROM $1::text THEN 'ID' WHEN "assignee_id" IS DISTINCT FROM $4::text THEN 'Key.AssigneeID' WHEN "subject_id" IS DISTINCT FROM $5::text THEN 'Key.SubjectID' WHEN "request" <> $11::text THEN 'Request' WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status' WHEN "version" IS DISTINCT FROM 1 THEN 'Version' END || ';')::int, 1) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced' END || ';')::int, "assignment kind") AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM retired
UNION ALL
SELECT 3 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM own
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM "assignments"
WHERE "assignee_id" = $4::text AND "subject_id" = $5::text AND "status" NOT IN ('cancelled', 'completed');
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
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
), identified AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("id") DO NOTHING
), own AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "id" = $1::text
), retired AS (
  UPDATE "assignments"
  SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = $3::timestamptz, "completed_at" = $4::timestamptz
  WHERE "assignee_id" = $5::text AND "subject_id" = $6::text AND "status" NOT IN ('cancelled', 'completed') AND "status" NOT IN ('cancelled', 'completed') AND NOT EXISTS (SELECT FROM own)
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request", COALESCE(('assignment-undo:UPDATE:' || CASE WHEN "status" IS DISTINCT FROM 'cancelled' THEN 'Status' END || ';')::int, 4) AS "assignment kind"
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT $1::text, $5::text, $6::text, 'pending'::text, $7::text, $8::text, $9::timestamptz, $10::timestamptz, $10::timestamptz, NULL, 1, $11::text::jsonb, $12::text
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $2::bigint AND NOT EXISTS (SELECT FROM own)
  
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT COALESCE(('assignment-undo:INSERT:' || CASE WHEN "id" IS DISTINCT FROM $1::text THEN 'ID' WHEN "assignee_id" IS DISTINCT FROM $5::text THEN 'Key.AssigneeID' WHEN "subject_id" IS DISTINCT FROM $6::text THEN 'Key.SubjectID' WHEN "request" <> $12::text THEN 'Request' WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status' WHEN "version" IS DISTINCT FROM 1 THEN 'Version' END || ';')::int, 1) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced' END || ';')::int, "assignment kind") AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM retired
UNION ALL
SELECT 3 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM own
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM "assignments"
WHERE "assignee_id" = $5::text AND "subject_id" = $6::text AND "status" NOT IN ('cancelled', 'completed');
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 1
-- $3 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $4 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $5 = 17
-- $6 = 18
-- $7 = lead
-- $8 = <nil>
-- $9 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $10 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $11 = {"a":1}
-- $12 = fingerprint

-- transition to completed
WITH own AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "id" = $3::text
), changed AS (
  UPDATE "assignments"
  SET "status" = 'completed', "version" = "version" + 1, "updated_at" = $1::timestamptz, "completed_at" = $2::timestamptz
  WHERE "id" = $3::text AND "status" NOT IN ('cancelled', 'completed') AND $4::bigint IN (0, "version")
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN "id" IS DISTINCT FROM $3::text THEN 'ID' WHEN "status" IS DISTINCT FROM 'completed' THEN 'Status' WHEN COALESCE("version", 0) <= (SELECT "version" FROM own) THEN 'Version' WHEN "request" <> (SELECT own."request" FROM own) THEN 'Request' END || ';')::int, 5) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
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
-- $3 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $4 = 3

-- replace, retire to completed
WITH identified AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("id") DO NOTHING
), own AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "id" = $1::text
), retired AS (
  UPDATE "assignments"
  SET "status" = 'completed', "version" = "version" + 1, "updated_at" = $2::timestamptz, "completed_at" = $3::timestamptz
  WHERE "assignee_id" = $4::text AND "subject_id" = $5::text AND "status" NOT IN ('cancelled', 'completed') AND "status" NOT IN ('cancelled', 'completed') AND NOT EXISTS (SELECT FROM own)
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request", COALESCE(('assignment-undo:UPDATE:' || CASE WHEN "status" IS DISTINCT FROM 'completed' THEN 'Status' END || ';')::int, 4) AS "assignment kind"
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT $1::text, $4::text, $5::text, 'pending'::text, $6::text, $7::text, $8::timestamptz, $9::timestamptz, $9::timestamptz, NULL, 1, $10::text::jsonb, $11::text
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0 AND NOT EXISTS (SELECT FROM own)
  ON CONFLICT ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT COALESCE(('assignment-undo:INSERT:' || CASE WHEN "id" IS DISTINCT FROM $1::text THEN 'ID' WHEN "assignee_id" IS DISTINCT FROM $4::text THEN 'Key.AssigneeID' WHEN "subject_id" IS DISTINCT FROM $5::text THEN 'Key.SubjectID' WHEN "request" <> $11::text THEN 'Request' WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status' WHEN "version" IS DISTINCT FROM 1 THEN 'Version' END || ';')::int, 1) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced' END || ';')::int, "assignment kind") AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM retired
UNION ALL
SELECT 3 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM own
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM "assignments"
WHERE "assignee_id" = $4::text AND "subject_id" = $5::text AND "status" NOT IN ('cancelled', 'completed');
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
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
), identified AS (
  INSERT INTO "assignments" ("assignee_id", "subject_id", "status") SELECT "assignee_id", "subject_id", "status" FROM "assignments" WHERE false
  ON CONFLICT ("id") DO NOTHING
), own AS MATERIALIZED (
  SELECT "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request" FROM "assignments" WHERE "id" = $1::text
), retired AS (
  UPDATE "assignments"
  SET "status" = 'completed', "version" = "version" + 1, "updated_at" = $3::timestamptz, "completed_at" = $4::timestamptz
  WHERE "assignee_id" = $5::text AND "subject_id" = $6::text AND "status" NOT IN ('cancelled', 'completed') AND "status" NOT IN ('cancelled', 'completed') AND NOT EXISTS (SELECT FROM own)
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request", COALESCE(('assignment-undo:UPDATE:' || CASE WHEN "status" IS DISTINCT FROM 'completed' THEN 'Status' END || ';')::int, 4) AS "assignment kind"
), created AS (
  INSERT INTO "assignments" ("id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request")
  SELECT $1::text, $5::text, $6::text, 'pending'::text, $7::text, $8::text, $9::timestamptz, $10::timestamptz, $10::timestamptz, NULL, 1, $11::text::jsonb, $12::text
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $2::bigint AND NOT EXISTS (SELECT FROM own)
  
  RETURNING "id", "assignee_id", "subject_id", "status", "assigned_by", "account_id", "due_at", "created_at", "updated_at", "completed_at", "version", "metadata", "request"
)
SELECT COALESCE(('assignment-undo:INSERT:' || CASE WHEN "id" IS DISTINCT FROM $1::text THEN 'ID' WHEN "assignee_id" IS DISTINCT FROM $5::text THEN 'Key.AssigneeID' WHEN "subject_id" IS DISTINCT FROM $6::text THEN 'Key.SubjectID' WHEN "request" <> $12::text THEN 'Request' WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status' WHEN "version" IS DISTINCT FROM 1 THEN 'Version' END || ';')::int, 1) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced' END || ';')::int, "assignment kind") AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM retired
UNION ALL
SELECT 3 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM own
UNION ALL
SELECT 2 AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
  "assigned_by" AS assigned_by, "account_id" AS account_id,
  "due_at" AS due_at, "created_at" AS created_at,
  "updated_at" AS updated_at, "completed_at" AS completed_at,
  "version" AS version, "metadata" AS metadata, "request" AS request FROM "assignments"
WHERE "assignee_id" = $5::text AND "subject_id" = $6::text AND "status" NOT IN ('cancelled', 'completed');
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 1
-- $3 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $4 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $5 = 17
-- $6 = 18
-- $7 = lead
-- $8 = <nil>
-- $9 = 2020-01-02 04:04:05.678912 +0000 UTC
-- $10 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $11 = {"a":1}
-- $12 = fingerprint

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
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN "id" IS DISTINCT FROM $2::text THEN 'ID' WHEN "status" IS DISTINCT FROM 'in_progress' THEN 'Status' WHEN COALESCE("version", 0) <= (SELECT "version" FROM own) THEN 'Version' WHEN "request" <> (SELECT own."request" FROM own) THEN 'Request' END || ';')::int, 5) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
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
-- $2 = 3f0c8b0e-1111-4222-8333-123456789abc
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
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN "id" IS DISTINCT FROM $2::text THEN 'ID' WHEN "status" IS DISTINCT FROM 'pending' THEN 'Status' WHEN COALESCE("version", 0) <= (SELECT "version" FROM own) THEN 'Version' WHEN "request" <> (SELECT own."request" FROM own) THEN 'Request' END || ';')::int, 5) AS kind, "id" AS id, "assignee_id" AS assignee_id, "subject_id" AS subject_id, "status" AS status,
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
-- $2 = 3f0c8b0e-1111-4222-8333-123456789abc
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

