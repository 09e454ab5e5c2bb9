package conformance_test

import (
	"context"
	"sync"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// withGap releases the lock between the check and the write, and takes it again at once: a
// gap of two instructions.
func withGap(d *driver) {
	d.between = func() {
		d.lock.Unlock()
		d.lock.Lock()
	}
}

// gapMutants show that the suite finds even the smallest gap.
func gapMutants() []mutant {
	return []mutant{
		{name: "gap_before_the_insert", rule: "stampede/create", change: withGap},
		{name: "gap_before_the_insert_into_a_map", rule: "stampede/create", open: fastMap},
		{name: "gap_before_the_insert_of_one_id", rule: "stampede/one_id", change: withGap},
		{name: "gap_before_the_reopening", rule: "stampede/reopen", change: withGap},
		{name: "gap_before_the_reassignment", rule: "stampede/reassign", change: withGap},
		{name: "gap_after_the_version_check", rule: "stampede/same_version", change: withGap},
		{name: "gap_inside_replace", rule: "stampede/replace", wrap: func(d *driver) assignment.Store {
			return replacement{d, inTwoStepsWithoutYield}
		}},
	}
}

// indexed finds the holder without a search, so that it only holds the lock for a moment.
type indexed struct {
	*driver
	holders *sync.Map
}

func fastMap(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
	var holders sync.Map
	return opener(func(d *driver) assignment.Store { return indexed{d, &holders} })(ctx, p)
}

func (s indexed) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	if err := s.begin(ctx); err != nil {
		return assignment.Result{}, err
	}
	defer s.lock.Unlock()
	if holder, ok := s.holders.Load(a.Key); ok {
		return assignment.Result{}, s.conflict(a.Key, holder.(assignment.Assignment))
	}
	s.lock.Unlock()
	s.lock.Lock()
	s.holders.Store(a.Key, a)
	s.table.put(a)
	return assignment.Result{Assignment: a, Outcome: assignment.OutcomeCreated}, nil
}
