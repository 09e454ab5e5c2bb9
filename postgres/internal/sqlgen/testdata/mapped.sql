-- create
WITH identified AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM "s"."t" WHERE false
  ON CONFLICT ("uid") DO NOTHING
), holder AS MATERIALIZED (
  -- the check: a taken slot is answered without writing anything
  SELECT 2 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM "s"."t"
  WHERE "a" = $1::text::bigint AND "b" = $2::text AND "st" NOT IN ('cancelled', 'completed')
  LIMIT 1
), created AS (
  INSERT INTO "s"."t" ("uid", "a", "b", "st", "due", "cr", "up", "co")
  SELECT $3::text::uuid, $1::text::bigint, $2::text, 'pending'::text::"s"."state", ($4::timestamptz AT TIME ZONE 'UTC')::date, ($5::timestamptz AT TIME ZONE 'UTC'), $6::timestamptz, NULL
  WHERE NOT EXISTS (SELECT FROM holder)
  -- the catch: waits for a concurrent winner instead of creating a duplicate,
  -- and leaves the transaction usable
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING 1 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
)
TABLE created
UNION ALL
TABLE holder
UNION ALL
-- a retry of one's own completed attempt is not a conflict with the present holder
SELECT 3 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM "s"."t"
WHERE "uid" = $3::text::uuid AND EXISTS (SELECT FROM holder);
-- $1 = 17
-- $2 = 18
-- $3 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $4 = 2020-01-02 00:00:00 +0000 UTC
-- $5 = 2020-01-02 03:04:05.678 +0000 UTC
-- $6 = 2020-01-02 03:04:05 +0000 UTC

-- create, exact
WITH guarded AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM "s"."t" WHERE false
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
), identified AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM "s"."t" WHERE false
  ON CONFLICT ("uid") DO NOTHING
), own AS MATERIALIZED (
  SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "uid" = $1::text::uuid
), created AS (
  INSERT INTO "s"."t" ("uid", "a", "b", "st", "due", "cr", "up", "co")
  SELECT $1::text::uuid, $2::text::bigint, $3::text, 'pending'::text::"s"."state", ($4::timestamptz AT TIME ZONE 'UTC')::date, ($5::timestamptz AT TIME ZONE 'UTC'), $6::timestamptz, NULL
  WHERE true AND NOT EXISTS (SELECT FROM own)
  RETURNING 1 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
)
TABLE created
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM own;
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 17
-- $3 = 18
-- $4 = 2020-01-02 00:00:00 +0000 UTC
-- $5 = 2020-01-02 03:04:05.678 +0000 UTC
-- $6 = 2020-01-02 03:04:05 +0000 UTC

-- insert one
INSERT INTO "s"."t" ("uid", "a", "b", "st", "due", "cr", "up", "co")
  VALUES ($1::text::uuid, $2::text::bigint, $3::text, 'pending'::text::"s"."state", ($4::timestamptz AT TIME ZONE 'UTC')::date, ($5::timestamptz AT TIME ZONE 'UTC'), $6::timestamptz, NULL)
  -- waits for a concurrent winner instead of creating a duplicate, and leaves
  -- the transaction usable
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING;
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 17
-- $3 = 18
-- $4 = 2020-01-02 00:00:00 +0000 UTC
-- $5 = 2020-01-02 03:04:05.678 +0000 UTC
-- $6 = 2020-01-02 03:04:05 +0000 UTC

-- insert batch
WITH created AS (
  INSERT INTO "s"."t" ("uid", "a", "b", "st", "due", "cr", "up", "co")
  SELECT item.c1::text::uuid, item.c2::text::bigint, item.c3::text, 'pending'::text::"s"."state", (NULLIF(item.c4, '')::timestamptz::timestamptz AT TIME ZONE 'UTC')::date, (NULLIF(item.c5, '')::timestamptz::timestamptz AT TIME ZONE 'UTC'), NULLIF(item.c6, '')::timestamptz::timestamptz, NULL
  FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6) AS item
  WHERE set_config('lock_timeout', GREATEST(1, ceil(LEAST((
      SELECT NULLIF(date_part('epoch', current_setting('lock_timeout')::interval), 0) * 1000
    ), 10)
    - date_part('epoch', clock_timestamp() - statement_timestamp()) * 1000))::text, true) <> ''
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "uid"::text AS id
)
SELECT CASE count(*) WHEN cardinality($1::text[]) THEN 'all' ELSE COALESCE(json_agg(id), '[]')::text END FROM created;
-- $1 = {"3f0c8b0e-1111-4222-8333-123456789abc","3f0c8b0e-1111-4222-8333-123456789abc"}
-- $2 = {"17","17"}
-- $3 = {"18","20"}
-- $4 = {"2020-01-02 00:00:00Z",""}
-- $5 = {"2020-01-02 03:04:05.678Z","2020-01-02 03:04:05.678Z"}
-- $6 = {"2020-01-02 03:04:05Z","2020-01-02 03:04:05Z"}

