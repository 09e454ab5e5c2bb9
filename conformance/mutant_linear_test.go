package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// linearMutants are right as long as one call is made at a time, and keep one
// active row per slot also when not. What they break is what callers can
// conclude from their answers.
func linearMutants() []mutant {
	crowded := func(name, rule string, breed func(crowd) assignment.Store) mutant {
		return mutant{name: name, rule: "linearizable/" + rule, open: inCrowd(breed)}
	}
	return []mutant{
		crowded("stale_cache_on_the_other_handle", "two_handles", func(c crowd) assignment.Store {
			return &remembering{crowd: c, rows: make(map[assignment.ID]assignment.Assignment)}
		}),
		crowded("lost_update", "one_handle", func(c crowd) assignment.Store { return overwriting{c} }),
		crowded("change_of_an_old_snapshot", "one_handle", func(c crowd) assignment.Store { return late{c} }),
		crowded("created_then_gone", "two_handles", func(c crowd) assignment.Store { return forgetful{c} }),
		crowded("write_behind", "one_handle", func(c crowd) assignment.Store { return behind{c} }),
		crowded("replace_seen_by_get", "one_handle", func(c crowd) assignment.Store { return &doubling{crowd: c} }),
		crowded("torn_list", "two_handles", func(c crowd) assignment.Store { return torn{c} }),
		crowded("remembered_count", "one_handle", func(c crowd) assignment.Store {
			return &counting{crowd: c, known: make(map[assignment.Key]int64)}
		}),
		crowded("conflict_with_a_former_state", "two_handles", func(c crowd) assignment.Store {
			return &wistful{crowd: c, first: make(map[assignment.ID]assignment.Assignment)}
		}),
		crowded("denied_and_done_later", "with_cancellations", func(c crowd) assignment.Store { return posthumous{c} }),
	}
}

// crowd is a correct driver that knows how many calls are under way on both
// handles.
type crowd struct {
	*lab
	inside *atomic.Int64
}

func (c crowd) enter() func() {
	c.inside.Add(1)
	return func() { c.inside.Add(-1) }
}

// busy reports whether others are at work.
func (c crowd) busy() bool { return c.inside.Load() > 1 }

func inCrowd(breed func(crowd) assignment.Store) func(context.Context, assignment.Policy) (conformance.Backend, error) {
	return func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
		var inside atomic.Int64
		return opener(func(d *lab) assignment.Store {
			begin := d.begin
			d.begin = func(ctx context.Context) error {
				linger()
				return begin(ctx)
			}
			return breed(crowd{d, &inside})
		})(ctx, p)
	}
}

func (c crowd) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	defer c.enter()()
	return c.lab.Create(ctx, a)
}

func (c crowd) Update(ctx context.Context, id assignment.ID, change assignment.Change) (assignment.Assignment, error) {
	defer c.enter()()
	return c.lab.Update(ctx, id, change)
}

// remembering answers Get from what its handle saw last while others are at work.
type remembering struct {
	crowd
	mu   sync.Mutex
	rows map[assignment.ID]assignment.Assignment
}

func (s *remembering) seen(a assignment.Assignment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.Version > s.rows[a.ID].Version {
		s.rows[a.ID] = a
	}
}

func (s *remembering) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	result, err := s.crowd.Create(ctx, a)
	if err == nil {
		s.seen(result.Assignment)
	}
	return result, err
}

func (s *remembering) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	a, err := s.crowd.Update(ctx, id, c)
	if err == nil {
		s.seen(a)
	}
	return a, err
}

func (s *remembering) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	defer s.enter()()
	s.mu.Lock()
	a, ok := s.rows[id]
	s.mu.Unlock()
	if ok && s.busy() {
		return a.Clone(), nil
	}
	return s.lab.Get(ctx, id)
}

// overwriting reads, computes, and writes what it computed, whatever became of
// the row meanwhile.
type overwriting struct{ crowd }

