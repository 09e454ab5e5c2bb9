package adopt

import (
	"context"
	"fmt"
	"time"

	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// keepOut stops new duplicates before the old ones are resolved. Where writers
// race all the time, some duplicate always arrives between a repair and the
// build, which then fails again. So a unique index is built that covers only
// rows which will be created from a moment on that is still to come: it meets no
// duplicate, and from that moment two writers can't both create. What is older
// can then be repaired at leisure.
//
// The plan drops the temporary index once the guard stands, and a run that is
// stopped leaves nothing that the next would not drop.
func (s *session) keepOut(ctx context.Context, took time.Duration, result *GuardResult) error {
	condition, begins, err := s.future(ctx, 2*took+time.Second)
	if err != nil || condition == "" {
		return err
	}
	c, name := s.table.Columns, guard.TemporaryName(s.t.Catalog.OID)
	step := Step{
		Action: "build a temporary index against new duplicates, to be dropped when the guard stands",
		Locks:  locksNobody, builds: name, in: s.t.Table,
		SQL: []string{fmt.Sprintf("CREATE UNIQUE INDEX CONCURRENTLY %s ON %s (%s, %s) WHERE %s AND %s",
			sqltext.Quote(name), s.t.Table, sqltext.Quote(c.AssigneeID), sqltext.Quote(c.SubjectID),
			sqltext.Active(c.Status, s.lifecycle), condition)},
	}
	if err := s.takeSteps(ctx, []Step{step}, result); err != nil {
		return err
	}
	return sleep(ctx, time.Until(begins))
}

// future renders what is true only of rows that are created after a while, and
// when that is. It is empty when no column tells, or only by the day.
func (s *session) future(ctx context.Context, from time.Duration) (condition string, begins time.Time, err error) {
	name := s.table.Columns.CreatedAt
	if name == "" {
		return "", begins, nil
	}
	kind := s.t.column(name).PGType
	if kind != guard.TimestampTZ && kind != guard.Timestamp {
		return "", begins, nil
	}
	var text string
	err = s.conn.QueryRow(ctx, "SELECT to_char(clock_timestamp() + $1::bigint * interval '1 ms', 'YYYY-MM-DD HH24:MI:SS.MS')",
		from.Milliseconds()).Scan(&text)
	if kind == guard.TimestampTZ {
		text += "+00"
	}
	return fmt.Sprintf("%s > %s::%s", sqltext.Quote(name), sqltext.Literal(text), kind), time.Now().Add(from), err
}
