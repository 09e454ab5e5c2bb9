package adopt

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// reader finds and reads the rows that a repair may change.
type reader struct {
	*settings
	t *table
}

func (s *session) rows() reader { return reader{s.settings, s.t} }

// effective is the status that a row counts with: the stored one, or what the
// options make of it. It takes the parameters of args.
func (r reader) effective() string {
	status := sqltext.Quote(r.table.Columns.Status) + "::text"
	return fmt.Sprintf("COALESCE(($2::text[])[array_position($3::text[], %s)], %s, $4::text)", status, status)
}

// args are terminal statuses, the two sides of Rewrite, and NullStatus.
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

// suspectsSQL lists the slots that are held more than once or have a row whose
// status is to be rewritten. Rows without a key or ID can't be addressed.
func (r reader) suspectsSQL() string {
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

// suspects returns the IDs of each suspicious slot.
func (r reader) suspects(ctx context.Context, q querier) ([][]string, error) {
	rows, err := q.Query(ctx, r.suspectsSQL(), r.args()...)
	if err != nil {
		return nil, fmt.Errorf("look for duplicates: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[[]string])
	if err != nil {
		return nil, fmt.Errorf("look for duplicates: %w", err)
	}
	return found, nil
}

// leftAlone counts the rows whose status says nothing, also not after what the
// options make of it.
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

// contested reports whether a status that the lifecycle does not know competes
// for one of the slots.
func (r reader) contested(ctx context.Context, q querier, ids []string) (found bool, err error) {
	c := r.table.Columns
	err = q.QueryRow(ctx, fmt.Sprintf("SELECT EXISTS (SELECT FROM %s WHERE %s = ANY ($1::text[]::%s[]) AND %s::text <> ALL ($2::text[]))",
		r.t.Table, sqltext.Quote(c.ID), r.t.column(c.ID).Cast, sqltext.Quote(c.Status)), ids, r.lifecycle.Statuses()).Scan(&found)
	if err != nil {
		return false, fmt.Errorf("look for unknown statuses: %w", err)
	}
	return found, nil
}

func countOfStatus(row pgx.CollectableRow) (c StatusCount, err error) {
	err = row.Scan(&c.Status, &c.Rows)
	return c, err
}

// locking says whether read takes the rows.
type locking string

const (
	unlocked locking = ""
	// forUpdate is the lock that an UPDATE of these columns takes itself. It
	// does not stop foreign keys from pointing at the rows.
	forUpdate locking = " FOR NO KEY UPDATE"
)

// readSQL returns the rows as they are now. Under the lock they can't be
// changed any more by others, and ordering them by ID keeps two repairs, or a
// repair and a writer that does likewise, from waiting for each other.
func (r reader) readSQL(lock locking) string {
	c := r.table.Columns
	id := sqltext.Quote(c.ID)
	return fmt.Sprintf(`SELECT %[1]s::text, %[2]s::text, %[3]s::text, %[4]s::text, %[5]s, %[6]s, %[7]s
FROM %[8]s
WHERE %[1]s = ANY ($5::text[]::%[9]s[]) AND %[2]s IS NOT NULL AND %[3]s IS NOT NULL
  AND (%[5]s <> ALL ($1::text[]) OR %[5]s IS DISTINCT FROM %[4]s::text)
ORDER BY %[1]s%[10]s`,
		id, sqltext.Quote(c.AssigneeID), sqltext.Quote(c.SubjectID), sqltext.Quote(c.Status), r.effective(),
		timeOf(c.CreatedAt), timeOf(c.UpdatedAt), r.t.Table, r.t.column(c.ID).Cast, lock)
}

func timeOf(name string) string {
	if name == "" {
		return "NULL::timestamptz"
	}
	return sqltext.Quote(name) + "::timestamptz"
}

// read returns the rows of the IDs in groups, without those that have become
// none of the repair's business.
func (r reader) read(ctx context.Context, q querier, ids []string, lock locking) ([]Group, error) {
	rows, err := q.Query(ctx, r.readSQL(lock), append(r.args(), ids)...)
	if err != nil {
		return nil, fmt.Errorf("read duplicates: %w", err)
	}
	defer rows.Close()
	index := make(map[assignment.Key]int)
	var groups []Group
	for rows.Next() {
		var key assignment.Key
		var row Row
		var created, updated pgtype.Timestamptz
		if err := rows.Scan(&row.ID, &key.AssigneeID, &key.SubjectID, &row.Stored, &row.Status, &created, &updated); err != nil {
			return nil, fmt.Errorf("read duplicates: %w", err)
		}
		row.CreatedAt, row.UpdatedAt = moment(created), moment(updated)
		at, seen := index[key]
		if !seen {
			at = len(groups)
			index[key], groups = at, append(groups, Group{Key: key})
		}
		groups[at].Rows = append(groups[at].Rows, row)
	}
	for _, g := range groups {
		slices.SortStableFunc(g.Rows, r.compare)
	}
	return groups, rows.Err()
}

// moment reads infinities as the times that sort like them.
func moment(t pgtype.Timestamptz) time.Time {
	switch {
	case !t.Valid || t.InfinityModifier == pgtype.NegativeInfinity:
		return time.Time{}
	case t.InfinityModifier == pgtype.Infinity:
		return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	default:
		return t.Time.UTC()
	}
}

// compare orders by time of creation, then by ID.
func (r reader) compare(a, b Row) int {
	if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
		return c
	}
	if r.t.column(r.table.Columns.ID).PGType.IsInteger() {
		x, _ := strconv.ParseInt(string(a.ID), 10, 64) // the column holds nothing else
		y, _ := strconv.ParseInt(string(b.ID), 10, 64)
		return int(max(-1, min(1, x-y)))
	}
	return strings.Compare(string(a.ID), string(b.ID))
}
