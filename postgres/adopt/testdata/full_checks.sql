SELECT id, new_status, violated FROM (
  SELECT assignment_change_id AS id, assignment_change_status AS new_status, CASE WHEN NOT (status <> 'lost') THEN 'known' END AS violated
  FROM (
    SELECT change.id::text AS assignment_change_id, change.new_status AS assignment_change_status, t."id" AS "id", t."counselor_id" AS "counselor_id", t."scenario_id" AS "scenario_id", change.new_status::pg_catalog.text AS "status", t."created_at" AS "created_at", CASE WHEN change.new_status = ANY ($3::text[]) THEN now()::pg_catalog.date END AS "closed", now()::pg_catalog.timestamptz AS "touched", COALESCE(t."n", 0) + 1 AS "n"
    FROM "public"."assignments" AS t JOIN unnest($1::text[]::pg_catalog.text[], $2::text[]) AS change (id, new_status) ON t."id" = change.id
    OFFSET 0
  ) AS "assignments"
) AS evaluated WHERE violated IS NOT NULL LIMIT 1
