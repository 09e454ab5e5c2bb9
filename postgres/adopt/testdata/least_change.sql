WITH change AS (
  SELECT id, assignee, subject, old_status, new_status, kept_id, policy
  FROM unnest($1::text[]::pg_catalog.text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS c (id, assignee, subject, old_status, new_status, kept_id, policy)
), changed AS (
  UPDATE "public"."assignments" AS t SET "status" = change.new_status::pg_catalog.text FROM change
  WHERE t."id" = change.id AND t."counselor_id"::text = change.assignee AND t."scenario_id"::text = change.subject
  RETURNING change.*, t."status"::text IS NOT DISTINCT FROM change.new_status AS stored
)
INSERT INTO "public"."assignment_repairs" (run_id, table_name, row_id, assignee, subject, old_status, new_status, kept_id, policy)
SELECT $8::text, $9::text, id::text, assignee, subject, old_status, new_status, kept_id, policy FROM changed WHERE stored
