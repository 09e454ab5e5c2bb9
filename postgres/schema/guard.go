package schema

import (
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// GuardSQL returns the statement that creates the guard: the partial unique
// index that lets one row per key be active and any number be terminal.
func GuardSQL(t Table, l assignment.Lifecycle) string {
	return "CREATE UNIQUE INDEX " + guardTarget(t.WithDefaults(), l)
}

// ConcurrentGuardSQL returns the form for a live table, which does not block
// writers. It can't run inside a transaction.
func ConcurrentGuardSQL(t Table, l assignment.Lifecycle) string {
	return "CREATE UNIQUE INDEX CONCURRENTLY " + guardTarget(t.WithDefaults(), l)
}

func guardTarget(t Table, l assignment.Lifecycle) string {
	return fmt.Sprintf("%s ON %s (%s) WHERE %s", sqltext.Quote(t.GuardName()), t,
		sqltext.Columns(t.Columns.AssigneeID, t.Columns.SubjectID), sqltext.Active(t.Columns.Status, l))
}

// historySQL creates the index for lists of one assignee. The guard has the
// active rows already, so that this one needs only the others: a new assignment
// then touches no page of an index that has grown with the history.
func historySQL(t Table, l assignment.Lifecycle) string {
	return fmt.Sprintf("CREATE INDEX %s ON %s (%s) WHERE %s", sqltext.Quote(t.historyName()), t,
		sqltext.Columns(t.Columns.AssigneeID), sqltext.Terminal(t.Columns.Status, l))
}

func (t Table) historyName() string { return t.Name + "_history_idx" }
