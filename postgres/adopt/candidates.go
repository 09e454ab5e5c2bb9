package adopt

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// reader finds and reads the rows that a repair may change.
type reader struct {
	*settings
	t *table
}

func (s *session) rows() reader { return reader{s.settings, s.t} }

// withoutRewriting reads the statuses as they are stored.
func (r reader) withoutRewriting() reader {
	plain := *r.settings
	plain.repair.Rewrite, plain.repair.NullStatus = nil, ""
	r.settings = &plain
	return r
}

// effective is the status that a row counts with: the stored one, or what the
// options replace it with. It uses the parameters of args.
func (r reader) effective() string {
	status := sqltext.Quote(r.table.Columns.Status) + "::text"
	return fmt.Sprintf("COALESCE(($2::text[])[array_position($3::text[], %s)], %s, $4::text)", status, status)
}

// args are the terminal statuses, the two sides of Rewrite, and NullStatus.
func (r reader) args() []any {
	var to, from []string
	for unknown, known := range r.repair.Rewrite {
		from, to = append(from, string(unknown)), append(to, string(known))
	}
	var null *string
	if r.repair.NullStatus != "" {
		text := string(r.repair.NullStatus)
		null = &text
	}
	return []any{r.lifecycle.Terminal(), to, from, null}
}

// candidatesSQL lists the slots that are held more than once or have a row whose
// status is to be rewritten. Rows without a key or ID can't be addressed.
func (r reader) candidatesSQL() string {
	c := r.table.Columns
	return fmt.Sprintf(`SELECT array_agg(id)
FROM (
  SELECT %[1]s::text AS id, %[2]s AS assignee, %[3]s AS subject, %[4]s::text AS stored, %[5]s AS status
  FROM %[6]s WHERE %[1]s IS NOT NULL AND %[2]s IS NOT NULL AND %[3]s IS NOT NULL
) AS counted
WHERE status <> ALL ($1::text[]) OR status IS DISTINCT FROM stored
GROUP BY assignee, subject
HAVING count(*) FILTER (WHERE status <> ALL ($1::text[])) > 1 OR bool_or(status IS DISTINCT FROM stored)
ORDER BY assignee, subject`,
		sqltext.Quote(c.ID), sqltext.Quote(c.AssigneeID), sqltext.Quote(c.SubjectID), sqltext.Quote(c.Status),
		r.effective(), r.t.Table)
}

// candidates returns the IDs of each slot that a repair may change.
func (r reader) candidates(ctx context.Context, q querier) ([][]string, error) {
	rows, err := q.Query(ctx, r.candidatesSQL(), r.args()...)
	if err != nil {
		return nil, fmt.Errorf("find duplicates: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[[]string])
	if err != nil {
		return nil, fmt.Errorf("find duplicates: %w", err)
	}
	return found, nil
}

// leftAlone counts the rows whose status is NULL or unknown even after what the
// options replace.
func (r reader) leftAlone(ctx context.Context, q querier) ([]StatusCount, error) {
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT status, count(*) FROM (SELECT %s AS status FROM %s) AS counted
WHERE (status = ANY ($1::text[])) IS NOT TRUE AND (status = ANY ($5::text[])) IS NOT TRUE
GROUP BY status ORDER BY count(*) DESC, status`, r.effective(), r.t.Table), append(r.args(), r.lifecycle.Statuses())...)
	if err != nil {
		return nil, fmt.Errorf("count statuses: %w", err)
	}
	left, err := pgx.CollectRows(rows, countOfStatus)
	if err != nil {
		return nil, fmt.Errorf("count statuses: %w", err)
	}
	return left, nil
}

// hasUnknown reports whether one of the rows has a status that the lifecycle does
// not know.
func (r reader) hasUnknown(ctx context.Context, q querier, ids []string) (found bool, err error) {
	c := r.table.Columns
	err = q.QueryRow(ctx, fmt.Sprintf("SELECT EXISTS (SELECT FROM %s WHERE %s = ANY ($1::text[]::%s[]) AND %s::text <> ALL ($2::text[]))",
		r.t.Table, sqltext.Quote(c.ID), r.t.column(c.ID).Cast, sqltext.Quote(c.Status)), ids, r.lifecycle.Statuses()).Scan(&found)
	if err != nil {
		return false, fmt.Errorf("find unknown statuses: %w", err)
	}
	return found, nil
}

// batches joins groups until a batch has enough rows. A group is never split:
// its decision needs all of it.
func batches(groups [][]string, rows int) func(yield func([][]string) bool) {
	return func(yield func([][]string) bool) {
		for start := 0; start < len(groups); {
			end, n := start, 0
			for end < len(groups) && (end == start || n+len(groups[end]) <= rows) {
				n += len(groups[end])
				end++
			}
			if !yield(groups[start:end]) {
				return
			}
			start = end
		}
	}
}
