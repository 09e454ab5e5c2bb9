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

// linearMutants are correct for one call at a time, and never have two active rows per slot.
// With concurrent calls their results are wrong.
func linearMutants() []mutant {
	linear := func(name, rule string, build func(trackedDriver) assignment.Store) mutant {
		return mutant{name: name, rule: "linearizable/" + rule, open: openTracked(build)}
	}
	return []mutant{
		linear("stale_cache_on_the_other_handle", "two_handles", func(c trackedDriver) assignment.Store {
			return &staleCache{trackedDriver: c, rows: make(map[assignment.ID]assignment.Assignment)}
		}),
		linear("lost_update", "one_handle", func(c trackedDriver) assignment.Store { return lostUpdate{c} }),
		linear("change_of_an_old_snapshot", "one_handle", func(c trackedDriver) assignment.Store { return oldSnapshot{c} }),
		linear("created_row_disappears", "two_handles", func(c trackedDriver) assignment.Store { return losesCreated{c} }),
		linear("write_behind", "one_handle", func(c trackedDriver) assignment.Store { return writeBehind{c} }),
		linear("replace_visible_before_it_retires", "one_handle", func(c trackedDriver) assignment.Store { return &visibleBeforeRetire{trackedDriver: c} }),
		linear("torn_list", "two_handles", func(c trackedDriver) assignment.Store { return tornList{c} }),
		linear("cached_count", "one_handle", func(c trackedDriver) assignment.Store {
			return &cachedCount{trackedDriver: c, known: make(map[assignment.Key]int64)}
		}),
		linear("conflict_with_an_outdated_holder", "two_handles", func(c trackedDriver) assignment.Store {
			return &outdatedHolder{trackedDriver: c, first: make(map[assignment.ID]assignment.Assignment)}
		}),
		linear("reported_as_not_written_and_written_later", "with_cancellations", func(c trackedDriver) assignment.Store { return writesAfterCancelled{c} }),
	}
}

// trackedDriver is a correct driver that counts the running calls on both handles.
type trackedDriver struct {
	*driver
	inside *atomic.Int64
}

func (c trackedDriver) enter() func() {
	c.inside.Add(1)
	return func() { c.inside.Add(-1) }
}

// othersRunning reports whether other calls are running.
func (c trackedDriver) othersRunning() bool { return c.inside.Load() > 1 }

func openTracked(build func(trackedDriver) assignment.Store) func(context.Context, assignment.Policy) (conformance.Backend, error) {
	return func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
		var inside atomic.Int64
		return opener(func(d *driver) assignment.Store {
			begin := d.begin
			d.begin = func(ctx context.Context) error {
				yieldToOthers()
				return begin(ctx)
			}
			return build(trackedDriver{d, &inside})
		})(ctx, p)
	}
}

func (c trackedDriver) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	defer c.enter()()
	return c.driver.Create(ctx, a)
}

func (c trackedDriver) Update(ctx context.Context, id assignment.ID, change assignment.Change) (assignment.Assignment, error) {
	defer c.enter()()
	return c.driver.Update(ctx, id, change)
}

// staleCache returns from Get the row that its handle saw last, while other calls are running.
type staleCache struct {
	trackedDriver
	mu   sync.Mutex
	rows map[assignment.ID]assignment.Assignment
}

func (s *staleCache) seen(a assignment.Assignment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.Version > s.rows[a.ID].Version {
		s.rows[a.ID] = a
	}
}

func (s *staleCache) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	result, err := s.trackedDriver.Create(ctx, a)
	if err == nil {
		s.seen(result.Assignment)
	}
	return result, err
}

func (s *staleCache) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	a, err := s.trackedDriver.Update(ctx, id, c)
	if err == nil {
		s.seen(a)
	}
	return a, err
}

func (s *staleCache) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	defer s.enter()()
	s.mu.Lock()
	a, ok := s.rows[id]
	s.mu.Unlock()
	if ok && s.othersRunning() {
		return a.Clone(), nil
	}
	return s.driver.Get(ctx, id)
}

// lostUpdate reads a row, computes the change and writes it, without noticing that the row has
// changed in between.
type lostUpdate struct{ trackedDriver }

func (s lostUpdate) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	defer s.enter()()
	cur, ok := s.table.get(id)
	yieldToOthers()
	a, err := s.driver.Update(ctx, id, c)
	if err != nil || !ok || !s.lifecycle.IsTerminal(a.Status) {
		return a, err
	}
	if lost, err := c.Apply(cur, s.lifecycle); err == nil && s.lifecycle.IsTerminal(lost.Status) {
		s.table.put(lost)
		return lost.Clone(), nil
	}
	return a, nil
}

