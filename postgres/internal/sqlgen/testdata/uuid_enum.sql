-- create
-- Sent first by Create, unless insert one is, and by its retries.
-- $1 assignee_id, $2 subject_id, $3 id, $4 assigned_by, $5 due_at, $6 created_at, $7 updated_at
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM "support"."tickets"
  WHERE false
  ON CONFLICT ("uid") DO NOTHING
), holder AS MATERIALIZED (
  -- returns a conflict without a write. This check alone would leave the check-then-create
  -- race, which ON CONFLICT prevents
  SELECT 2 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
    "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
    "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
    "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
    '' AS metadata, '' AS request
  FROM "support"."tickets"
  WHERE "agent_uid" = $1::text::uuid
    AND "ticket_uid" = $2::text::uuid
    AND "state" NOT IN ('cancelled', 'completed')
  LIMIT 1
), created AS (
  INSERT INTO "support"."tickets" ("uid", "agent_uid", "ticket_uid", "state", "by", "due_on",
    "opened_at", "changed_at", "closed_at")
  SELECT $3::text::uuid, $1::text::uuid, $2::text::uuid, 'pending'::text::"support"."state",
    $4::text, ($5::timestamptz AT TIME ZONE 'UTC')::date, ($6::timestamptz AT TIME ZONE 'UTC'),
    $7::timestamptz, NULL
  WHERE NOT EXISTS (SELECT FROM holder)
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING 1 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
    "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
    "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
    "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
    '' AS metadata, '' AS request
)
TABLE created
UNION ALL
TABLE holder
UNION ALL
-- prevents a conflict between a repeated call and the present holder: it gets its row
SELECT 3 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets"
WHERE "uid" = $3::text::uuid
  AND EXISTS (SELECT FROM holder);

-- create, exact
-- Sent by Create after two statements that created nothing and found no holder.
-- $1 id, $2 assignee_id, $3 subject_id, $4 assigned_by, $5 due_at, $6 created_at, $7 updated_at
WITH guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM "support"."tickets"
  WHERE false
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
), identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM "support"."tickets"
  WHERE false
  ON CONFLICT ("uid") DO NOTHING
), existing AS MATERIALIZED (
  SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
  FROM "support"."tickets"
  WHERE "uid" = $1::text::uuid
), created AS (
  INSERT INTO "support"."tickets" ("uid", "agent_uid", "ticket_uid", "state", "by", "due_on",
    "opened_at", "changed_at", "closed_at")
  SELECT $1::text::uuid, $2::text::uuid, $3::text::uuid, 'pending'::text::"support"."state",
    $4::text, ($5::timestamptz AT TIME ZONE 'UTC')::date, ($6::timestamptz AT TIME ZONE 'UTC'),
    $7::timestamptz, NULL
  WHERE NOT EXISTS (SELECT FROM existing)
  RETURNING 1 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
    "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
    "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
    "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
    '' AS metadata, '' AS request
)
TABLE created
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM existing;

-- insert one
-- Sent first by Create when the ID is new and the last 64 creates found their slots free.
-- $1 id, $2 assignee_id, $3 subject_id, $4 assigned_by, $5 due_at, $6 created_at, $7 updated_at
INSERT INTO "support"."tickets" ("uid", "agent_uid", "ticket_uid", "state", "by", "due_on",
  "opened_at", "changed_at", "closed_at")
VALUES ($1::text::uuid, $2::text::uuid, $3::text::uuid, 'pending'::text::"support"."state",
  $4::text, ($5::timestamptz AT TIME ZONE 'UTC')::date, ($6::timestamptz AT TIME ZONE 'UTC'),
  $7::timestamptz, NULL)
-- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
-- and inserts nothing beside its row. That is no violation: the transaction remains usable
ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
DO NOTHING;

