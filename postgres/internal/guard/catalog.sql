-- Everything that an inspection needs to know about a table, in one statement, so
-- that the parts fit together. The parameters are a name for to_regclass, and the
-- name that the guard would be given.
WITH found AS MATERIALIZED (
  -- from here on types, functions and tables are printed with their schema, so
  -- that the text has the same meaning under another search_path
  SELECT named.oid, named.path,
    set_config('search_path', CASE WHEN named.oid IS NULL THEN named.path ELSE 'pg_catalog' END, true) AS entered
  FROM (SELECT to_regclass($1::text)::oid AS oid, current_setting('search_path') AS path OFFSET 0) AS named
), report AS MATERIALIZED (
SELECT found.path, jsonb_build_object(
  'oid', t.oid::bigint, 'schema', n.nspname, 'name', t.relname, 'kind', t.relkind, 'persistence', t.relpersistence,
  'owner', pg_has_role(t.relowner, 'USAGE'),
  'missing_rights', (
    SELECT jsonb_agg(needed.privilege ORDER BY needed.n)
    FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) WITH ORDINALITY AS needed (privilege, n)
    WHERE NOT has_table_privilege(t.oid, needed.privilege)),
  'version', current_setting('server_version_num')::int,
  'session', jsonb_build_object(
    'role', current_user,
    'server_encoding', current_setting('server_encoding'), 'client_encoding', current_setting('client_encoding'),
    'row_security', row_security_active(t.oid)),
  'columns', (
    SELECT COALESCE(jsonb_agg(jsonb_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, NULL),
        -- since PostgreSQL 18 NOT NULL can be declared without checking the rows
        'not_null', a.attnotnull AND NOT EXISTS (
          SELECT FROM pg_constraint k
          WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey[1] = a.attnum AND NOT k.convalidated),
        'pg_type', CASE WHEN y.typtype = 'e' THEN 'enum' WHEN yn.nspname = 'pg_catalog' THEN y.typname ELSE '' END,
        'cast', quote_ident(yn.nspname) || '.' || quote_ident(y.typname),
        'limit', CASE WHEN y.typname = 'varchar' AND a.atttypmod > 4 THEN a.atttypmod - 4 ELSE 0 END,
        'digits', CASE WHEN a.atttypmod BETWEEN 0 AND 6 THEN a.atttypmod ELSE 6 END,
        'labels', (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = y.oid),
        'identity', a.attidentity <> '', 'generated', a.attgenerated <> '',
        'default', COALESCE((
          SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
          WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum), ''),
        'required', a.attnotnull AND NOT a.atthasdef AND a.attidentity = '',
        -- foreign keys that set the column to NULL when the referenced row goes
        'nulled_by', (
          SELECT jsonb_agg(f.conname ORDER BY f.conname) FROM pg_constraint f
          WHERE f.conrelid = a.attrelid AND f.contype = 'f' AND a.attnum = ANY (f.conkey)
            -- SET NULL, or SET DEFAULT where there is none
            AND (f.confupdtype = 'n' OR f.confupdtype = 'd' AND NOT a.atthasdef
              OR (f.confdeltype = 'n' OR f.confdeltype = 'd' AND NOT a.atthasdef)
                -- the list of columns is absent before PostgreSQL 15, and null where all are meant
                AND CASE WHEN jsonb_typeof(to_jsonb(f) -> 'confdelsetcols') = 'array'
                  THEN to_jsonb(f) -> 'confdelsetcols' @> to_jsonb(a.attnum) ELSE true END)),
        'deterministic', COALESCE(c.collisdeterministic, true)) ORDER BY a.attnum), '[]')
    FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid JOIN pg_namespace yn ON yn.oid = y.typnamespace
    LEFT JOIN pg_collation c ON c.oid = a.attcollation
    WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped),
  'indexes', (
    SELECT COALESCE(jsonb_agg(jsonb_build_object(
        'oid', i.indexrelid::bigint, 'schema', xn.nspname, 'name', x.relname,
        'definition', pg_get_indexdef(i.indexrelid),
        'parent', COALESCE((SELECT h.inhparent::bigint FROM pg_inherits h WHERE h.inhrelid = i.indexrelid), 0),
        'constraint', COALESCE((
          SELECT k.conname FROM pg_constraint k
          WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')), ''),
        'referenced_by', (
          SELECT jsonb_agg(quote_ident(f.conname) || ' of ' || f.conrelid::regclass ORDER BY f.conname)
          FROM pg_constraint f WHERE f.conindid = i.indexrelid AND f.contype = 'f' AND f.conparentid = 0),
        'replica_identity', i.indisreplident,
        'columns', (
          SELECT jsonb_agg(COALESCE(a.attname, '') ORDER BY k.n)
          FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
          LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
          WHERE k.n <= i.indnkeyatts),
        'mentions', (
          SELECT jsonb_agg(DISTINCT a.attname)
          FROM pg_depend d JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = d.refobjsubid
          WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0),
        'predicate', COALESCE(pg_get_expr(i.indpred, i.indrelid), ''),
        'is_unique', i.indisunique, 'is_primary', i.indisprimary, 'is_valid', i.indisvalid,
        'is_ready', i.indisready, 'is_live', i.indislive, 'is_immediate', i.indimmediate,
        'operator_classes', (
          SELECT jsonb_agg(DISTINCT quote_ident(on_.nspname) || '.' || quote_ident(o.opcname))
          FROM unnest(i.indclass::oid[]) AS used (oid) JOIN pg_opclass o ON o.oid = used.oid
          JOIN pg_namespace on_ ON on_.oid = o.opcnamespace WHERE on_.nspname <> 'pg_catalog'),
        'deterministic', NOT EXISTS (
          SELECT FROM unnest(i.indcollation::oid[]) AS used (oid)
          JOIN pg_collation c ON c.oid = used.oid AND NOT c.collisdeterministic),
        'default_collation', EXISTS (
          SELECT FROM unnest(i.indcollation::oid[]) AS used (oid)
          JOIN pg_collation c ON c.oid = used.oid AND c.collprovider = 'd'),
        'stale_collations', (
          SELECT jsonb_agg(DISTINCT c.collname)
          FROM unnest(i.indcollation::oid[]) AS used (oid) JOIN pg_collation c ON c.oid = used.oid
          WHERE c.collversion <> pg_collation_actual_version(c.oid)),
        -- absent before PostgreSQL 15
        'nulls_not_distinct', COALESCE((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
        -- partitions that have no usable index attached to this one
        'gaps', CASE WHEN t.relkind = 'p' THEN (
          SELECT jsonb_agg(part.relid::regclass::text ORDER BY part.relid)
          FROM pg_partition_tree(t.oid) part
          WHERE part.relid <> t.oid AND NOT EXISTS (
            SELECT FROM pg_partition_tree(i.indexrelid) below JOIN pg_index b ON b.indexrelid = below.relid
            WHERE b.indrelid = part.relid AND b.indisvalid AND b.indisready AND b.indislive)) END
      ) ORDER BY x.relname), '[]')
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_namespace xn ON xn.oid = x.relnamespace
    WHERE i.indrelid = t.oid),
  'checks', (
    SELECT jsonb_agg(jsonb_build_object(
      'name', k.conname, 'condition', pg_get_expr(k.conbin, k.conrelid),
      'columns', (
        SELECT jsonb_agg(a.attname) FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey))
    ) ORDER BY k.conname)
    -- constraints can be NOT ENFORCED since PostgreSQL 18
    FROM pg_constraint k
    WHERE k.conrelid = t.oid AND k.contype = 'c' AND COALESCE((to_jsonb(k) ->> 'conenforced')::boolean, true)),
  'rules', (
    SELECT jsonb_agg(r.rulename ORDER BY r.rulename) FROM pg_rewrite r
    WHERE r.ev_class = t.oid AND r.rulename <> '_RETURN' AND r.ev_enabled <> 'D'),
  'children', CASE WHEN t.relkind = 'r' THEN (
    SELECT jsonb_agg(h.inhrelid::regclass::text ORDER BY h.inhrelid) FROM pg_inherits h WHERE h.inhparent = t.oid) END,
  'partitions', CASE WHEN t.relkind = 'p' THEN (
    SELECT jsonb_agg(jsonb_build_object(
        'oid', p.oid::bigint, 'schema', pn.nspname, 'name', p.relname, 'kind', p.relkind,
        'detaching', COALESCE((to_jsonb(h) ->> 'inhdetachpending')::boolean, false)) ORDER BY pn.nspname, p.relname)
    FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
    WHERE h.inhparent = t.oid) END,
  'partitioned_by', (
    -- an expression has no name
    SELECT jsonb_agg(DISTINCT COALESCE(a.attname, ''))
    FROM pg_partition_tree(t.oid) p JOIN pg_partitioned_table pt ON pt.partrelid = p.relid
    CROSS JOIN unnest(pt.partattrs::int2[]) AS k (attnum)
    LEFT JOIN pg_attribute a ON a.attrelid = pt.partrelid AND a.attnum = k.attnum AND k.attnum > 0),
  'unlogged', (
    SELECT jsonb_agg(p.oid::regclass::text ORDER BY p.oid) FROM pg_class p
    WHERE p.relpersistence = 'u'
      AND (p.oid = t.oid OR p.oid IN (SELECT relid FROM pg_partition_tree(t.oid)))),
  'taken', (
    SELECT jsonb_agg(o.relname) FROM pg_class o
    WHERE o.relnamespace = t.relnamespace AND starts_with(o.relname, left($2::text, 40))),
  -- the bits of tgtype: 1 FOR EACH ROW, 2 BEFORE, 4 INSERT, 16 UPDATE. An update
  -- that moves a row to another partition inserts it there
  'triggers', (
    SELECT jsonb_build_object(
        'before_insert', COALESCE(bool_or(g.tgtype & 7 = 7), false),
        'before_update', COALESCE(bool_or(g.tgtype & 19 = 19 OR t.relkind = 'p' AND g.tgtype & 7 = 7), false),
        'after_insert', COALESCE(bool_or(g.tgtype & 6 = 4), false),
        'after_update', COALESCE(bool_or(g.tgtype & 18 = 16 OR t.relkind = 'p' AND g.tgtype & 6 = 4), false),
        'deferred', COALESCE(bool_or(g.tginitdeferred), false),
        'before_update_names', jsonb_agg(DISTINCT g.tgname)
          FILTER (WHERE g.tgtype & 19 = 19 OR t.relkind = 'p' AND g.tgtype & 7 = 7))
    FROM pg_trigger g
    WHERE NOT g.tgisinternal
      AND (g.tgrelid = t.oid OR g.tgrelid IN (SELECT relid FROM pg_partition_tree(t.oid))))
)::text AS text
FROM found JOIN pg_class t ON t.oid = found.oid JOIN pg_namespace n ON n.oid = t.relnamespace
)
SELECT text FROM report WHERE set_config('search_path', report.path, true) IS NOT NULL
