package sqlgen

// The statements here find out why another one failed. Each returns one text.

// triggersSQL names what can change or suppress a row: the row triggers of the
// event, before or after it, and the rules. Its parameters are the table, the
// name of the event, and 1 for triggers that run before it.
const triggersSQL = `SELECT string_agg(what, ', ' ORDER BY what)
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
) AS found (what)`

// uniqueIDsSQL counts the indexes on a column of a table alone.
const uniqueIDsSQL = `SELECT count(*)::text
FROM pg_index AS i
JOIN pg_attribute AS a ON a.attrelid = i.indrelid
WHERE i.indrelid = to_regclass($1::text)
  AND i.indisunique
  AND i.indisvalid
  AND i.indimmediate
  AND i.indpred IS NULL
  AND i.indnkeyatts = 1
  AND a.attnum = i.indkey[0]
  AND a.attname = $2::text`

// HostCode names the triggers and rules of the host's that run on an event: those
// that run before the row is stored, or after.
//
//nolint:revive // flag-parameter: after is when they run
func (s *Statements) HostCode(on Event, after bool) Bound {
	at := "before"
	if after {
		at = "after"
	}
	return Bound{SQL: triggersSQL, Args: []any{s.Table.String(), string(on), at}}
}

// RowSecurity returns "true" when row-level security may hide rows from this
// session, or keep it from changing them.
func (s *Statements) RowSecurity() Bound {
	return Bound{SQL: `SELECT row_security_active(to_regclass($1::text))::text`, Args: []any{s.Table.String()}}
}

// UniqueIDs counts the indexes that make the ID alone unique.
func (s *Statements) UniqueIDs() Bound {
	return Bound{SQL: uniqueIDsSQL, Args: []any{s.Table.String(), s.Table.Columns.ID}}
}
