package conformance

import "github.com/assignment-go/assignment"

// operation is one call of a method of the store.
type operation struct {
	name string
	id   assignment.ID
	// next is the row of a Create or a Replace.
	next assignment.Assignment
	// retireTo is the argument of Replace.
	retireTo assignment.Status
	// change is the argument of Update.
	change assignment.Change
	// query is the argument of List and Count; its key is that of FindActive.
	query assignment.Query
}

func (a operation) key() assignment.Key {
	return assignment.Key{AssigneeID: a.query.AssigneeID, SubjectID: a.query.SubjectID}
}

// writes reports whether the call may change something.
func (a operation) writes() bool {
	return a.name == "Create" || a.name == "Update" || a.name == "Replace"
}

// apply is the contract of Store in a few lines: the reply to the call in this state, and
// the state after it.
func (a operation) apply(m modelState, l assignment.Lifecycle) (reply, modelState) {
	switch a.name {
	case "Create":
		return a.create(m, l)
	case "Replace":
		return a.replace(m, l)
	case "Update":
		return a.update(m, l)
	case "Get":
		r, _ := m.get(a.id)
		return found(r), m
	case "FindActive":
		r, _ := m.holder(a.key(), "", l)
		return found(r), m
	case "List":
		return reply{kind: replyRows, rows: a.matching(m, l)}, m
	case "Count":
		return reply{kind: replyCount, count: int64(len(a.matching(m, l)))}, m
	default:
		panic("the model does not know " + a.name)
	}
}

// found is the reply with the row, or with ErrNotFound for the zero row.
func found(r row) reply {
	if r.id == "" {
		return reply{kind: replyNotFound}
	}
	return reply{kind: replyRow, row: r}
}

func (a operation) matching(m modelState, l assignment.Lifecycle) []row {
	return filter(m, func(r row) bool {
		return a.query.Matches(assignment.Assignment{Key: r.key, Status: r.status}, l)
	})
}

// existing is the reply to a Create or Replace whose ID exists.
func (a operation) existing(m modelState) (reply, bool) {
	existing, ok := m.get(a.next.ID)
	if !ok {
		return reply{}, false
	}
	if !existing.repeats(rowOf(a.next)) {
		return reply{kind: replyReused}, true
	}
	return reply{kind: replyReplayed, row: existing}, true
}

func (a operation) create(m modelState, l assignment.Lifecycle) (reply, modelState) {
	if existing, ok := a.existing(m); ok {
		return existing, m
	}
	if holder, ok := m.holder(a.next.Key, a.next.ID, l); ok {
		return reply{kind: replyConflict, row: holder}, m
	}
	r := rowOf(a.next)
	return reply{kind: replyCreated, row: r}, m.with(r)
}

func (a operation) replace(m modelState, l assignment.Lifecycle) (reply, modelState) {
	if existing, ok := a.existing(m); ok {
		return existing, m
	}
	created := reply{kind: replyCreated, row: rowOf(a.next)}
	if holder, ok := m.holder(a.next.Key, a.next.ID, l); ok {
		retired, err := holder.changed(assignment.Change{To: a.retireTo, At: a.next.CreatedAt}, l)
		if err != nil {
			return replyOf(err), m
		}
		created.retired, m = retired, m.with(retired)
	}
	return created, m.with(created.row)
}

func (a operation) update(m modelState, l assignment.Lifecycle) (reply, modelState) {
	cur, ok := m.get(a.id)
	if !ok {
		return reply{kind: replyNotFound}, m
	}
	next, err := cur.changed(a.change, l)
	if err != nil {
		return replyOf(err), m
	}
	if next == cur {
		return reply{kind: replyRow, row: cur}, m
	}
	if holder, taken := m.holder(next.key, next.id, l); taken && !l.IsTerminal(next.status) {
		return reply{kind: replyConflict, row: holder}, m
	}
	return reply{kind: replyRow, row: next}, m.with(next)
}
