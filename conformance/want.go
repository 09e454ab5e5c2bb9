package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
)

// ok wants no error.
func (p *probe) ok(doing string, err error) {
	if err != nil {
		p.failf("%s: %s", doing, explained(err))
	}
}

// explained is the text of an error. For an ability that the driver lacks it also says
// how to declare it absent.
func explained(err error) string {
	missing, ok := errors.AsType[*assignment.UnsupportedError](err)
	if !ok {
		return err.Error()
	}
	return fmt.Sprintf("%v\n(if the driver lacks this on purpose, declare it: Harness.Absent = "+
		"[]conformance.Absence{{Ability: %q, Reason: \"…\"}})", err, missing.Ability)
}

// wantError wants an error that is target.
func (p *probe) wantError(doing string, err, target error) {
	if !errors.Is(err, target) {
		p.failf("%s: got %s, want the error %q", doing, outcome(err), target)
	}
}

func outcome(err error) string {
	if err == nil {
		return "success"
	}
	return "the error \"" + err.Error() + "\""
}

// invalid wants an InvalidError about the field.
func (p *probe) invalid(doing string, err error, field string) {
	p.wantError(doing, err, assignment.ErrInvalid)
	invalid, ok := errors.AsType[*assignment.InvalidError](err)
	if !ok || invalid.Field != field {
		p.failf("%s: got %s, want an InvalidError about %s", doing, outcome(err), field)
	}
}

// conflict wants an ActiveExistsError with the current row of the holder.
func (p *probe) conflict(doing string, err error, holder assignment.Assignment) {
	p.wantError(doing, err, assignment.ErrActiveExists)
	conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
	if !ok {
		p.failf("%s: the error is ErrActiveExists, but not an ActiveExistsError with the holder: %v", doing, err)
	}
	if conflict.Key != holder.Key {
		p.failf("%s: the error is about %+q, want %+q", doing, conflict.Key, holder.Key)
	}
	p.same(doing+": the holder in the error", conflict.Existing, holder)
}

// forbidden wants a TransitionError with these facts.
func (p *probe) forbidden(doing string, err error, want assignment.TransitionError) {
	p.wantError(doing, err, assignment.ErrTransition)
	got, ok := errors.AsType[*assignment.TransitionError](err)
	if !ok || *got != want {
		p.failf("%s: got %#v, want %#v", doing, got, &want)
	}
}

// same wants two rows equal in every attribute.
func (p *probe) same(what string, got, want assignment.Assignment) {
	if d := diff(got, p.withoutAbsent(want, got)); d != "" {
		p.failf("%s: %s", what, d)
	}
}

// created wants a new row and returns it.
func (p *probe) created(doing string, r assignment.Result, err error) assignment.Assignment {
	return p.wantOutcome(doing, r, err, assignment.OutcomeCreated)
}

// replayed wants the row of an earlier attempt and returns it.
func (p *probe) replayed(doing string, r assignment.Result, err error) assignment.Assignment {
	return p.wantOutcome(doing, r, err, assignment.OutcomeReplayed)
}

func (p *probe) wantOutcome(doing string, r assignment.Result, err error, want assignment.Outcome) assignment.Assignment {
	p.ok(doing, err)
	if r.Outcome != want {
		p.failf("%s: the outcome is %q, want %q", doing, r.Outcome, want)
	}
	return r.Assignment
}

// stored wants exactly this row on both handles.
func (p *probe) stored(want assignment.Assignment) {
	for i, name := range []string{"first", "second"} {
		got, err := p.find(p.handle(i), want)
		p.ok("get on the "+name+" handle", err)
		p.same("the row on the "+name+" handle", got, want)
	}
}

// holds wants both handles to find the row as the holder of its slot.
func (p *probe) holds(want assignment.Assignment) {
	for i, name := range []string{"first", "second"} {
		got, err := p.handle(i).FindActive(p.ctx, want.Key)
		p.ok("find the holder on the "+name+" handle", err)
		p.same("the holder on the "+name+" handle", got, want)
	}
}

// free wants the slot to be free.
func (p *probe) free(k assignment.Key) {
	for i := range 2 {
		_, err := p.handle(i).FindActive(p.ctx, k)
		p.wantError("find the holder of a free slot", err, assignment.ErrNotFound)
	}
}

// planted bounds the rows that a check writes with Plant.
const planted = 1000

// list reads all that match.
func (p *probe) list(s *assignment.Service, q assignment.Query) []assignment.Assignment {
	var rows []assignment.Assignment
	for a, err := range s.List(p.ctx, q) {
		p.ok("list", err)
		rows = append(rows, a)
		if len(rows) > int(p.made.Load())+planted {
			p.failf("a list has more rows than were ever created: does a page start at the beginning instead of after its cursor?")
		}
	}
	if !p.has(AbilityCreatedAt) && !slices.IsSortedFunc(rows, inOrder) {
		p.failf("the list is not in the order of the IDs: %q", ids(rows))
	}
	return rows
}

func byID(rows []assignment.Assignment) []assignment.Assignment {
	return slices.SortedFunc(slices.Values(rows), func(a, b assignment.Assignment) int {
		return strings.Compare(string(a.ID), string(b.ID))
	})
}

// changesNothing wants all rows to be the same after the step as before.
func (p *probe) changesNothing(doing string, step func()) {
	before := p.list(p.other, assignment.Query{})
	step()
	p.sameRows(doing+": all rows", p.list(p.other, assignment.Query{}), before)
}

// sameRows wants the same rows in the same order. When the driver does not store
// CreatedAt, only list checks the order.
func (p *probe) sameRows(what string, got, want []assignment.Assignment) {
	if !p.has(AbilityCreatedAt) {
		got, want = byID(got), byID(want)
	}
	if i := firstDifference(got, want); i >= 0 && slices.Equal(ids(byID(got)), ids(byID(want))) {
		p.failf("%s: the same %d rows in another order (lists are ordered by CreatedAt, then by ID): row %d is %q, want %q",
			what, len(want), i+1, got[i].ID, want[i].ID)
	}
	for i, a := range want {
		if i >= len(got) {
			p.failf("%s: %d rows, want %d: the first missing one is row %d, %q", what, len(got), len(want), i+1, a.ID)
		}
		if b := got[i]; b.ID != a.ID {
			p.failf("%s: %d rows, want %d; the first difference: row %d is %q, want %q", what, len(got), len(want), i+1, b.ID, a.ID)
		}
		p.same(fmt.Sprintf("%s: row %d of %d", what, i+1, len(want)), got[i], a)
	}
	for _, a := range got[len(want):] {
		p.failf("%s: %d rows, want %d: the first extra one is row %d, %q", what, len(got), len(want), len(want)+1, a.ID)
	}
}

// firstDifference is the first index with different IDs within the shorter list, or -1.
func firstDifference(got, want []assignment.Assignment) int {
	for i := range min(len(got), len(want)) {
		if got[i].ID != want[i].ID {
			return i
		}
	}
	return -1
}

func ids(rows []assignment.Assignment) []assignment.ID {
	all := make([]assignment.ID, len(rows))
	for i, a := range rows {
		all[i] = a.ID
	}
	return all
}
