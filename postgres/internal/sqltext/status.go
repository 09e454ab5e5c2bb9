package sqltext

import (
	"fmt"
	"strings"

	"github.com/assignment-go/assignment"
)

// Active renders the condition under which a row holds its slot, as a literal. It
// must never become a bind parameter: inference of the index from ON CONFLICT
// needs a constant, and fails from the sixth execution on when a generic plan
// hides it.
func Active(statusColumn string, l assignment.Lifecycle) string {
	terminal := l.Terminal()
	if len(terminal) == 1 {
		return fmt.Sprintf("%s <> %s", Quote(statusColumn), Literal(string(terminal[0])))
	}
	return fmt.Sprintf("%s NOT IN (%s)", Quote(statusColumn), Statuses(terminal))
}

// Terminal renders the opposite of [Active], for a column that is NOT NULL: the
// condition under which a row is history.
func Terminal(statusColumn string, l assignment.Lifecycle) string {
	return fmt.Sprintf("%s IN (%s)", Quote(statusColumn), Statuses(l.Terminal()))
}

// Statuses renders statuses as comma-separated literals.
func Statuses(statuses []assignment.Status) string {
	literals := make([]string, len(statuses))
	for i, s := range statuses {
		literals[i] = Literal(string(s))
	}
	return strings.Join(literals, ", ")
}
