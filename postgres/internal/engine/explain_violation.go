package engine

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// violationSQL describes the index that a row violated. Partitions have indexes
// of their own, and one that is being rebuilt has another name for a while, so
// that the columns and the predicate tell what it is for. The predicate of the
// guard is asked for as well: how it is worded depends on the search_path of the
// session. The parameters are the table, and the names of the index and of the guard.
const violationSQL = `SELECT json_build_object(
  'filtered', row_security_active(t.oid),
  'columns', (
    SELECT json_agg(a.attname ORDER BY k.n)
    FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
    WHERE k.n <= i.indnkeyatts),
  'predicate', COALESCE(pg_get_expr(i.indpred, i.indrelid), ''),
  'guard', COALESCE((
    SELECT pg_get_expr(g.indpred, g.indrelid) FROM pg_index g JOIN pg_class gc ON gc.oid = g.indexrelid
    WHERE g.indrelid = t.oid AND gc.relname = $3::text), ''))::text
FROM to_regclass($1::text) AS r (name) JOIN pg_class t ON t.oid = r.name
LEFT JOIN (pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid AND ic.relname = $2::text)
  ON i.indrelid = t.oid OR i.indrelid IN (SELECT relid FROM pg_partition_tree(t.oid))
LIMIT 1`

// violation is what is known about a unique violation.
type violation struct {
	// Filtered means that row-level security may hide rows from this session.
	Filtered bool `json:"filtered"`
	// Columns and Predicate are those of the index; empty when there is no index
	// of that name any more.
	Columns   []string `json:"columns"`
	Predicate string   `json:"predicate"`
	// Guard is the predicate of the guard; empty when it is not there, or not known
	// yet.
	Guard string `json:"guard"`
	// detail is the server's text about the values; empty where row-level security is
	// active.
	detail string
}

func (e *Engine) violation(ctx context.Context, q pgdb.Querier, f *failure) (violation, error) {
	v := violation{detail: f.report.Detail}
	p := e.plan()
	text, err := q.Text(ctx, violationSQL, p.Table.String(), f.report.Subject, p.GuardIndex)
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &v)
	}
	return v, err
}

// isGuard reports whether the index is the guard, or a copy of it.
func (v violation) isGuard(p *sqlgen.Statements) bool {
	return v.Predicate != "" && (v.Guard == "" || v.Predicate == v.Guard) && v.covers(p.Table.Columns.AssigneeID, p.Table.Columns.SubjectID)
}

// isID reports whether the index is what makes the ID unique.
func (v violation) isID(p *sqlgen.Statements) bool {
	return v.Predicate == "" && v.covers(p.Table.Columns.ID)
}

func (v violation) covers(columns ...string) bool {
	return len(v.Columns) == len(columns) && !slices.ContainsFunc(columns, func(column string) bool {
		return !slices.Contains(v.Columns, column)
	})
}

// isAbout reports whether the values that violated the index may be those of
// the row. The server's text depends on its language, the values don't.
func (v violation) isAbout(p *sqlgen.Statements, a assignment.Assignment) bool {
	if v.detail == "" {
		return true
	}
	values := make([]string, len(v.Columns))
	for n, column := range v.Columns {
		switch column {
		case p.Table.Columns.ID:
			values[n] = string(a.ID)
		case p.Table.Columns.AssigneeID:
			values[n] = a.Key.AssigneeID
		case p.Table.Columns.SubjectID:
			values[n] = a.Key.SubjectID
		}
	}
	return strings.Contains(v.detail, ")=("+strings.Join(values, ", ")+")")
}