-- create many
WITH identified AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM "s"."t" WHERE false
  ON CONFLICT ("uid") DO NOTHING
), created AS (
  INSERT INTO "s"."t" ("uid", "a", "b", "st", "due", "cr", "up", "co")
  SELECT item.c1::text::uuid, item.c2::text::bigint, item.c3::text, 'pending'::text::"s"."state", (NULLIF(item.c4, '')::timestamptz::timestamptz AT TIME ZONE 'UTC')::date, (NULLIF(item.c5, '')::timestamptz::timestamptz AT TIME ZONE 'UTC'), NULLIF(item.c6, '')::timestamptz::timestamptz, NULL
  FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6) AS item
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "uid"
), refused AS MATERIALIZED (
  SELECT item.c1, item.c2, item.c3
  -- most batches are created whole: then the rest costs nothing
  FROM (SELECT count(*) AS n FROM created) AS done CROSS JOIN LATERAL (
    SELECT * FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6) AS item WHERE item.c1::text::uuid NOT IN (SELECT "uid" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT 2 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM (
  SELECT holder.* FROM refused JOIN (SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "st" NOT IN ('cancelled', 'completed')) AS holder
  ON holder."a" = refused.c2::text::bigint AND holder."b" = refused.c3::text
) AS holder
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM (
  SELECT own."uid", own."a", own."b", own."st", own."due", own."cr", own."up", own."co" FROM refused JOIN "s"."t" AS own
  ON own."uid" = refused.c1::text::uuid
) AS own
UNION ALL
SELECT 7, refused.c1, refused.c2, refused.c3, '', '', '',
  NULL AS due_at, NULL AS created_at, NULL AS updated_at, NULL AS completed_at, 0, NULL, NULL FROM refused;
-- $1 = {"3f0c8b0e-1111-4222-8333-123456789abc","3f0c8b0e-1111-4222-8333-123456789abc"}
-- $2 = {"17","17"}
-- $3 = {"18","20"}
-- $4 = {"2020-01-02 00:00:00Z",""}
-- $5 = {"2020-01-02 03:04:05.678Z","2020-01-02 03:04:05.678Z"}
-- $6 = {"2020-01-02 03:04:05Z","2020-01-02 03:04:05Z"}

-- create many, uniform
WITH identified AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM "s"."t" WHERE false
  ON CONFLICT ("uid") DO NOTHING
), created AS (
  INSERT INTO "s"."t" ("uid", "a", "b", "st", "due", "cr", "up", "co")
  SELECT item.c1::text::uuid, item.c2::text::bigint, item.c3::text, 'pending'::text::"s"."state", ($4::timestamptz AT TIME ZONE 'UTC')::date, ($5::timestamptz AT TIME ZONE 'UTC'), $6::timestamptz, NULL
  FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3) AS item
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "uid"
), refused AS MATERIALIZED (
  SELECT item.c1, item.c2, item.c3
  -- most batches are created whole: then the rest costs nothing
  FROM (SELECT count(*) AS n FROM created) AS done CROSS JOIN LATERAL (
    SELECT * FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3) AS item WHERE item.c1::text::uuid NOT IN (SELECT "uid" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT 2 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM (
  SELECT holder.* FROM refused JOIN (SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "st" NOT IN ('cancelled', 'completed')) AS holder
  ON holder."a" = refused.c2::text::bigint AND holder."b" = refused.c3::text
) AS holder
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM (
  SELECT own."uid", own."a", own."b", own."st", own."due", own."cr", own."up", own."co" FROM refused JOIN "s"."t" AS own
  ON own."uid" = refused.c1::text::uuid
) AS own
UNION ALL
SELECT 7, refused.c1, refused.c2, refused.c3, '', '', '',
  NULL AS due_at, NULL AS created_at, NULL AS updated_at, NULL AS completed_at, 0, NULL, NULL FROM refused;
-- $1 = {"3f0c8b0e-1111-4222-8333-123456789abc","3f0c8b0e-1111-4222-8333-123456789abc"}
-- $2 = {"17","17"}
-- $3 = {"18","18"}
-- $4 = 2020-01-02 00:00:00 +0000 UTC
-- $5 = 2020-01-02 03:04:05.678 +0000 UTC
-- $6 = 2020-01-02 03:04:05 +0000 UTC

-- create many, careful
WITH identified AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM "s"."t" WHERE false
  ON CONFLICT ("uid") DO NOTHING
), created AS (
  INSERT INTO "s"."t" ("uid", "a", "b", "st", "due", "cr", "up", "co")
  SELECT item.c1::text::uuid, item.c2::text::bigint, item.c3::text, 'pending'::text::"s"."state", (NULLIF(item.c4, '')::timestamptz::timestamptz AT TIME ZONE 'UTC')::date, (NULLIF(item.c5, '')::timestamptz::timestamptz AT TIME ZONE 'UTC'), NULLIF(item.c6, '')::timestamptz::timestamptz, NULL
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    WITH ORDINALITY AS item (c1, c2, c3, c4, c5, c6, n)
  WHERE NOT EXISTS (SELECT FROM "s"."t" AS own WHERE own."uid" = item.c1::text::uuid)
  ORDER BY item.n
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "uid"
), refused AS MATERIALIZED (
  SELECT item.c1, item.c2, item.c3
  -- most batches are created whole: then the rest costs nothing
  FROM (SELECT count(*) AS n FROM created) AS done CROSS JOIN LATERAL (
    SELECT * FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3, unnest($4::text[]) AS c4, unnest($5::text[]) AS c5, unnest($6::text[]) AS c6) AS item WHERE item.c1::text::uuid NOT IN (SELECT "uid" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT 2 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM (
  SELECT holder.* FROM refused JOIN (SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "st" NOT IN ('cancelled', 'completed')) AS holder
  ON holder."a" = refused.c2::text::bigint AND holder."b" = refused.c3::text
) AS holder
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM (
  SELECT own."uid", own."a", own."b", own."st", own."due", own."cr", own."up", own."co" FROM refused JOIN "s"."t" AS own
  ON own."uid" = refused.c1::text::uuid
) AS own
UNION ALL
SELECT 7, refused.c1, refused.c2, refused.c3, '', '', '',
  NULL AS due_at, NULL AS created_at, NULL AS updated_at, NULL AS completed_at, 0, NULL, NULL FROM refused;
-- $1 = {"3f0c8b0e-1111-4222-8333-123456789abc","3f0c8b0e-1111-4222-8333-123456789abc"}
-- $2 = {"17","17"}
-- $3 = {"18","20"}
-- $4 = {"2020-01-02 00:00:00Z",""}
-- $5 = {"2020-01-02 03:04:05.678Z","2020-01-02 03:04:05.678Z"}
-- $6 = {"2020-01-02 03:04:05Z","2020-01-02 03:04:05Z"}

-- create many, careful, uniform
WITH identified AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM "s"."t" WHERE false
  ON CONFLICT ("uid") DO NOTHING
), created AS (
  INSERT INTO "s"."t" ("uid", "a", "b", "st", "due", "cr", "up", "co")
  SELECT item.c1::text::uuid, item.c2::text::bigint, item.c3::text, 'pending'::text::"s"."state", ($4::timestamptz AT TIME ZONE 'UTC')::date, ($5::timestamptz AT TIME ZONE 'UTC'), $6::timestamptz, NULL
  FROM unnest($1::text[], $2::text[], $3::text[])
    WITH ORDINALITY AS item (c1, c2, c3, n)
  WHERE NOT EXISTS (SELECT FROM "s"."t" AS own WHERE own."uid" = item.c1::text::uuid)
  ORDER BY item.n
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "uid"
), refused AS MATERIALIZED (
  SELECT item.c1, item.c2, item.c3
  -- most batches are created whole: then the rest costs nothing
  FROM (SELECT count(*) AS n FROM created) AS done CROSS JOIN LATERAL (
    SELECT * FROM (SELECT unnest($1::text[]) AS c1, unnest($2::text[]) AS c2, unnest($3::text[]) AS c3) AS item WHERE item.c1::text::uuid NOT IN (SELECT "uid" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT 2 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM (
  SELECT holder.* FROM refused JOIN (SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "st" NOT IN ('cancelled', 'completed')) AS holder
  ON holder."a" = refused.c2::text::bigint AND holder."b" = refused.c3::text
) AS holder
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM (
  SELECT own."uid", own."a", own."b", own."st", own."due", own."cr", own."up", own."co" FROM refused JOIN "s"."t" AS own
  ON own."uid" = refused.c1::text::uuid
) AS own
UNION ALL
SELECT 7, refused.c1, refused.c2, refused.c3, '', '', '',
  NULL AS due_at, NULL AS created_at, NULL AS updated_at, NULL AS completed_at, 0, NULL, NULL FROM refused;
-- $1 = {"3f0c8b0e-1111-4222-8333-123456789abc","3f0c8b0e-1111-4222-8333-123456789abc"}
-- $2 = {"17","17"}
-- $3 = {"18","18"}
-- $4 = 2020-01-02 00:00:00 +0000 UTC
-- $5 = 2020-01-02 03:04:05.678 +0000 UTC
-- $6 = 2020-01-02 03:04:05 +0000 UTC

-- get
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept WHERE "uid" = $1::text::uuid;
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc

-- get many
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept WHERE "uid" IN (SELECT asked.id::text::uuid FROM unnest($1::text[]) AS asked (id));
-- $1 = {"3f0c8b0e-1111-4222-8333-123456789abc","other"}

-- find active
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept WHERE "a" = $1::text::bigint AND "b" = $2::text AND "st" NOT IN ('cancelled', 'completed') LIMIT 1;
-- $1 = 17
-- $2 = 18

-- lock
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept WHERE "uid" = $1::text::uuid FOR UPDATE;
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc

-- reassign
WITH own AS MATERIALIZED (
  SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "uid" = $3::text::uuid
), rival AS MATERIALIZED (
  -- sparing a violation that would be logged and abort the transaction; the
  -- index still decides when this look was too early
  SELECT rival."uid", rival."a", rival."b", rival."st", rival."due", rival."cr", rival."up", rival."co" FROM (SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "st" NOT IN ('cancelled', 'completed')) AS rival JOIN own ON rival."a" = $1::text::bigint
  WHERE rival."b" = own."b" AND rival."uid" <> own."uid"
), guarded AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM own WHERE false
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
), changed AS (
  UPDATE "s"."t"
  SET "a" = $1::text::bigint, "up" = $2::timestamptz
  WHERE "uid" = $3::text::uuid AND "st" NOT IN ('cancelled', 'completed') AND "a" <> $1::text::bigint AND NOT EXISTS (SELECT FROM rival)
  RETURNING "uid", "a", "b", "st", "due", "cr", "up", "co"
)
SELECT 5 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM changed
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM rival
UNION ALL
SELECT 6 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM own;
-- $1 = 19
-- $2 = 2020-01-02 03:04:05 +0000 UTC
-- $3 = 3f0c8b0e-1111-4222-8333-123456789abc

-- transition to cancelled
WITH own AS MATERIALIZED (
  SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "uid" = $3::text::uuid
), changed AS (
  UPDATE "s"."t"
  SET "st" = 'cancelled', "up" = $1::timestamptz, "co" = ($2::timestamptz AT TIME ZONE 'UTC')
  WHERE "uid" = $3::text::uuid AND "st" NOT IN ('cancelled', 'completed')
  RETURNING "uid", "a", "b", "st", "due", "cr", "up", "co"
)
SELECT 5 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM changed
UNION ALL
SELECT 6 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM own;
-- $1 = 2020-01-02 03:04:05 +0000 UTC
-- $2 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $3 = 3f0c8b0e-1111-4222-8333-123456789abc

-- replace, retire to cancelled
WITH identified AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM "s"."t" WHERE false
  ON CONFLICT ("uid") DO NOTHING
), own AS MATERIALIZED (
  SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "uid" = $1::text::uuid
), retired AS (
  UPDATE "s"."t"
  SET "st" = 'cancelled', "up" = $2::timestamptz, "co" = ($3::timestamptz AT TIME ZONE 'UTC')
  WHERE "a" = $4::text::bigint AND "b" = $5::text AND "st" NOT IN ('cancelled', 'completed') AND "st" NOT IN ('cancelled', 'completed') AND NOT EXISTS (SELECT FROM own)
  RETURNING "uid", "a", "b", "st", "due", "cr", "up", "co"
), created AS (
  INSERT INTO "s"."t" ("uid", "a", "b", "st", "due", "cr", "up", "co")
  SELECT $1::text::uuid, $4::text::bigint, $5::text, 'pending'::text::"s"."state", ($6::timestamptz AT TIME ZONE 'UTC')::date, ($7::timestamptz AT TIME ZONE 'UTC'), $8::timestamptz, NULL
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0 AND NOT EXISTS (SELECT FROM own)
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "uid", "a", "b", "st", "due", "cr", "up", "co"
)
SELECT 1 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced' END || ';')::int, 4) AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM retired
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM own
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM "s"."t"
WHERE "a" = $4::text::bigint AND "b" = $5::text AND "st" NOT IN ('cancelled', 'completed');
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 2020-01-02 03:04:05 +0000 UTC
-- $3 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $4 = 17
-- $5 = 18
-- $6 = 2020-01-02 00:00:00 +0000 UTC
-- $7 = 2020-01-02 03:04:05.678 +0000 UTC
-- $8 = 2020-01-02 03:04:05 +0000 UTC

-- replace, retire to cancelled, lock
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept WHERE "a" = $1::text::bigint AND "b" = $2::text AND "st" NOT IN ('cancelled', 'completed') AND "st" NOT IN ('cancelled', 'completed') FOR UPDATE;
-- $1 = 17
-- $2 = 18

-- replace, retire to cancelled, exact
WITH guarded AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM "s"."t" WHERE false
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
), identified AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM "s"."t" WHERE false
  ON CONFLICT ("uid") DO NOTHING
), own AS MATERIALIZED (
  SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "uid" = $1::text::uuid
), retired AS (
  UPDATE "s"."t"
  SET "st" = 'cancelled', "up" = $3::timestamptz, "co" = ($4::timestamptz AT TIME ZONE 'UTC')
  WHERE "a" = $5::text::bigint AND "b" = $6::text AND "st" NOT IN ('cancelled', 'completed') AND "st" NOT IN ('cancelled', 'completed') AND NOT EXISTS (SELECT FROM own)
  RETURNING "uid", "a", "b", "st", "due", "cr", "up", "co"
), created AS (
  INSERT INTO "s"."t" ("uid", "a", "b", "st", "due", "cr", "up", "co")
  SELECT $1::text::uuid, $5::text::bigint, $6::text, 'pending'::text::"s"."state", ($7::timestamptz AT TIME ZONE 'UTC')::date, ($8::timestamptz AT TIME ZONE 'UTC'), $9::timestamptz, NULL
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $2::bigint AND NOT EXISTS (SELECT FROM own)
  
  RETURNING "uid", "a", "b", "st", "due", "cr", "up", "co"
)
SELECT 1 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced' END || ';')::int, 4) AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM retired
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM own
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM "s"."t"
WHERE "a" = $5::text::bigint AND "b" = $6::text AND "st" NOT IN ('cancelled', 'completed');
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 1
-- $3 = 2020-01-02 03:04:05 +0000 UTC
-- $4 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $5 = 17
-- $6 = 18
-- $7 = 2020-01-02 00:00:00 +0000 UTC
-- $8 = 2020-01-02 03:04:05.678 +0000 UTC
-- $9 = 2020-01-02 03:04:05 +0000 UTC

-- transition to completed
WITH own AS MATERIALIZED (
  SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "uid" = $3::text::uuid
), changed AS (
  UPDATE "s"."t"
  SET "st" = 'completed', "up" = $1::timestamptz, "co" = ($2::timestamptz AT TIME ZONE 'UTC')
  WHERE "uid" = $3::text::uuid AND "st" NOT IN ('cancelled', 'completed')
  RETURNING "uid", "a", "b", "st", "due", "cr", "up", "co"
)
SELECT 5 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM changed
UNION ALL
SELECT 6 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM own;
-- $1 = 2020-01-02 03:04:05 +0000 UTC
-- $2 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $3 = 3f0c8b0e-1111-4222-8333-123456789abc

-- replace, retire to completed
WITH identified AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM "s"."t" WHERE false
  ON CONFLICT ("uid") DO NOTHING
), own AS MATERIALIZED (
  SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "uid" = $1::text::uuid
), retired AS (
  UPDATE "s"."t"
  SET "st" = 'completed', "up" = $2::timestamptz, "co" = ($3::timestamptz AT TIME ZONE 'UTC')
  WHERE "a" = $4::text::bigint AND "b" = $5::text AND "st" NOT IN ('cancelled', 'completed') AND "st" NOT IN ('cancelled', 'completed') AND NOT EXISTS (SELECT FROM own)
  RETURNING "uid", "a", "b", "st", "due", "cr", "up", "co"
), created AS (
  INSERT INTO "s"."t" ("uid", "a", "b", "st", "due", "cr", "up", "co")
  SELECT $1::text::uuid, $4::text::bigint, $5::text, 'pending'::text::"s"."state", ($6::timestamptz AT TIME ZONE 'UTC')::date, ($7::timestamptz AT TIME ZONE 'UTC'), $8::timestamptz, NULL
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0 AND NOT EXISTS (SELECT FROM own)
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
  RETURNING "uid", "a", "b", "st", "due", "cr", "up", "co"
)
SELECT 1 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced' END || ';')::int, 4) AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM retired
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM own
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM "s"."t"
WHERE "a" = $4::text::bigint AND "b" = $5::text AND "st" NOT IN ('cancelled', 'completed');
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 2020-01-02 03:04:05 +0000 UTC
-- $3 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $4 = 17
-- $5 = 18
-- $6 = 2020-01-02 00:00:00 +0000 UTC
-- $7 = 2020-01-02 03:04:05.678 +0000 UTC
-- $8 = 2020-01-02 03:04:05 +0000 UTC

