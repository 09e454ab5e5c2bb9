SELECT array_agg(id)
FROM (
  SELECT "id"::text AS id, "counselor_id" AS assignee, "scenario_id" AS subject, "status"::text AS stored, COALESCE(($2::text[])[array_position($3::text[], "status"::text)], "status"::text, $4::text) AS status
  FROM "public"."assignments" WHERE "id" IS NOT NULL AND "counselor_id" IS NOT NULL AND "scenario_id" IS NOT NULL
) AS counted
WHERE status <> ALL ($1::text[]) OR status IS DISTINCT FROM stored
GROUP BY assignee, subject
HAVING count(*) FILTER (WHERE status <> ALL ($1::text[])) > 1 OR bool_or(status IS DISTINCT FROM stored)
ORDER BY assignee, subject