// oldSnapshot applies a change to the row that it read before it took the lock.
type oldSnapshot struct{ trackedDriver }

func (s oldSnapshot) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	defer s.enter()()
	cur, ok := s.table.get(id)
	yieldToOthers()
	a, err := s.driver.Update(ctx, id, c)
	if errors.Is(err, assignment.ErrTransition) && ok {
		if old, oldErr := c.Apply(cur, s.lifecycle); oldErr == nil {
			return old.Clone(), nil
		}
	}
	return a, err
}

// losesCreated removes the created row while other calls are running.
type losesCreated struct{ trackedDriver }

func (s losesCreated) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	defer s.enter()()
	result, err := s.driver.Create(ctx, a)
	if err == nil && result.Outcome == assignment.OutcomeCreated && s.othersRunning() {
		s.table.remove(a.ID)
	}
	return result, err
}

// writeBehind returns before it writes, while other calls are running.
type writeBehind struct{ trackedDriver }

func (s writeBehind) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	defer s.enter()()
	cur, ok := s.table.get(id)
	next, err := c.Apply(cur, s.lifecycle)
	if !ok || err != nil || !s.othersRunning() || !s.lifecycle.IsTerminal(next.Status) {
		return s.driver.Update(ctx, id, c)
	}
	go func() {
		yieldToOthers()
		_, _ = s.driver.Update(context.WithoutCancel(ctx), id, c)
	}()
	return next.Clone(), nil
}

// visibleBeforeRetire makes the new row visible before it retires the holder.
type visibleBeforeRetire struct {
	trackedDriver
	replaces sync.Mutex
}

func (s *visibleBeforeRetire) Replace(ctx context.Context, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	defer s.enter()()
	s.replaces.Lock()
	defer s.replaces.Unlock()
	if _, ok := s.table.get(next.ID); !ok && s.othersRunning() {
		s.table.put(next)
		yieldToOthers()
		s.table.remove(next.ID)
	}
	return s.driver.Replace(ctx, next, to)
}

// tornList reads the rows of a list one after the other.
type tornList struct{ trackedDriver }

func (s tornList) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	defer s.enter()()
	rows, err := s.driver.List(ctx, q)
	for i := range rows {
		yieldToOthers()
		now, _ := s.table.get(rows[i].ID)
		rows[i] = now.Clone()
	}
	return slices.DeleteFunc(rows, func(a assignment.Assignment) bool { return !q.Matches(a, s.lifecycle) }), err
}

// cachedCount returns an earlier count while other calls are running.
type cachedCount struct {
	trackedDriver
	mu    sync.Mutex
	known map[assignment.Key]int64
}

func (s *cachedCount) Count(ctx context.Context, q assignment.Query) (int64, error) {
	defer s.enter()()
	othersRunning := s.othersRunning()
	n, err := s.driver.Count(ctx, q)
	if err != nil {
		return n, err
	}
	k := assignment.Key{AssigneeID: fmt.Sprint(q.AssigneeID, q.ActiveOnly), SubjectID: q.SubjectID}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.known[k]; ok && othersRunning {
		return known, nil
	}
	s.known[k] = n
	return n, nil
}

// outdatedHolder returns holders as they were created, while other calls are running.
type outdatedHolder struct {
	trackedDriver
	mu    sync.Mutex
	first map[assignment.ID]assignment.Assignment
}

func (s *outdatedHolder) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	defer s.enter()()
	othersRunning := s.othersRunning()
	result, err := s.driver.Create(ctx, a)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && result.Outcome == assignment.OutcomeCreated {
		s.first[a.ID] = result.Assignment.Clone()
	}
	conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
	if !ok {
		return result, err
	}
	if first, ok := s.first[conflict.Existing.ID]; ok && othersRunning {
		conflict.Existing = first.Clone()
	}
	return result, err
}

// writesAfterCancelled returns the context's error when its context ends during the call, and
// writes all the same.
type writesAfterCancelled struct{ trackedDriver }

func (s writesAfterCancelled) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	defer s.enter()()
	if ctx.Err() == nil {
		yieldToOthers()
		if ctx.Err() != nil && s.othersRunning() {
			go func() { _, _ = s.driver.Create(context.WithoutCancel(ctx), a) }()
		}
	}
	return s.driver.Create(ctx, a)
}
