package conformance

import (
	"errors"
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

func historyRules() []Rule {
	return []Rule{
		{
			Name: "history/random_calls_match_the_reference",
			Statement: "Any sequence of calls has the same results and leaves the same rows as with the reference store, " +
				"package memory.",
			Contract:    onAtomicity,
			everyPolicy: true,
			needs:       []Ability{AbilityClientIDs},
			check:       matchesTheReference,
		},
	}
}

// randomCalls is the length of the sequence.
const randomCalls = 300

// walk makes the same random calls on the driver and on the reference.
type walk struct {
	*probe
	reference *assignment.Service
	keys      []assignment.Key
	requests  []assignment.CreateParams
}

func matchesTheReference(p *probe) {
	store := memory.New(&memory.Options{Policy: p.policy})
	w := &walk{probe: p, reference: p.serve(store), keys: crossed(p.newKey(), p.newKey())}
	for i := range randomCalls {
		w.step(i)
		p.clock.move(p.random.IntN(3))
	}
	p.sameRows("all rows at the end", p.list(p.other, assignment.Query{}), p.list(w.reference, assignment.Query{}))
}

func (w *walk) step(i int) {
	name, call := w.draw()
	name = fmt.Sprintf("call %d, %s", i+1, name)
	got, gotErr := call(w.handle(i))
	want, wantErr := call(w.reference)
	w.agree(name, gotErr, wantErr)
	if wantErr != nil {
		return
	}
	if got.Outcome != want.Outcome {
		w.failf("%s: the outcome is %q, the reference has %q", name, got.Outcome, want.Outcome)
	}
	w.same(name+": the row, compared with the reference", got.Assignment, want.Assignment)
	if (got.Retired == nil) != (want.Retired == nil) {
		w.failf("%s: retired %v, the reference %v", name, got.Retired, want.Retired)
	}
	if want.Retired != nil {
		w.same(name+": the retired row, compared with the reference", *got.Retired, *want.Retired)
	}
}

// agree wants the same kind of error, with the same holder.
func (w *walk) agree(name string, got, want error) {
	for _, target := range []error{
		assignment.ErrActiveExists, assignment.ErrIDReused, assignment.ErrNotFound, assignment.ErrTransition, assignment.ErrStale,
	} {
		if errors.Is(got, target) != errors.Is(want, target) {
			w.failf("%s: got %s, the reference %s", name, outcome(got), outcome(want))
		}
	}
	if (got == nil) != (want == nil) {
		w.failf("%s: got %s, the reference %s", name, outcome(got), outcome(want))
	}
	if conflict, ok := errors.AsType[*assignment.ActiveExistsError](want); ok {
		w.conflict(name, got, conflict.Existing)
	}
}

type randomCall func(s *assignment.Service) (assignment.Result, error)

// draw chooses the next call at random, on few keys and mostly on existing rows, so that
// calls affect each other.
func (w *walk) draw() (string, randomCall) {
	params := w.request()
	id := w.requests[w.random.IntN(len(w.requests))].ID
	switch n := w.random.IntN(10); {
	case n < 3:
		return "ensure", func(s *assignment.Service) (assignment.Result, error) { return s.Ensure(w.ctx, params) }
	case n < 4:
		return "create", changing(func(s *assignment.Service) (assignment.Assignment, error) { return s.Create(w.ctx, params) })
	case n < 5 && w.has(AbilityReplace):
		to := w.lifecycle.Terminal()[w.random.IntN(len(w.lifecycle.Terminal()))]
		return "replace", func(s *assignment.Service) (assignment.Result, error) {
			return s.Replace(w.ctx, params, assignment.ReplaceParams{RetireTo: to})
		}
	case n < 6 && w.has(AbilityReassign):
		to := w.keys[w.random.IntN(len(w.keys))].AssigneeID
		return "reassign", changing(func(s *assignment.Service) (assignment.Assignment, error) {
			return s.Reassign(w.ctx, id, to)
		})
	default:
		return w.transition(id)
	}
}

func (w *walk) transition(id assignment.ID) (string, randomCall) {
	statuses := w.lifecycle.Statuses()
	to := statuses[w.random.IntN(len(statuses))]
	var conditions []assignment.Condition
	if w.has(AbilityIfVersion) && w.random.IntN(3) == 0 {
		conditions = append(conditions, assignment.IfVersion(1+w.random.Int64N(3)))
	}
	return "move to " + string(to), changing(func(s *assignment.Service) (assignment.Assignment, error) {
		return s.Transition(w.ctx, id, to, conditions...)
	})
}

func changing(call func(*assignment.Service) (assignment.Assignment, error)) randomCall {
	return func(s *assignment.Service) (assignment.Result, error) {
		a, err := call(s)
		return assignment.Result{Assignment: a}, err
	}
}

// request returns a new request or, one time in three, an earlier one.
func (w *walk) request() assignment.CreateParams {
	if len(w.requests) > 0 && w.random.IntN(3) == 0 {
		return w.requests[w.random.IntN(len(w.requests))]
	}
	params := w.params(w.keys[w.random.IntN(len(w.keys))])
	w.requests = append(w.requests, params)
	return params
}
