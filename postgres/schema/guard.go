package schema

import (
	"fmt"
	"strings"

	"github.com/assignment-go/assignment"
)

// Predicate renders the condition under which a row holds its slot, as a
// literal. It must never become a bind parameter: inference of the index from
// ON CONFLICT needs a constant, and fails from the sixth execution on when a
// generic plan hides it.
func Predicate(statusColumn string, l assignment.Lifecycle) string {
	terminal := l.Terminal()
	if len(terminal) == 1 {
		return fmt.Sprintf("%s <> %s", Quote(statusColumn), Literal(string(terminal[0])))
	}
	return fmt.Sprintf("%s NOT IN (%s)", Quote(statusColumn), StatusList(terminal))
}

// StatusList renders statuses as comma-separated literals.
func StatusList(statuses []assignment.Status) string {
	literals := make([]string, len(statuses))
	for i, s := range statuses {
		literals[i] = Literal(string(s))
	}
	return strings.Join(literals, ", ")
}

// GuardSQL returns the statement that creates the guard: the partial unique
// index that lets one row per key be active and any number be terminal. Name and
// Columns of the table must be set, as [TableOrDefault] does.
func GuardSQL(t Table, l assignment.Lifecycle) string {
	return "CREATE UNIQUE INDEX " + guardTarget(t.GuardName(), t, l)
}

// ConcurrentGuardSQL returns the form for a live table, which does not block
// writers. It can't run inside a transaction.
func ConcurrentGuardSQL(t Table, l assignment.Lifecycle) string {
	return NamedGuardSQL(t.GuardName(), t, l)
}

// NamedGuardSQL is ConcurrentGuardSQL under another name, for a guard that is
// built beside the index that it replaces.
func NamedGuardSQL(name string, t Table, l assignment.Lifecycle) string {
	return "CREATE UNIQUE INDEX CONCURRENTLY " + guardTarget(name, t, l)
}

func guardTarget(name string, t Table, l assignment.Lifecycle) string {
	return fmt.Sprintf("%s ON %s (%s, %s) WHERE %s",
		Quote(name), t, Quote(t.Columns.AssigneeID), Quote(t.Columns.SubjectID), Predicate(t.Columns.Status, l))
}
