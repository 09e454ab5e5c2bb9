SELECT "id"::text, "counselor_id"::text, "scenario_id"::text, "status"::text, COALESCE(($2::text[])[array_position($3::text[], "status"::text)], "status"::text, $4::text), "created_at"::timestamptz, NULL::timestamptz
FROM "public"."assignments"
WHERE "id" = ANY ($5::text[]::pg_catalog.text[]) AND "counselor_id" IS NOT NULL AND "scenario_id" IS NOT NULL
  AND (COALESCE(($2::text[])[array_position($3::text[], "status"::text)], "status"::text, $4::text) <> ALL ($1::text[]) OR COALESCE(($2::text[])[array_position($3::text[], "status"::text)], "status"::text, $4::text) IS DISTINCT FROM "status"::text)
ORDER BY "id" FOR NO KEY UPDATE
