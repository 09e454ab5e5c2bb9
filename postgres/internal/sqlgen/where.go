package sqlgen

import (
	"slices"
	"strconv"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// conditions collects the conditions of a query with their bind parameters.
type conditions struct {
	all  []string
	args []any
	// nothing means that no row can match, since a column can't hold the value
	// that is requested.
	nothing bool
}

// conditions renders the conditions of a query. A condition on an attribute that the
// table does not store is rejected rather than ignored.
func (s *Statements) conditions(q assignment.Query) (*conditions, error) {
	switch {
	case q.AccountID != "" && !s.account.mapped():
		return nil, s.account.notStored()
	case !q.DueBefore.IsZero() && !s.due.mapped():
		return nil, s.due.notStored()
	}
	w := &conditions{}
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
		w.add(s.due.quoted() + " < " + s.due.match(w.bind(q.DueBefore)))
		w.add(s.due.quoted() + " > '-infinity'")
	}
	return w, nil
}

// spans reports whether the statuses, of which none means all, are on both sides
// of the guard. PostgreSQL can use an index for each side only when the condition
// names both.
func (s *Statements) spans(statuses []assignment.Status) bool {
	if s.status.nullable {
		return false // a row without a status is on neither side
	}
	terminal := 0
	for _, status := range statuses {
		if s.lifecycle.IsTerminal(status) {
			terminal++
		}
	}
	return len(statuses) == 0 || 0 < terminal && terminal < len(statuses)
}

func (w *conditions) equal(f field, value string) {
	if value == "" {
		return
	}
	if f.rejects(value) != "" {
		w.nothing = true
		return
	}
	w.add(f.quoted() + " = " + f.match(w.bind(value)))
}

func (w *conditions) oneOf(f field, statuses []assignment.Status) {
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

func (w *conditions) add(condition string) { w.all = append(w.all, condition) }

// bind adds a parameter and returns its placeholder.
func (w *conditions) bind(arg any) string {
	w.args = append(w.args, arg)
	return "$" + strconv.Itoa(len(w.args))
}