-- replace, retire to completed, lock
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept WHERE "a" = $1::text::bigint AND "b" = $2::text AND "st" NOT IN ('cancelled', 'completed') AND "st" NOT IN ('cancelled', 'completed') FOR UPDATE;
-- $1 = 17
-- $2 = 18

-- replace, retire to completed, exact
WITH guarded AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM "s"."t" WHERE false
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
), identified AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM "s"."t" WHERE false
  ON CONFLICT ("uid") DO NOTHING
), own AS MATERIALIZED (
  SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "uid" = $1::text::uuid
), retired AS (
  UPDATE "s"."t"
  SET "st" = 'completed', "up" = $3::timestamptz, "co" = ($4::timestamptz AT TIME ZONE 'UTC')
  WHERE "a" = $5::text::bigint AND "b" = $6::text AND "st" NOT IN ('cancelled', 'completed') AND "st" NOT IN ('cancelled', 'completed') AND NOT EXISTS (SELECT FROM own)
  RETURNING "uid", "a", "b", "st", "due", "cr", "up", "co"
), created AS (
  INSERT INTO "s"."t" ("uid", "a", "b", "st", "due", "cr", "up", "co")
  SELECT $1::text::uuid, $5::text::bigint, $6::text, 'pending'::text::"s"."state", ($7::timestamptz AT TIME ZONE 'UTC')::date, ($8::timestamptz AT TIME ZONE 'UTC'), $9::timestamptz, NULL
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $2::bigint AND NOT EXISTS (SELECT FROM own)
  
  RETURNING "uid", "a", "b", "st", "due", "cr", "up", "co"
)
SELECT 1 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT COALESCE(('assignment-undo:UPDATE:' || CASE WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced' END || ';')::int, 4) AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM retired
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM own
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM "s"."t"
WHERE "a" = $5::text::bigint AND "b" = $6::text AND "st" NOT IN ('cancelled', 'completed');
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 1
-- $3 = 2020-01-02 03:04:05 +0000 UTC
-- $4 = 2020-01-02 03:04:05.678912 +0000 UTC
-- $5 = 17
-- $6 = 18
-- $7 = 2020-01-02 00:00:00 +0000 UTC
-- $8 = 2020-01-02 03:04:05.678 +0000 UTC
-- $9 = 2020-01-02 03:04:05 +0000 UTC

-- transition to in_progress
WITH own AS MATERIALIZED (
  SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "uid" = $2::text::uuid
), rival AS MATERIALIZED (
  -- sparing a violation that would be logged and abort the transaction; the
  -- index still decides when this look was too early
  SELECT rival."uid", rival."a", rival."b", rival."st", rival."due", rival."cr", rival."up", rival."co" FROM (SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "st" NOT IN ('cancelled', 'completed')) AS rival JOIN own ON rival."a" = own."a"
  WHERE rival."b" = own."b" AND rival."uid" <> own."uid"
), guarded AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM own WHERE false
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
), changed AS (
  UPDATE "s"."t"
  SET "st" = 'in_progress', "up" = $1::timestamptz, "co" = NULL
  WHERE "uid" = $2::text::uuid AND "st" IN ('pending') AND NOT EXISTS (SELECT FROM rival)
  RETURNING "uid", "a", "b", "st", "due", "cr", "up", "co"
)
SELECT 5 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM changed
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM rival
UNION ALL
SELECT 6 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM own;
-- $1 = 2020-01-02 03:04:05 +0000 UTC
-- $2 = 3f0c8b0e-1111-4222-8333-123456789abc

-- transition to pending
WITH own AS MATERIALIZED (
  SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "uid" = $2::text::uuid
), rival AS MATERIALIZED (
  -- sparing a violation that would be logged and abort the transaction; the
  -- index still decides when this look was too early
  SELECT rival."uid", rival."a", rival."b", rival."st", rival."due", rival."cr", rival."up", rival."co" FROM (SELECT "uid", "a", "b", "st", "due", "cr", "up", "co" FROM "s"."t" WHERE "st" NOT IN ('cancelled', 'completed')) AS rival JOIN own ON rival."a" = own."a"
  WHERE rival."b" = own."b" AND rival."uid" <> own."uid"
), guarded AS (
  INSERT INTO "s"."t" ("a", "b", "st") SELECT "a", "b", "st" FROM own WHERE false
  ON CONFLICT ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed') DO NOTHING
), changed AS (
  UPDATE "s"."t"
  SET "st" = 'pending', "up" = $1::timestamptz, "co" = NULL
  WHERE "uid" = $2::text::uuid AND "st" IN ('cancelled', 'completed') AND NOT EXISTS (SELECT FROM rival)
  RETURNING "uid", "a", "b", "st", "due", "cr", "up", "co"
)
SELECT 5 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM changed
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM rival
UNION ALL
SELECT 6 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request FROM own;
-- $1 = 2020-01-02 03:04:05 +0000 UTC
-- $2 = 3f0c8b0e-1111-4222-8333-123456789abc

-- list all
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept
ORDER BY COALESCE(kept."cr", '-infinity'), kept."uid"
LIMIT $1::bigint;
-- $1 = 5

-- count all
SELECT count(*)::text FROM "s"."t" AS kept;

-- list of an assignee
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept
WHERE "a" = $1::text::bigint AND ("st" NOT IN ('cancelled', 'completed') OR "st" IN ('cancelled', 'completed'))
ORDER BY COALESCE(kept."cr", '-infinity'), kept."uid"
LIMIT $2::bigint;
-- $1 = 17
-- $2 = 5

-- count of an assignee
SELECT count(*)::text FROM "s"."t" AS kept
WHERE "a" = $1::text::bigint AND ("st" NOT IN ('cancelled', 'completed') OR "st" IN ('cancelled', 'completed'));
-- $1 = 17

-- list of an assignee, active
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept
WHERE "a" = $1::text::bigint AND "st" NOT IN ('cancelled', 'completed')
ORDER BY COALESCE(kept."cr", '-infinity'), kept."uid"
LIMIT $2::bigint;
-- $1 = 17
-- $2 = 5

-- count of an assignee, active
SELECT count(*)::text FROM "s"."t" AS kept
WHERE "a" = $1::text::bigint AND "st" NOT IN ('cancelled', 'completed');
-- $1 = 17

-- list of an assignee, of both sides
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept
WHERE "a" = $1::text::bigint AND "st" IN ('pending', 'completed') AND ("st" NOT IN ('cancelled', 'completed') OR "st" IN ('cancelled', 'completed'))
ORDER BY COALESCE(kept."cr", '-infinity'), kept."uid"
LIMIT $2::bigint;
-- $1 = 17
-- $2 = 5

-- count of an assignee, of both sides
SELECT count(*)::text FROM "s"."t" AS kept
WHERE "a" = $1::text::bigint AND "st" IN ('pending', 'completed') AND ("st" NOT IN ('cancelled', 'completed') OR "st" IN ('cancelled', 'completed'));
-- $1 = 17

-- list of a subject
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept
WHERE "b" = $1::text AND "st" IN ('pending')
ORDER BY COALESCE(kept."cr", '-infinity'), kept."uid"
LIMIT $2::bigint;
-- $1 = 18
-- $2 = 5

-- count of a subject
SELECT count(*)::text FROM "s"."t" AS kept
WHERE "b" = $1::text AND "st" IN ('pending');
-- $1 = 18

-- list of an account: false, AccountID is not supported by this store: no column of the table keeps it

-- list due
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept
WHERE "due" < ($1::timestamptz AT TIME ZONE 'UTC') AND "due" > '-infinity'
ORDER BY COALESCE(kept."cr", '-infinity'), kept."uid"
LIMIT $2::bigint;
-- $1 = 2020-01-02 03:04:05.678912345 +0000 UTC
-- $2 = 5

-- count due
SELECT count(*)::text FROM "s"."t" AS kept
WHERE "due" < ($1::timestamptz AT TIME ZONE 'UTC') AND "due" > '-infinity';
-- $1 = 2020-01-02 03:04:05.678912345 +0000 UTC

-- list after
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept
WHERE (COALESCE(kept."cr", '-infinity'), kept."uid") > (($2::timestamptz AT TIME ZONE 'UTC'), $1::text::uuid)
ORDER BY COALESCE(kept."cr", '-infinity'), kept."uid"
LIMIT $3::bigint;
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 2020-01-02 03:04:05.678912345 +0000 UTC
-- $3 = 5

-- list after an ID that the column can't hold
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept
WHERE (COALESCE(kept."cr", '-infinity'), kept."uid"::text COLLATE "C") > (($2::timestamptz AT TIME ZONE 'UTC'), $1::text)
ORDER BY COALESCE(kept."cr", '-infinity'), kept."uid"
LIMIT $3::bigint;
-- $1 = x
-- $2 = 2020-01-02 03:04:05.678912345 +0000 UTC
-- $3 = 5

-- list after no time
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept
WHERE (COALESCE(kept."cr", '-infinity'), kept."uid") > (COALESCE((SELECT min(COALESCE("cr", '-infinity')) FROM "s"."t" WHERE "uid" = $2::text::uuid), '-infinity'), $1::text::uuid)
ORDER BY COALESCE(kept."cr", '-infinity'), kept."uid"
LIMIT $3::bigint;
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $3 = 5

-- list after the latest time
SELECT 0 AS kind, "uid"::text AS id, "a"::text AS assignee_id, "b" AS subject_id, "st"::text AS status,
  '' AS assigned_by, '' AS account_id,
  ("due")::timestamp AT TIME ZONE 'UTC' AS due_at, ("cr") AT TIME ZONE 'UTC' AS created_at,
  "up" AS updated_at, ("co") AT TIME ZONE 'UTC' AS completed_at,
  0::bigint AS version, '' AS metadata, '' AS request
FROM "s"."t" AS kept
WHERE (COALESCE(kept."cr", '-infinity'), kept."uid") > (COALESCE((SELECT min(COALESCE("cr", '-infinity')) FROM "s"."t" WHERE "uid" = $2::text::uuid), 'infinity'), $1::text::uuid)
ORDER BY COALESCE(kept."cr", '-infinity'), kept."uid"
LIMIT $3::bigint;
-- $1 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $2 = 3f0c8b0e-1111-4222-8333-123456789abc
-- $3 = 5

-- guard
CREATE UNIQUE INDEX CONCURRENTLY "t_active_key" ON "s"."t" ("a", "b") WHERE "st" NOT IN ('cancelled', 'completed');

