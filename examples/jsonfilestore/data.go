package jsonfilestore

import (
	"slices"

	"github.com/assignment-go/assignment"
)

// data is the content of the file. Each call decodes it anew, so that calls share
// nothing.
type data struct {
	// Terminal are the statuses that free a slot. They are in the file so that two
	// processes can't disagree on which rows are active.
	Terminal []assignment.Status
	// Assignments are in the order of List.
	Assignments []assignment.Assignment

	changed bool
}

func (d *data) get(id assignment.ID) (assignment.Assignment, error) {
	i := slices.IndexFunc(d.Assignments, func(a assignment.Assignment) bool { return a.ID == id })
	if i < 0 {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	return d.Assignments[i], nil
}

// active is defined by the statuses that free a slot, so that an unknown status
// holds it.
func (d *data) active(a assignment.Assignment) bool { return !slices.Contains(d.Terminal, a.Status) }

func (d *data) holder(k assignment.Key) (assignment.Assignment, bool) {
	i := slices.IndexFunc(d.Assignments, func(a assignment.Assignment) bool { return a.Key == k && d.active(a) })
	if i < 0 {
		return assignment.Assignment{}, false
	}
	return d.Assignments[i], true
}

// create applies the rules of Store.Create in their order.
func (d *data) create(a assignment.Assignment) (assignment.Result, error) {
	if result, err := d.replay(a); result.Outcome != 0 || err != nil {
		return result, err
	}
	if err := d.vacant(a); err != nil {
		return assignment.Result{}, err
	}
	d.put(a)
	return assignment.Result{Assignment: a.Clone(), Outcome: assignment.OutcomeCreated}, nil
}

// replay returns the result of a request whose ID exists, or the zero Result when
// it does not.
func (d *data) replay(a assignment.Assignment) (assignment.Result, error) {
	existing, err := d.get(a.ID)
	if err != nil {
		return assignment.Result{}, nil //nolint:nilerr // not found means a new request
	}
	if !existing.SameRequest(a) {
		return assignment.Result{}, assignment.ErrIDReused
	}
	return assignment.Result{Assignment: existing, Outcome: assignment.OutcomeReplayed}, nil
}

// vacant returns an error when another row holds the slot that a would hold.
func (d *data) vacant(a assignment.Assignment) error {
	holder, taken := d.holder(a.Key)
	if !taken || holder.ID == a.ID || !d.active(a) {
		return nil
	}
	return &assignment.ActiveExistsError{Key: a.Key, Existing: holder}
}

// put adds a row or its next state.
func (d *data) put(a assignment.Assignment) {
	at, found := slices.BinarySearchFunc(d.Assignments, a.Cursor(), func(d assignment.Assignment, c assignment.Cursor) int {
		return d.Cursor().Compare(c)
	})
	d.changed = true
	if found {
		d.Assignments[at] = a
		return
	}
	d.Assignments = slices.Insert(d.Assignments, at, a)
}
