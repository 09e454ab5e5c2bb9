package conformance

import "github.com/assignment-go/assignment"

// act is one call of a method of the store.
type act struct {
	name string
	id   assignment.ID
	// next is the row of a Create or a Replace.
	next assignment.Assignment
	// retireTo is for Replace.
	retireTo assignment.Status
	// change is for Update.
	change assignment.Change
	// query is for List and Count; its key is also that of FindActive.
	query assignment.Query
}

func (a act) key() assignment.Key {
	return assignment.Key{AssigneeID: a.query.AssigneeID, SubjectID: a.query.SubjectID}
}

// writes reports whether the call may change something.
func (a act) writes() bool {
	return a.name == "Create" || a.name == "Update" || a.name == "Replace"
}

// on is the contract of Store in a few lines: what the call answers in this
// world, and the world afterwards.
func (a act) on(w world, l assignment.Lifecycle) (answer, world) {
	switch a.name {
	case "Create":
		return a.create(w, l)
	case "Replace":
		return a.replace(w, l)
	case "Update":
		return a.update(w, l)
	case "Get":
		r, _ := w.get(a.id)
		return found(r), w
	case "FindActive":
		r, _ := w.holder(a.key(), "", l)
		return found(r), w
	case "List":
		return answer{kind: answerRows, rows: a.matching(w, l)}, w
	case "Count":
		return answer{kind: answerCount, count: int64(len(a.matching(w, l)))}, w
	default:
		panic("the model does not know " + a.name)
	}
}

// found answers with the row; the zero row is none.
func found(r row) answer {
	if r.id == "" {
		return answer{kind: answerMissing}
	}
	return answer{kind: answerRow, row: r}
}

func (a act) matching(w world, l assignment.Lifecycle) []row {
	return keep(w, func(r row) bool {
		return a.query.Matches(assignment.Assignment{Key: r.key, Status: r.status}, l)
	})
}

// own answers a Create or Replace whose ID exists.
func (a act) own(w world) (answer, bool) {
	own, ok := w.get(a.next.ID)
	if !ok {
		return answer{}, false
	}
	if !own.repeats(rowOf(a.next)) {
		return answer{kind: answerReused}, true
	}
	return answer{kind: answerReplayed, row: own}, true
}

func (a act) create(w world, l assignment.Lifecycle) (answer, world) {
	if own, ok := a.own(w); ok {
		return own, w
	}
	if holder, ok := w.holder(a.next.Key, a.next.ID, l); ok {
		return answer{kind: answerConflict, row: holder}, w
	}
	r := rowOf(a.next)
	return answer{kind: answerCreated, row: r}, w.with(r)
}

func (a act) replace(w world, l assignment.Lifecycle) (answer, world) {
	if own, ok := a.own(w); ok {
		return own, w
	}
	created := answer{kind: answerCreated, row: rowOf(a.next)}
	if holder, ok := w.holder(a.next.Key, a.next.ID, l); ok {
		retired, err := holder.changed(assignment.Change{To: a.retireTo, At: a.next.CreatedAt}, l)
		if err != nil {
			return refusal(err), w
		}
		created.retired, w = retired, w.with(retired)
	}
	return created, w.with(created.row)
}

func (a act) update(w world, l assignment.Lifecycle) (answer, world) {
	cur, ok := w.get(a.id)
	if !ok {
		return answer{kind: answerMissing}, w
	}
	next, err := cur.changed(a.change, l)
	if err != nil {
		return refusal(err), w
	}
	if next == cur {
		return answer{kind: answerRow, row: cur}, w
	}
	if holder, taken := w.holder(next.key, next.id, l); taken && !l.IsTerminal(next.status) {
		return answer{kind: answerConflict, row: holder}, w
	}
	return answer{kind: answerRow, row: next}, w.with(next)
}