-- insert batch
-- Sent by Creates under new IDs that share a statement.
-- $1 id[], $2 assignee_id[], $3 subject_id[], $4 assigned_by[], $5 due_at[], $6 created_at[],
--   $7 updated_at[]
WITH created AS (
  INSERT INTO "support"."tickets" ("uid", "agent_uid", "ticket_uid", "state", "by", "due_on",
    "opened_at", "changed_at", "closed_at")
  SELECT item.id::text::uuid, item.assignee_id::text::uuid, item.subject_id::text::uuid,
    'pending'::text::"support"."state", NULLIF(item.assigned_by, '')::text,
    (NULLIF(item.due_at, '')::timestamptz AT TIME ZONE 'UTC')::date,
    (NULLIF(item.created_at, '')::timestamptz AT TIME ZONE 'UTC'),
    NULLIF(item.updated_at, '')::timestamptz, NULL
  FROM (
    SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id,
      unnest($3::text[]) AS subject_id, unnest($4::text[]) AS assigned_by,
      unnest($5::text[]) AS due_at, unnest($6::text[]) AS created_at, unnest($7::text[]) AS updated_at
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
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "uid"::text AS id
)
SELECT CASE count(*)
    WHEN cardinality($1::text[]) THEN 'all'
    ELSE COALESCE(json_agg(id), '[]')::text
  END
FROM created;

-- create many
-- Sent first by CreateMany.
-- $1 id[], $2 assignee_id[], $3 subject_id[], $4 assigned_by[], $5 due_at[], $6 created_at[],
--   $7 updated_at[]
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM "support"."tickets"
  WHERE false
  ON CONFLICT ("uid") DO NOTHING
), created AS (
  INSERT INTO "support"."tickets" ("uid", "agent_uid", "ticket_uid", "state", "by", "due_on",
    "opened_at", "changed_at", "closed_at")
  SELECT item.id::text::uuid, item.assignee_id::text::uuid, item.subject_id::text::uuid,
    'pending'::text::"support"."state", NULLIF(item.assigned_by, '')::text,
    (NULLIF(item.due_at, '')::timestamptz AT TIME ZONE 'UTC')::date,
    (NULLIF(item.created_at, '')::timestamptz AT TIME ZONE 'UTC'),
    NULLIF(item.updated_at, '')::timestamptz, NULL
  FROM (
    SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id,
      unnest($3::text[]) AS subject_id, unnest($4::text[]) AS assigned_by,
      unnest($5::text[]) AS due_at, unnest($6::text[]) AS created_at, unnest($7::text[]) AS updated_at
  ) AS item
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "uid"
), rejected AS MATERIALIZED (
  -- most batches are created whole: then nothing below is evaluated
  SELECT item.*
  FROM (SELECT count(*) AS n FROM created) AS done
  CROSS JOIN LATERAL (
    SELECT *
    FROM (
      SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id, unnest($3::text[]) AS subject_id
    ) AS item
    WHERE item.id::text::uuid NOT IN (SELECT "uid" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT 2 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM (
  SELECT holder."uid", holder."agent_uid", holder."ticket_uid", holder."state", holder."by",
    holder."due_on", holder."opened_at", holder."changed_at", holder."closed_at"
  FROM rejected
  JOIN (
    SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
      "closed_at"
    FROM "support"."tickets"
    WHERE "state" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."agent_uid" = rejected.assignee_id::text::uuid
    AND holder."ticket_uid" = rejected.subject_id::text::uuid
) AS holder
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM (
  SELECT existing."uid", existing."agent_uid", existing."ticket_uid", existing."state",
    existing."by", existing."due_on", existing."opened_at", existing."changed_at",
    existing."closed_at"
  FROM rejected
  JOIN "support"."tickets" AS existing
  ON existing."uid" = rejected.id::text::uuid
) AS existing
UNION ALL
SELECT 7, id, assignee_id, subject_id, '', '', '', NULL, NULL, NULL, NULL, 0, NULL, NULL
FROM rejected;

-- create many, uniform
-- Sent first by CreateMany when the rows differ in ID, key and fingerprint alone.
-- $1 id[], $2 assignee_id[], $3 subject_id[], $4 assigned_by, $5 due_at, $6 created_at,
--   $7 updated_at
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM "support"."tickets"
  WHERE false
  ON CONFLICT ("uid") DO NOTHING
), created AS (
  INSERT INTO "support"."tickets" ("uid", "agent_uid", "ticket_uid", "state", "by", "due_on",
    "opened_at", "changed_at", "closed_at")
  SELECT item.id::text::uuid, item.assignee_id::text::uuid, item.subject_id::text::uuid,
    'pending'::text::"support"."state", $4::text, ($5::timestamptz AT TIME ZONE 'UTC')::date,
    ($6::timestamptz AT TIME ZONE 'UTC'), $7::timestamptz, NULL
  FROM (
    SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id, unnest($3::text[]) AS subject_id
  ) AS item
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "uid"
), rejected AS MATERIALIZED (
  -- most batches are created whole: then nothing below is evaluated
  SELECT item.*
  FROM (SELECT count(*) AS n FROM created) AS done
  CROSS JOIN LATERAL (
    SELECT *
    FROM (
      SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id, unnest($3::text[]) AS subject_id
    ) AS item
    WHERE item.id::text::uuid NOT IN (SELECT "uid" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT 2 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM (
  SELECT holder."uid", holder."agent_uid", holder."ticket_uid", holder."state", holder."by",
    holder."due_on", holder."opened_at", holder."changed_at", holder."closed_at"
  FROM rejected
  JOIN (
    SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
      "closed_at"
    FROM "support"."tickets"
    WHERE "state" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."agent_uid" = rejected.assignee_id::text::uuid
    AND holder."ticket_uid" = rejected.subject_id::text::uuid
) AS holder
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM (
  SELECT existing."uid", existing."agent_uid", existing."ticket_uid", existing."state",
    existing."by", existing."due_on", existing."opened_at", existing."changed_at",
    existing."closed_at"
  FROM rejected
  JOIN "support"."tickets" AS existing
  ON existing."uid" = rejected.id::text::uuid
) AS existing
UNION ALL
SELECT 7, id, assignee_id, subject_id, '', '', '', NULL, NULL, NULL, NULL, 0, NULL, NULL
FROM rejected;

-- create many, careful
-- Sent by CreateMany after an attempt that may have created some of the rows.
-- $1 id[], $2 assignee_id[], $3 subject_id[], $4 assigned_by[], $5 due_at[], $6 created_at[],
--   $7 updated_at[]
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM "support"."tickets"
  WHERE false
  ON CONFLICT ("uid") DO NOTHING
), created AS (
  INSERT INTO "support"."tickets" ("uid", "agent_uid", "ticket_uid", "state", "by", "due_on",
    "opened_at", "changed_at", "closed_at")
  SELECT item.id::text::uuid, item.assignee_id::text::uuid, item.subject_id::text::uuid,
    'pending'::text::"support"."state", NULLIF(item.assigned_by, '')::text,
    (NULLIF(item.due_at, '')::timestamptz AT TIME ZONE 'UTC')::date,
    (NULLIF(item.created_at, '')::timestamptz AT TIME ZONE 'UTC'),
    NULLIF(item.updated_at, '')::timestamptz, NULL
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    WITH ORDINALITY AS item (id, assignee_id, subject_id, assigned_by, due_at, created_at,
    updated_at, n)
  -- prevents a second row for one that an earlier attempt created
  WHERE NOT EXISTS (
    SELECT FROM "support"."tickets" AS existing
    WHERE existing."uid" = item.id::text::uuid
  )
  -- prevents deadlocks between batches: all insert in the same order
  ORDER BY item.n
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "uid"
), rejected AS MATERIALIZED (
  -- most batches are created whole: then nothing below is evaluated
  SELECT item.*
  FROM (SELECT count(*) AS n FROM created) AS done
  CROSS JOIN LATERAL (
    SELECT *
    FROM (
      SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id, unnest($3::text[]) AS subject_id
    ) AS item
    WHERE item.id::text::uuid NOT IN (SELECT "uid" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT 2 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM (
  SELECT holder."uid", holder."agent_uid", holder."ticket_uid", holder."state", holder."by",
    holder."due_on", holder."opened_at", holder."changed_at", holder."closed_at"
  FROM rejected
  JOIN (
    SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
      "closed_at"
    FROM "support"."tickets"
    WHERE "state" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."agent_uid" = rejected.assignee_id::text::uuid
    AND holder."ticket_uid" = rejected.subject_id::text::uuid
) AS holder
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM (
  SELECT existing."uid", existing."agent_uid", existing."ticket_uid", existing."state",
    existing."by", existing."due_on", existing."opened_at", existing."changed_at",
    existing."closed_at"
  FROM rejected
  JOIN "support"."tickets" AS existing
  ON existing."uid" = rejected.id::text::uuid
) AS existing
UNION ALL
SELECT 7, id, assignee_id, subject_id, '', '', '', NULL, NULL, NULL, NULL, 0, NULL, NULL
FROM rejected;

-- create many, careful and uniform
-- Sent by CreateMany after such an attempt when the rows differ in ID, key and fingerprint alone.
-- $1 id[], $2 assignee_id[], $3 subject_id[], $4 assigned_by, $5 due_at, $6 created_at,
--   $7 updated_at
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM "support"."tickets"
  WHERE false
  ON CONFLICT ("uid") DO NOTHING
), created AS (
  INSERT INTO "support"."tickets" ("uid", "agent_uid", "ticket_uid", "state", "by", "due_on",
    "opened_at", "changed_at", "closed_at")
  SELECT item.id::text::uuid, item.assignee_id::text::uuid, item.subject_id::text::uuid,
    'pending'::text::"support"."state", $4::text, ($5::timestamptz AT TIME ZONE 'UTC')::date,
    ($6::timestamptz AT TIME ZONE 'UTC'), $7::timestamptz, NULL
  FROM unnest($1::text[], $2::text[], $3::text[])
    WITH ORDINALITY AS item (id, assignee_id, subject_id, n)
  -- prevents a second row for one that an earlier attempt created
  WHERE NOT EXISTS (
    SELECT FROM "support"."tickets" AS existing
    WHERE existing."uid" = item.id::text::uuid
  )
  -- prevents deadlocks between batches: all insert in the same order
  ORDER BY item.n
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "uid"
), rejected AS MATERIALIZED (
  -- most batches are created whole: then nothing below is evaluated
  SELECT item.*
  FROM (SELECT count(*) AS n FROM created) AS done
  CROSS JOIN LATERAL (
    SELECT *
    FROM (
      SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS assignee_id, unnest($3::text[]) AS subject_id
    ) AS item
    WHERE item.id::text::uuid NOT IN (SELECT "uid" FROM created)
  ) AS item
  WHERE done.n < cardinality($1::text[])
)
SELECT 2 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM (
  SELECT holder."uid", holder."agent_uid", holder."ticket_uid", holder."state", holder."by",
    holder."due_on", holder."opened_at", holder."changed_at", holder."closed_at"
  FROM rejected
  JOIN (
    SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
      "closed_at"
    FROM "support"."tickets"
    WHERE "state" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."agent_uid" = rejected.assignee_id::text::uuid
    AND holder."ticket_uid" = rejected.subject_id::text::uuid
) AS holder
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM (
  SELECT existing."uid", existing."agent_uid", existing."ticket_uid", existing."state",
    existing."by", existing."due_on", existing."opened_at", existing."changed_at",
    existing."closed_at"
  FROM rejected
  JOIN "support"."tickets" AS existing
  ON existing."uid" = rejected.id::text::uuid
) AS existing
UNION ALL
SELECT 7, id, assignee_id, subject_id, '', '', '', NULL, NULL, NULL, NULL, 0, NULL, NULL
FROM rejected;

-- replace, retire to cancelled
-- Sent by Replace.
-- $1 id, $2 updated_at, $3 completed_at, $4 assignee_id, $5 subject_id, $6 assigned_by, $7 due_at,
--   $8 created_at, $9 updated_at
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM "support"."tickets"
  WHERE false
  ON CONFLICT ("uid") DO NOTHING
), existing AS MATERIALIZED (
  SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
  FROM "support"."tickets"
  WHERE "uid" = $1::text::uuid
), retired AS (
  UPDATE "support"."tickets"
  SET "state" = 'cancelled', "changed_at" = $2::timestamptz,
    "closed_at" = ($3::timestamptz AT TIME ZONE 'UTC')
  WHERE "agent_uid" = $4::text::uuid
    AND "ticket_uid" = $5::text::uuid
    AND "state" NOT IN ('cancelled', 'completed')
    AND "state" NOT IN ('cancelled', 'completed')
    AND NOT EXISTS (SELECT FROM existing)
  RETURNING "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
), created AS (
  INSERT INTO "support"."tickets" ("uid", "agent_uid", "ticket_uid", "state", "by", "due_on",
    "opened_at", "changed_at", "closed_at")
  SELECT $1::text::uuid, $4::text::uuid, $5::text::uuid, 'pending'::text::"support"."state",
    $6::text, ($7::timestamptz AT TIME ZONE 'UTC')::date, ($8::timestamptz AT TIME ZONE 'UTC'),
    $9::timestamptz, NULL
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
)
SELECT 1 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, 4) AS kind,
  "uid"::text AS id, "agent_uid"::text AS assignee_id, "ticket_uid"::text AS subject_id,
  "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM retired
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM existing
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets"
WHERE "agent_uid" = $4::text::uuid
  AND "ticket_uid" = $5::text::uuid
  AND "state" NOT IN ('cancelled', 'completed');

-- replace, retire to cancelled, lock
-- Sent by Replace after two statements that created nothing, before the exact one.
-- $1 assignee_id, $2 subject_id
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE "agent_uid" = $1::text::uuid
  AND "ticket_uid" = $2::text::uuid
  AND "state" NOT IN ('cancelled', 'completed')
  AND "state" NOT IN ('cancelled', 'completed')
FOR UPDATE;

-- replace, retire to cancelled, exact
-- Sent by Replace after the lock, in the same transaction.
-- $1 id, $2 locked, $3 updated_at, $4 completed_at, $5 assignee_id, $6 subject_id, $7 assigned_by,
--   $8 due_at, $9 created_at, $10 updated_at
WITH guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM "support"."tickets"
  WHERE false
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
), identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM "support"."tickets"
  WHERE false
  ON CONFLICT ("uid") DO NOTHING
), existing AS MATERIALIZED (
  SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
  FROM "support"."tickets"
  WHERE "uid" = $1::text::uuid
), retired AS (
  UPDATE "support"."tickets"
  SET "state" = 'cancelled', "changed_at" = $3::timestamptz,
    "closed_at" = ($4::timestamptz AT TIME ZONE 'UTC')
  WHERE "agent_uid" = $5::text::uuid
    AND "ticket_uid" = $6::text::uuid
    AND "state" NOT IN ('cancelled', 'completed')
    AND "state" NOT IN ('cancelled', 'completed')
    AND NOT EXISTS (SELECT FROM existing)
  RETURNING "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
), created AS (
  INSERT INTO "support"."tickets" ("uid", "agent_uid", "ticket_uid", "state", "by", "due_on",
    "opened_at", "changed_at", "closed_at")
  SELECT $1::text::uuid, $5::text::uuid, $6::text::uuid, 'pending'::text::"support"."state",
    $7::text, ($8::timestamptz AT TIME ZONE 'UTC')::date, ($9::timestamptz AT TIME ZONE 'UTC'),
    $10::timestamptz, NULL
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $2::bigint
    AND NOT EXISTS (SELECT FROM existing)
  RETURNING "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
)
SELECT 1 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, 4) AS kind,
  "uid"::text AS id, "agent_uid"::text AS assignee_id, "ticket_uid"::text AS subject_id,
  "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM retired
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM existing
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets"
WHERE "agent_uid" = $5::text::uuid
  AND "ticket_uid" = $6::text::uuid
  AND "state" NOT IN ('cancelled', 'completed');

-- replace, retire to completed
-- Sent by Replace.
-- $1 id, $2 updated_at, $3 completed_at, $4 assignee_id, $5 subject_id, $6 assigned_by, $7 due_at,
--   $8 created_at, $9 updated_at
WITH identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM "support"."tickets"
  WHERE false
  ON CONFLICT ("uid") DO NOTHING
), existing AS MATERIALIZED (
  SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
  FROM "support"."tickets"
  WHERE "uid" = $1::text::uuid
), retired AS (
  UPDATE "support"."tickets"
  SET "state" = 'completed', "changed_at" = $2::timestamptz,
    "closed_at" = ($3::timestamptz AT TIME ZONE 'UTC')
  WHERE "agent_uid" = $4::text::uuid
    AND "ticket_uid" = $5::text::uuid
    AND "state" NOT IN ('cancelled', 'completed')
    AND "state" NOT IN ('cancelled', 'completed')
    AND NOT EXISTS (SELECT FROM existing)
  RETURNING "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
), created AS (
  INSERT INTO "support"."tickets" ("uid", "agent_uid", "ticket_uid", "state", "by", "due_on",
    "opened_at", "changed_at", "closed_at")
  SELECT $1::text::uuid, $4::text::uuid, $5::text::uuid, 'pending'::text::"support"."state",
    $6::text, ($7::timestamptz AT TIME ZONE 'UTC')::date, ($8::timestamptz AT TIME ZONE 'UTC'),
    $9::timestamptz, NULL
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0
    AND NOT EXISTS (SELECT FROM existing)
  -- prevents the check-then-create race: waits for a transaction that inserts into the same slot,
  -- and inserts nothing beside its row. That is no violation: the transaction remains usable
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
  RETURNING "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
)
SELECT 1 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, 4) AS kind,
  "uid"::text AS id, "agent_uid"::text AS assignee_id, "ticket_uid"::text AS subject_id,
  "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM retired
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM existing
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets"
WHERE "agent_uid" = $4::text::uuid
  AND "ticket_uid" = $5::text::uuid
  AND "state" NOT IN ('cancelled', 'completed');

-- replace, retire to completed, lock
-- Sent by Replace after two statements that created nothing, before the exact one.
-- $1 assignee_id, $2 subject_id
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE "agent_uid" = $1::text::uuid
  AND "ticket_uid" = $2::text::uuid
  AND "state" NOT IN ('cancelled', 'completed')
  AND "state" NOT IN ('cancelled', 'completed')
FOR UPDATE;

-- replace, retire to completed, exact
-- Sent by Replace after the lock, in the same transaction.
-- $1 id, $2 locked, $3 updated_at, $4 completed_at, $5 assignee_id, $6 subject_id, $7 assigned_by,
--   $8 due_at, $9 created_at, $10 updated_at
WITH guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM "support"."tickets"
  WHERE false
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
), identified AS (
  -- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM "support"."tickets"
  WHERE false
  ON CONFLICT ("uid") DO NOTHING
), existing AS MATERIALIZED (
  SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
  FROM "support"."tickets"
  WHERE "uid" = $1::text::uuid
), retired AS (
  UPDATE "support"."tickets"
  SET "state" = 'completed', "changed_at" = $3::timestamptz,
    "closed_at" = ($4::timestamptz AT TIME ZONE 'UTC')
  WHERE "agent_uid" = $5::text::uuid
    AND "ticket_uid" = $6::text::uuid
    AND "state" NOT IN ('cancelled', 'completed')
    AND "state" NOT IN ('cancelled', 'completed')
    AND NOT EXISTS (SELECT FROM existing)
  RETURNING "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
), created AS (
  INSERT INTO "support"."tickets" ("uid", "agent_uid", "ticket_uid", "state", "by", "due_on",
    "opened_at", "changed_at", "closed_at")
  SELECT $1::text::uuid, $5::text::uuid, $6::text::uuid, 'pending'::text::"support"."state",
    $7::text, ($8::timestamptz AT TIME ZONE 'UTC')::date, ($9::timestamptz AT TIME ZONE 'UTC'),
    $10::timestamptz, NULL
  -- prevents a conflict with the retired row: the count makes the insert run after the update
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= $2::bigint
    AND NOT EXISTS (SELECT FROM existing)
  RETURNING "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
)
SELECT 1 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM created
UNION ALL
-- prevents a holder from being retired without a successor: undoes the statement
SELECT
  COALESCE((
    'assignment-undo:UPDATE:' || CASE
      WHEN (SELECT count(*) FROM created) = 0 THEN 'unreplaced'
    END || ';'
  )::int, 4) AS kind,
  "uid"::text AS id, "agent_uid"::text AS assignee_id, "ticket_uid"::text AS subject_id,
  "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM retired
UNION ALL
SELECT 3 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM existing
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets"
WHERE "agent_uid" = $5::text::uuid
  AND "ticket_uid" = $6::text::uuid
  AND "state" NOT IN ('cancelled', 'completed');

-- reassign
-- Sent by Reassign.
-- $1 id, $2 assignee_id, $3 updated_at
WITH current AS MATERIALIZED (
  SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
  FROM "support"."tickets"
  WHERE "uid" = $1::text::uuid
), holder AS MATERIALIZED (
  -- prevents a violation, which would abort the transaction. The guard itself prevents a second
  -- active row beside a holder that is not visible yet
  SELECT holder."uid", holder."agent_uid", holder."ticket_uid", holder."state", holder."by",
    holder."due_on", holder."opened_at", holder."changed_at", holder."closed_at"
  FROM current
  JOIN (
    SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
      "closed_at"
    FROM "support"."tickets"
    WHERE "state" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."agent_uid" = $2::text::uuid
    AND holder."ticket_uid" = current."ticket_uid"
  WHERE holder."uid" <> current."uid"
), guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM current
  WHERE false
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
), changed AS (
  UPDATE "support"."tickets"
  SET "agent_uid" = $2::text::uuid, "changed_at" = $3::timestamptz
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "uid" = $1::text::uuid
    AND "state" NOT IN ('cancelled', 'completed')
    AND "agent_uid" <> $2::text::uuid
    AND NOT EXISTS (SELECT FROM holder)
  RETURNING "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
)
SELECT 5 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM changed
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM holder
UNION ALL
SELECT 6 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM current;

-- transition to cancelled
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 updated_at, $3 completed_at
WITH current AS MATERIALIZED (
  SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
  FROM "support"."tickets"
  WHERE "uid" = $1::text::uuid
), changed AS (
  UPDATE "support"."tickets"
  SET "state" = 'cancelled', "changed_at" = $2::timestamptz,
    "closed_at" = ($3::timestamptz AT TIME ZONE 'UTC')
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "uid" = $1::text::uuid
    AND "state" NOT IN ('cancelled', 'completed')
  RETURNING "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
)
SELECT 5 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM changed
UNION ALL
SELECT 6 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM current;

-- transition to completed
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 updated_at, $3 completed_at
WITH current AS MATERIALIZED (
  SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
  FROM "support"."tickets"
  WHERE "uid" = $1::text::uuid
), changed AS (
  UPDATE "support"."tickets"
  SET "state" = 'completed', "changed_at" = $2::timestamptz,
    "closed_at" = ($3::timestamptz AT TIME ZONE 'UTC')
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "uid" = $1::text::uuid
    AND "state" NOT IN ('cancelled', 'completed')
  RETURNING "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
)
SELECT 5 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM changed
UNION ALL
SELECT 6 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM current;

-- transition to in_progress
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 updated_at
WITH current AS MATERIALIZED (
  SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
  FROM "support"."tickets"
  WHERE "uid" = $1::text::uuid
), holder AS MATERIALIZED (
  -- prevents a violation, which would abort the transaction. The guard itself prevents a second
  -- active row beside a holder that is not visible yet
  SELECT holder."uid", holder."agent_uid", holder."ticket_uid", holder."state", holder."by",
    holder."due_on", holder."opened_at", holder."changed_at", holder."closed_at"
  FROM current
  JOIN (
    SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
      "closed_at"
    FROM "support"."tickets"
    WHERE "state" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."agent_uid" = current."agent_uid"
    AND holder."ticket_uid" = current."ticket_uid"
  WHERE holder."uid" <> current."uid"
), guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM current
  WHERE false
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
), changed AS (
  UPDATE "support"."tickets"
  SET "state" = 'in_progress', "changed_at" = $2::timestamptz, "closed_at" = NULL
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "uid" = $1::text::uuid
    AND "state" IN ('pending')
    AND NOT EXISTS (SELECT FROM holder)
  RETURNING "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
)
SELECT 5 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM changed
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM holder
UNION ALL
SELECT 6 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM current;

-- transition to pending
-- Sent by Transition and the methods that are named for one.
-- $1 id, $2 updated_at
WITH current AS MATERIALIZED (
  SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
  FROM "support"."tickets"
  WHERE "uid" = $1::text::uuid
), holder AS MATERIALIZED (
  -- prevents a violation, which would abort the transaction. The guard itself prevents a second
  -- active row beside a holder that is not visible yet
  SELECT holder."uid", holder."agent_uid", holder."ticket_uid", holder."state", holder."by",
    holder."due_on", holder."opened_at", holder."changed_at", holder."closed_at"
  FROM current
  JOIN (
    SELECT "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
      "closed_at"
    FROM "support"."tickets"
    WHERE "state" NOT IN ('cancelled', 'completed')
  ) AS holder
  ON holder."agent_uid" = current."agent_uid"
    AND holder."ticket_uid" = current."ticket_uid"
  WHERE holder."uid" <> current."uid"
), guarded AS (
  -- prevents a second active row when the guard is missing: then planning fails (42P10)
  INSERT INTO "support"."tickets" ("agent_uid", "ticket_uid", "state")
  SELECT "agent_uid", "ticket_uid", "state"
  FROM current
  WHERE false
  ON CONFLICT ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed')
  DO NOTHING
), changed AS (
  UPDATE "support"."tickets"
  SET "state" = 'pending', "changed_at" = $2::timestamptz, "closed_at" = NULL
  -- prevents a lost update: evaluated on the newest version of the row, also when the statement
  -- had to wait for another transaction to release it
  WHERE "uid" = $1::text::uuid
    AND "state" IN ('cancelled', 'completed')
    AND NOT EXISTS (SELECT FROM holder)
  RETURNING "uid", "agent_uid", "ticket_uid", "state", "by", "due_on", "opened_at", "changed_at",
    "closed_at"
)
SELECT 5 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM changed
UNION ALL
SELECT 2 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM holder
UNION ALL
SELECT 6 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM current;

-- lock
-- Sent before a change that twice changed nothing for no reason that shows, in the same transaction.
-- $1 id
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE "uid" = $1::text::uuid
FOR UPDATE;

-- get
-- Sent by Get, and by writes whose reply was lost.
-- $1 id
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE "uid" = $1::text::uuid;

-- get many
-- Sent by CreateMany when triggers run after the insert.
-- $1 ids
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE "uid" IN (
  SELECT requested.id::text::uuid
  FROM unnest($1::text[]) AS requested (id)
);

-- find active
-- Sent by FindActive, and by writes that the guard rejected.
-- $1 assignee_id, $2 subject_id
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE "agent_uid" = $1::text::uuid
  AND "ticket_uid" = $2::text::uuid
  AND "state" NOT IN ('cancelled', 'completed')
LIMIT 1;

-- lock IDs
-- Sent before inserts into a table where no index makes the ID unique.
SELECT count(pg_advisory_xact_lock(hashtextextended(convert_from(decode(id, 'hex'), 'UTF8'), 0)))
FROM (VALUES ('31'), ('32')) AS list (id);

-- list all
-- Sent by List.
-- $1 5
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
ORDER BY COALESCE(stored."opened_at", '-infinity'), stored."uid"
LIMIT $1::bigint;

-- count all
-- Sent by Count.
SELECT count(*)::text
FROM "support"."tickets" AS stored;

-- list of an assignee
-- Sent by List.
-- $1 00000000-0000-4000-8000-000000000017, $2 5
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE "agent_uid" = $1::text::uuid
  AND ("state" NOT IN ('cancelled', 'completed') OR "state" IN ('cancelled', 'completed'))
ORDER BY COALESCE(stored."opened_at", '-infinity'), stored."uid"
LIMIT $2::bigint;

-- count of an assignee
-- Sent by Count.
-- $1 00000000-0000-4000-8000-000000000017
SELECT count(*)::text
FROM "support"."tickets" AS stored
WHERE "agent_uid" = $1::text::uuid
  AND ("state" NOT IN ('cancelled', 'completed') OR "state" IN ('cancelled', 'completed'));

-- list of an assignee, active
-- Sent by List.
-- $1 00000000-0000-4000-8000-000000000017, $2 5
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE "agent_uid" = $1::text::uuid
  AND "state" NOT IN ('cancelled', 'completed')
ORDER BY COALESCE(stored."opened_at", '-infinity'), stored."uid"
LIMIT $2::bigint;

-- count of an assignee, active
-- Sent by Count.
-- $1 00000000-0000-4000-8000-000000000017
SELECT count(*)::text
FROM "support"."tickets" AS stored
WHERE "agent_uid" = $1::text::uuid
  AND "state" NOT IN ('cancelled', 'completed');

-- list of an assignee, active or not
-- Sent by List.
-- $1 00000000-0000-4000-8000-000000000017, $2 5
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE "agent_uid" = $1::text::uuid
  AND "state" IN ('pending', 'completed')
  AND ("state" NOT IN ('cancelled', 'completed') OR "state" IN ('cancelled', 'completed'))
ORDER BY COALESCE(stored."opened_at", '-infinity'), stored."uid"
LIMIT $2::bigint;

-- count of an assignee, active or not
-- Sent by Count.
-- $1 00000000-0000-4000-8000-000000000017
SELECT count(*)::text
FROM "support"."tickets" AS stored
WHERE "agent_uid" = $1::text::uuid
  AND "state" IN ('pending', 'completed')
  AND ("state" NOT IN ('cancelled', 'completed') OR "state" IN ('cancelled', 'completed'));

-- list of a subject, by status
-- Sent by List.
-- $1 00000000-0000-4000-8000-000000000018, $2 5
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE "ticket_uid" = $1::text::uuid
  AND "state" IN ('pending')
ORDER BY COALESCE(stored."opened_at", '-infinity'), stored."uid"
LIMIT $2::bigint;

-- count of a subject, by status
-- Sent by Count.
-- $1 00000000-0000-4000-8000-000000000018
SELECT count(*)::text
FROM "support"."tickets" AS stored
WHERE "ticket_uid" = $1::text::uuid
  AND "state" IN ('pending');

-- list of an account
-- Not sent: AccountID is not supported by this store: no column of the table stores it.

-- list due
-- Sent by List.
-- $1 2020-01-02T03:04:05.678912345Z, $2 5
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE "due_on" < ($1::timestamptz AT TIME ZONE 'UTC')
  AND "due_on" > '-infinity'
ORDER BY COALESCE(stored."opened_at", '-infinity'), stored."uid"
LIMIT $2::bigint;

-- count due
-- Sent by Count.
-- $1 2020-01-02T03:04:05.678912345Z
SELECT count(*)::text
FROM "support"."tickets" AS stored
WHERE "due_on" < ($1::timestamptz AT TIME ZONE 'UTC')
  AND "due_on" > '-infinity';

-- list after
-- Sent by List.
-- $1 00000000-0000-4000-8000-000000000001, $2 2020-01-02T03:04:05.678912345Z, $3 5
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE (COALESCE(stored."opened_at", '-infinity'), stored."uid") > (($2::timestamptz AT TIME ZONE 'UTC'), $1::text::uuid)
ORDER BY COALESCE(stored."opened_at", '-infinity'), stored."uid"
LIMIT $3::bigint;

-- list after an ID that the column may not hold
-- Sent by List.
-- $1 x, $2 2020-01-02T03:04:05.678912345Z, $3 5
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE (COALESCE(stored."opened_at", '-infinity'), stored."uid"::text COLLATE "C") > (($2::timestamptz AT TIME ZONE 'UTC'), $1::text)
ORDER BY COALESCE(stored."opened_at", '-infinity'), stored."uid"
LIMIT $3::bigint;

-- list after no time
-- Sent by List.
-- $1 00000000-0000-4000-8000-000000000001, $2 00000000-0000-4000-8000-000000000001, $3 5
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE (COALESCE(stored."opened_at", '-infinity'), stored."uid") > (COALESCE((
      SELECT min(COALESCE("opened_at", '-infinity'))
      FROM "support"."tickets"
      WHERE "uid" = $2::text::uuid
    ), '-infinity'), $1::text::uuid)
ORDER BY COALESCE(stored."opened_at", '-infinity'), stored."uid"
LIMIT $3::bigint;

-- list after the latest time
-- Sent by List.
-- $1 00000000-0000-4000-8000-000000000001, $2 00000000-0000-4000-8000-000000000001, $3 5
SELECT 0 AS kind, "uid"::text AS id, "agent_uid"::text AS assignee_id,
  "ticket_uid"::text AS subject_id, "state"::text AS status, "by" AS assigned_by, '' AS account_id,
  "due_on"::timestamp AT TIME ZONE 'UTC' AS due_at, "opened_at" AT TIME ZONE 'UTC' AS created_at,
  "changed_at" AS updated_at, "closed_at" AT TIME ZONE 'UTC' AS completed_at, 0::bigint AS version,
  '' AS metadata, '' AS request
FROM "support"."tickets" AS stored
WHERE (COALESCE(stored."opened_at", '-infinity'), stored."uid") > (COALESCE((
      SELECT min(COALESCE("opened_at", '-infinity'))
      FROM "support"."tickets"
      WHERE "uid" = $2::text::uuid
    ), 'infinity'), $1::text::uuid)
ORDER BY COALESCE(stored."opened_at", '-infinity'), stored."uid"
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
CREATE UNIQUE INDEX CONCURRENTLY "tickets_active_key" ON "support"."tickets" ("agent_uid", "ticket_uid") WHERE "state" NOT IN ('cancelled', 'completed');
