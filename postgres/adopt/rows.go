package adopt

import (
	"cmp"
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

// locking says whether read locks the rows.
type locking string

const (
	unlocked locking = ""
	// forUpdate is the lock that an UPDATE of these columns takes itself. It
	// does not block foreign keys that reference the rows.
	forUpdate locking = " FOR NO KEY UPDATE"
)

// readSQL returns the rows as they are now. While they are locked nobody else can
// change them, and ordering them by ID keeps two repairs, or a repair and a writer
// that does the same, from waiting for each other.
func (r reader) readSQL(lock locking) string {
	c := r.table.Columns
	return fmt.Sprintf(`SELECT %[1]s::text, %[2]s::text, %[3]s::text, %[4]s::text, %[5]s, %[6]s, %[7]s
FROM %[8]s
WHERE %[1]s = ANY ($5::text[]::%[9]s[]) AND %[2]s IS NOT NULL AND %[3]s IS NOT NULL
  AND (%[5]s <> ALL ($1::text[]) OR %[5]s IS DISTINCT FROM %[4]s::text)
ORDER BY %[1]s%[10]s`,
		sqltext.Quote(c.ID), sqltext.Quote(c.AssigneeID), sqltext.Quote(c.SubjectID), sqltext.Quote(c.Status), r.effective(),
		timeOf(c.CreatedAt), timeOf(c.UpdatedAt), r.t.Table, r.t.column(c.ID).Cast, lock)
}

func timeOf(name string) string {
	if name == "" {
		return "NULL::timestamptz"
	}
	return sqltext.Quote(name) + "::timestamptz"
}

// read returns the rows with the IDs in groups, without those that no longer
// concern the repair.
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
		row.CreatedAt, row.UpdatedAt = finite(created), finite(updated)
		at, seen := index[key]
		if !seen {
			at = len(groups)
			index[key], groups = at, append(groups, Group{Key: key})
		}
		groups[at].Rows = append(groups[at].Rows, row)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read duplicates: %w", err)
	}
	for _, g := range groups {
		slices.SortStableFunc(g.Rows, r.compare)
	}
	return groups, nil
}

// finite reads infinities as times that sort the same.
func finite(t pgtype.Timestamptz) time.Time {
	switch {
	case !t.Valid || t.InfinityModifier == pgtype.NegativeInfinity:
		return time.Time{}
	case t.InfinityModifier == pgtype.Infinity:
		return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	default:
		return t.Time.UTC()
	}
}

// compare orders by creation time, then by ID.
func (r reader) compare(a, b Row) int {
	if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
		return c
	}
	if r.t.column(r.table.Columns.ID).PGType.IsInteger() {
		x, _ := strconv.ParseInt(string(a.ID), 10, 64) // the column contains nothing else
		y, _ := strconv.ParseInt(string(b.ID), 10, 64)
		return cmp.Compare(x, y)
	}
	return strings.Compare(string(a.ID), string(b.ID))
}

func countOfStatus(row pgx.CollectableRow) (c StatusCount, err error) {
	err = row.Scan(&c.Status, &c.Rows)
	return c, err
}
