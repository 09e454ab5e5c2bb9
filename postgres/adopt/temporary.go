package adopt

import (
	"context"
	"fmt"
	"time"

	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// preventDuplicates builds a temporary index that rejects new duplicates before the
// old ones are resolved. Where writers race all the time, some duplicate always
// arrives between a repair and the build, which then fails again. The temporary
// index covers only rows that will be created after a moment in the near future: no
// existing duplicate makes its build fail, and after that moment two writers can't
// both create. Older duplicates can then be repaired without hurry.
//
// A plan drops the temporary index once the guard is in place, so a run that is
// stopped leaves nothing that the next one would not drop.
func (s *session) preventDuplicates(ctx context.Context, took time.Duration, result *GuardResult) error {
	condition, begins, err := s.createdLater(ctx, 2*took+time.Second)
	if err != nil || condition == "" {
		return err
	}
	if err := s.runSteps(ctx, []Step{s.createTemporary(s.t.Table, guard.TemporaryName(s.t.Catalog.OID), condition)}, result); err != nil {
		return err
	}
	return sleep(ctx, time.Until(begins))
}

func (s *settings) createTemporary(t schema.Table, name, condition string) Step {
	c := s.table.Columns
	return Step{
		Action: "build a temporary index that prevents new duplicates, until the guard is in place",
		Locks:  locksNobody, builds: name, in: t,
		SQL: []string{fmt.Sprintf("CREATE UNIQUE INDEX CONCURRENTLY %s ON %s (%s) WHERE %s AND %s", sqltext.Quote(name), t,
			sqltext.Columns(c.AssigneeID, c.SubjectID), sqltext.Active(c.Status, s.lifecycle), condition)},
	}
}

// createdLater renders the condition that only rows meet which are created after the
// delay, and returns when that is. The condition is empty when no column has the
// time of creation, or only the day.
func (s *session) createdLater(ctx context.Context, delay time.Duration) (condition string, begins time.Time, err error) {
	name := s.table.Columns.CreatedAt
	if name == "" {
		return "", begins, nil
	}
	pgType := s.t.column(name).PGType
	if pgType != guard.TimestampTZ && pgType != guard.Timestamp {
		return "", begins, nil
	}
	var text string
	err = s.conn.QueryRow(ctx, "SELECT to_char(clock_timestamp() + $1::bigint * interval '1 ms', 'YYYY-MM-DD HH24:MI:SS.MS')",
		delay.Milliseconds()).Scan(&text)
	if pgType == guard.TimestampTZ {
		text += "+00"
	}
	return fmt.Sprintf("%s > %s::%s", sqltext.Quote(name), sqltext.Literal(text), pgType), time.Now().Add(delay), err
}
