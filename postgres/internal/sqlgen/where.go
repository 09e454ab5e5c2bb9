package sqlgen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// where collects conditions with their bind parameters.
type where struct {
	conditions []string
	args       []any
	// nothing means that no row can match, since a column can't hold the value
	// that is asked for.
	nothing bool
}

// where renders the conditions of a query. A condition on an attribute that the
// table does not store is rejected rather than ignored.
func (s *Statements) where(q assignment.Query) (*where, error) {
	switch {
	case q.AccountID != "" && !s.account.mapped():
		return nil, s.account.notStored()
	case !q.DueBefore.IsZero() && !s.due.mapped():
		return nil, s.due.notStored()
	}
	w := &where{}
	w.equal(s.assignee, q.AssigneeID)
	w.equal(s.subject, q.SubjectID)
	w.equal(s.account, q.AccountID)
	w.oneOf(s.status, q.Statuses)
	switch {
	case q.ActiveOnly:
		w.add(s.activeOnly)
	case q.AssigneeID != "" && s.spans(q.Statuses):
		w.add(s.anyStatus)
	}
	if !q.DueBefore.IsZero() {
		// minus infinity reads as none
		w.add(s.due.quoted() + " < " + s.due.match(w.bind(q.DueBefore)) + " AND " + s.due.quoted() + " > '-infinity'")
	}
	return w, nil
}

// spans reports whether the statuses, none of which stands for all, are on both
// sides of the guard. PostgreSQL then has to be told that there are two sides, or
// it can't use two indexes that have one each.
func (s *Statements) spans(statuses []assignment.Status) bool {
	if s.status.nullable {
		return false // rows without a status are on neither side
	}
	terminal := 0
	for _, status := range statuses {
		if s.lifecycle.IsTerminal(status) {
			terminal++
		}
	}
	return len(statuses) == 0 || 0 < terminal && terminal < len(statuses)
}

func (w *where) equal(f field, value string) {
	if value == "" {
		return
	}
	if f.rejects(value) != "" {
		w.nothing = true
		return
	}
	w.add(f.quoted() + " = " + f.match(w.bind(value)))
}

func (w *where) oneOf(f field, statuses []assignment.Status) {
	if len(statuses) == 0 {
		return
	}
	if f.pgType == guard.Enum {
		statuses = slices.DeleteFunc(slices.Clone(statuses), func(s assignment.Status) bool {
			return !slices.Contains(f.labels, string(s))
		})
	}
	if len(statuses) == 0 {
		w.nothing = true
		return
	}
	w.add(f.quoted() + " IN (" + sqltext.Statuses(statuses) + ")")
}

func (w *where) add(condition string) { w.conditions = append(w.conditions, condition) }

// bind adds a parameter and returns its placeholder.
func (w *where) bind(arg any) string {
	w.args = append(w.args, arg)
	return "$" + strconv.Itoa(len(w.args))
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return "\nWHERE " + strings.Join(w.conditions, " AND ")
}