func (s overwriting) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	defer s.enter()()
	cur, ok := s.table.get(id)
	linger()
	a, err := s.lab.Update(ctx, id, c)
	if err != nil || !ok || !s.lifecycle.IsTerminal(a.Status) {
		return a, err
	}
	if lost, err := c.Apply(cur, s.lifecycle); err == nil && s.lifecycle.IsTerminal(lost.Status) {
		s.table.put(lost)
		return lost.Clone(), nil
	}
	return a, nil
}

// late finds a change already made in a row that it read before the lock.
type late struct{ crowd }

func (s late) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	defer s.enter()()
	cur, ok := s.table.get(id)
	linger()
	a, err := s.lab.Update(ctx, id, c)
	if errors.Is(err, assignment.ErrTransition) && ok {
		if old, oldErr := c.Apply(cur, s.lifecycle); oldErr == nil {
			return old.Clone(), nil
		}
	}
	return a, err
}

// forgetful loses what it has just created when others are at work.
type forgetful struct{ crowd }

func (s forgetful) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	defer s.enter()()
	result, err := s.lab.Create(ctx, a)
	if err == nil && result.Outcome == assignment.OutcomeCreated && s.busy() {
		s.table.remove(a.ID)
	}
	return result, err
}

// behind answers before it writes, while others are at work.
type behind struct{ crowd }

func (s behind) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	defer s.enter()()
	cur, ok := s.table.get(id)
	next, err := c.Apply(cur, s.lifecycle)
	if !ok || err != nil || !s.busy() || !s.lifecycle.IsTerminal(next.Status) {
		return s.lab.Update(ctx, id, c)
	}
	go func() {
		linger()
		_, _ = s.lab.Update(context.WithoutCancel(ctx), id, c)
	}()
	return next.Clone(), nil
}

// doubling retires the holder after the new row can be seen.
type doubling struct {
	crowd
	replaces sync.Mutex
}

func (s *doubling) Replace(ctx context.Context, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	defer s.enter()()
	s.replaces.Lock()
	defer s.replaces.Unlock()
	if _, ok := s.table.get(next.ID); !ok && s.busy() {
		s.table.put(next)
		linger()
		s.table.remove(next.ID)
	}
	return s.lab.Replace(ctx, next, to)
}

// torn reads the rows of a list one after the other.
type torn struct{ crowd }

func (s torn) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	defer s.enter()()
	rows, err := s.lab.List(ctx, q)
	for i := range rows {
		linger()
		now, _ := s.table.get(rows[i].ID)
		rows[i] = now.Clone()
	}
	return slices.DeleteFunc(rows, func(a assignment.Assignment) bool { return !q.Matches(a, s.lifecycle) }), err
}

// counting remembers what it counted, while others are at work.
type counting struct {
	crowd
	mu    sync.Mutex
	known map[assignment.Key]int64
}

func (s *counting) Count(ctx context.Context, q assignment.Query) (int64, error) {
	defer s.enter()()
	busy := s.busy()
	n, err := s.lab.Count(ctx, q)
	if err != nil {
		return n, err
	}
	k := assignment.Key{AssigneeID: fmt.Sprint(q.AssigneeID, q.ActiveOnly), SubjectID: q.SubjectID}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.known[k]; ok && busy {
		return known, nil
	}
	s.known[k] = n
	return n, nil
}

// wistful shows holders as it first saw them, while others are at work.
type wistful struct {
	crowd
	mu    sync.Mutex
	first map[assignment.ID]assignment.Assignment
}

func (s *wistful) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	defer s.enter()()
	busy := s.busy()
	result, err := s.lab.Create(ctx, a)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && result.Outcome == assignment.OutcomeCreated {
		s.first[a.ID] = result.Assignment.Clone()
	}
	conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
	if !ok {
		return result, err
	}
	if first, ok := s.first[conflict.Existing.ID]; ok && busy {
		conflict.Existing = first.Clone()
	}
	return result, err
}

// posthumous says that nothing was written when its context ends on the way,
// and writes all the same.
type posthumous struct{ crowd }

func (s posthumous) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	defer s.enter()()
	if ctx.Err() == nil {
		linger()
		if ctx.Err() != nil && s.busy() {
			go func() { _, _ = s.lab.Create(context.WithoutCancel(ctx), a) }()
		}
	}
	return s.lab.Create(ctx, a)
}
