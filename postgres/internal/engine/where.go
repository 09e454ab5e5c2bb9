package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
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
// table does not keep is refused rather than ignored.
func (p *plan) where(q assignment.Query) (*where, error) {
	switch {
	case q.AccountID != "" && !p.account.mapped():
		return nil, p.account.notKept()
	case !q.DueBefore.IsZero() && !p.due.mapped():
		return nil, p.due.notKept()
	}
	w := &where{}
	w.equal(p.assignee, q.AssigneeID)
	w.equal(p.subject, q.SubjectID)
	w.equal(p.account, q.AccountID)
	w.oneOf(p.status, q.Statuses)
	if q.ActiveOnly {
		w.add(p.activeOnly)
	}
	if !q.DueBefore.IsZero() {
		// minus infinity reads as none
		w.add(p.due.quoted() + " < " + p.due.match(w.bind(q.DueBefore)) + " AND " + p.due.quoted() + " > '-infinity'")
	}
	return w, nil
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
	if f.form == formEnum {
		statuses = slices.DeleteFunc(slices.Clone(statuses), func(s assignment.Status) bool {
			return !slices.Contains(f.labels, string(s))
		})
	}
	if len(statuses) == 0 {
		w.nothing = true
		return
	}
	w.add(f.quoted() + " IN (" + schema.StatusList(statuses) + ")")
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
