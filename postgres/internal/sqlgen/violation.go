package sqlgen

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// violationSQL describes the index that a row violated. Partitions have indexes
// of their own, and one that is being rebuilt has another name for a while, so
// that the columns and the predicate identify its purpose. The predicate of the
// guard is returned, too: its wording depends on the search_path of the session.
// The parameters are the table, and the names of the index and of the guard.
const violationSQL = `SELECT json_build_object(
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
LIMIT 1`

// Violation is what is known about a unique violation.
type Violation struct {
	// Filtered means that row-level security may hide rows from this session.
	Filtered bool `json:"filtered"`
	// Columns and Predicate are those of the index; empty when there is no index
	// of that name any more.
	Columns   []string `json:"columns"`
	Predicate string   `json:"predicate"`
	// Guard is the predicate of the guard; empty when the guard is missing, or not
	// known yet.
	Guard string `json:"guard"`
	// detail is the server's text about the values; empty where row-level security is
	// active.
	detail string
}

// Violation reads the index that a report of a unique violation names. Its reply
// is for [ReadViolation].
func (s *Statements) Violation(report pgdb.ServerError) Bound {
	return Bound{SQL: violationSQL, Args: []any{s.Table.String(), report.Subject, s.GuardIndex}}
}

// ReadViolation reads the reply to a [Statements.Violation] of the same report.
func ReadViolation(report pgdb.ServerError, reply string) (Violation, error) {
	v := Violation{detail: report.Detail}
	if reply == "" {
		return v, nil
	}
	err := json.Unmarshal([]byte(reply), &v)
	return v, err
}

// IsGuard reports whether the index is the guard, or a copy of it.
func (v Violation) IsGuard(s *Statements) bool {
	return v.Predicate != "" && (v.Guard == "" || v.Predicate == v.Guard) && v.covers(s.Table.Columns.AssigneeID, s.Table.Columns.SubjectID)
}

// IsID reports whether the index is what makes the ID unique.
func (v Violation) IsID(s *Statements) bool {
	return v.Predicate == "" && v.covers(s.Table.Columns.ID)
}

func (v Violation) covers(columns ...string) bool {
	return len(v.Columns) == len(columns) && !slices.ContainsFunc(columns, func(column string) bool {
		return !slices.Contains(v.Columns, column)
	})
}

// IsAbout reports whether the values that violated the index may be those of
// the row. The server's text depends on its language, the values don't.
func (v Violation) IsAbout(s *Statements, a assignment.Assignment) bool {
	if v.detail == "" {
		return true
	}
	values := make([]string, len(v.Columns))
	for n, column := range v.Columns {
		switch column {
		case s.Table.Columns.ID:
			values[n] = string(a.ID)
		case s.Table.Columns.AssigneeID:
			values[n] = a.Key.AssigneeID
		case s.Table.Columns.SubjectID:
			values[n] = a.Key.SubjectID
		}
	}
	return strings.Contains(v.detail, ")=("+strings.Join(values, ", ")+")")
}
