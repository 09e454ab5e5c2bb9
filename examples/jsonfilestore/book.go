package jsonfilestore

import (
	"slices"

	"github.com/assignment-go/assignment"
)

// book is the content of the file. Each call decodes its own, so nothing in it
// is shared.
type book struct {
	// Terminal are the statuses that free a slot. They stand in the file so that
	// no two processes can disagree on which rows are active.
	Terminal []assignment.Status
	// Assignments are in the order of List.
	Assignments []assignment.Assignment

	changed bool
}

func (b *book) get(id assignment.ID) (assignment.Assignment, error) {
	i := slices.IndexFunc(b.Assignments, func(a assignment.Assignment) bool { return a.ID == id })
	if i < 0 {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	return b.Assignments[i], nil
}

// active asks what frees a slot, never what holds it: a status that nobody
// knows holds it, too.
func (b *book) active(a assignment.Assignment) bool { return !slices.Contains(b.Terminal, a.Status) }

func (b *book) holder(k assignment.Key) (assignment.Assignment, bool) {
	i := slices.IndexFunc(b.Assignments, func(a assignment.Assignment) bool { return a.Key == k && b.active(a) })
	if i < 0 {
		return assignment.Assignment{}, false
	}
	return b.Assignments[i], true
}

// create follows the rules of Store.Create in their order.
func (b *book) create(a assignment.Assignment) (assignment.Result, error) {
	if result, err := b.replay(a); result.Outcome != 0 || err != nil {
		return result, err
	}
	if err := b.vacant(a); err != nil {
		return assignment.Result{}, err
	}
	b.put(a)
	return assignment.Result{Assignment: a.Clone(), Outcome: assignment.OutcomeCreated}, nil
}

// replay answers a request whose ID exists; the zero Result means that it does
// not.
func (b *book) replay(a assignment.Assignment) (assignment.Result, error) {
	own, err := b.get(a.ID)
	if err != nil {
		return assignment.Result{}, nil //nolint:nilerr // not found is what a new request expects
	}
	if !own.SameRequest(a) {
		return assignment.Result{}, assignment.ErrIDReused
	}
	return assignment.Result{Assignment: own, Outcome: assignment.OutcomeReplayed}, nil
}

// vacant refuses a row that would hold a slot which another one holds.
func (b *book) vacant(a assignment.Assignment) error {
	holder, taken := b.holder(a.Key)
	if !taken || holder.ID == a.ID || !b.active(a) {
		return nil
	}
	return &assignment.ActiveExistsError{Key: a.Key, Existing: holder}
}

// put adds a row or its next state.
func (b *book) put(a assignment.Assignment) {
	at, found := slices.BinarySearchFunc(b.Assignments, a.Cursor(), func(b assignment.Assignment, c assignment.Cursor) int {
		return b.Cursor().Compare(c)
	})
	b.changed = true
	if found {
		b.Assignments[at] = a
		return
	}
	b.Assignments = slices.Insert(b.Assignments, at, a)
}
