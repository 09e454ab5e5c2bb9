package schema

import (
	"fmt"

	"github.com/assignment-go/assignment"
)

// TerminalPredicate renders the opposite of [Predicate], for a column that is
// NOT NULL: the condition under which a row is history.
func TerminalPredicate(statusColumn string, l assignment.Lifecycle) string {
	return fmt.Sprintf("%s IN (%s)", Quote(statusColumn), StatusList(l.Terminal()))
}

// historySQL creates the index for lists of one assignee. The guard has the
// active rows already, so that this one needs only the others: a new assignment
// then touches no page of an index that has grown with the history.
func historySQL(t Table, l assignment.Lifecycle) string {
	return fmt.Sprintf("CREATE INDEX %s ON %s (%s) WHERE %s",
		Quote(t.historyName()), t, Quote(t.Columns.AssigneeID), TerminalPredicate(t.Columns.Status, l))
}

func (t Table) historyName() string { return t.Name + "_history_idx" }
