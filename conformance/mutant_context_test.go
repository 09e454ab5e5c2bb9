package conformance_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// contextMutants handle the context wrongly.
func contextMutants() []mutant {
	creating := func(name, rule string, create createFunc) mutant {
		return mutant{name: name, rule: rule, wrap: func(d *driver) assignment.Store { return creation{d, create} }}
	}
	return []mutant{
		{name: "context_ignored", rule: "context/ended_before_the_call", change: func(d *driver) {
			d.begin = func(context.Context) error {
				d.lock.Lock()
				return nil
			}
		}},
		creating("ended_context_is_unavailable", "context/ended_before_the_call", func(ctx context.Context, d *driver, a assignment.Assignment) (assignment.Result, error) {
			if ctx.Err() != nil {
				return assignment.Result{}, assignment.ErrUnavailable
			}
			return d.Create(ctx, a)
		}),
		creating("written_but_reported_as_not_written", "cancellation/create_reports_what_happened", writesAfterCancel),
		creating("reported_as_not_written_and_written_later", "race/cancelled_callers", writesAfterCancel),
		creating("success_without_a_row", "cancellation/create_reports_what_happened", func(ctx context.Context, d *driver, a assignment.Assignment) (assignment.Result, error) {
			if _, bounded := ctx.Deadline(); bounded {
				if _, ok := d.table.get(a.ID); !ok {
					return assignment.Result{Assignment: a.Clone(), Outcome: assignment.OutcomeCreated}, nil
				}
			}
			return d.Create(ctx, a)
		}),
		creating("unknown_outcome_is_also_the_context's_error", "cancellation/create_reports_what_happened", func(ctx context.Context, d *driver, a assignment.Assignment) (assignment.Result, error) {
			if _, bounded := ctx.Deadline(); !bounded {
				return d.Create(ctx, a)
			}
			<-ctx.Done()
			return assignment.Result{}, fmt.Errorf("%w: %w", &assignment.UnknownOutcomeError{ID: a.ID, Err: ctx.Err()}, ctx.Err())
		}),
		{name: "change_made_but_reported_as_not_made", rule: "cancellation/change_reports_what_happened", wrap: func(d *driver) assignment.Store { return changesAfterCancel{d} }},
		{name: "lock_not_released_after_ended_context", rule: "context/ended_calls_hold_no_lock", timeout: 200 * time.Millisecond, change: func(d *driver) {
			d.begin = func(ctx context.Context) error {
				d.lock.Lock()
				return ctx.Err()
			}
		}},
		{name: "connection_not_released_after_ended_context", rule: "context/connections_are_released", timeout: 200 * time.Millisecond, open: connectionLeak},
		{name: "goroutine_never_ends", rule: "context/no_goroutine_leaks", bubble: true, open: goroutineLeak},
		{name: "backend_has_rows_of_another_rule", rule: "store/starts_empty", open: shared()},
	}
}

type createFunc func(ctx context.Context, d *driver, a assignment.Assignment) (assignment.Result, error)

type creation struct {
	*driver
	create createFunc
}

func (s creation) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	return s.create(ctx, s.driver, a)
}

// writesAfterCancel writes in any case, and checks the context afterwards.
func writesAfterCancel(ctx context.Context, d *driver, a assignment.Assignment) (assignment.Result, error) {
	result, err := d.Create(context.WithoutCancel(ctx), a)
	yieldToOthers()
	if ctx.Err() != nil {
		return assignment.Result{}, ctx.Err()
	}
	return result, err
}

// changesAfterCancel does the same for changes.
type changesAfterCancel struct{ *driver }

func (s changesAfterCancel) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	a, err := s.driver.Update(context.WithoutCancel(ctx), id, c)
	yieldToOthers()
	if ctx.Err() != nil {
		return assignment.Assignment{}, ctx.Err()
	}
	return a, err
}

// connectionLeak does not release the connection of a call whose context has ended.
func connectionLeak(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
	var inUse atomic.Int64
	backend, err := opener(func(d *driver) assignment.Store {
		begin := d.begin
		d.begin = func(ctx context.Context) error {
			err := begin(ctx)
			if err != nil {
				inUse.Add(1)
			}
			return err
		}
		return d
	})(ctx, p)
	backend.Connections = func() int { return int(inUse.Load()) }
	return backend, err
}

// goroutineLeak starts a goroutine for each call with an ended context, which only ends when
// the backend is closed.
func goroutineLeak(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
	closed := make(chan struct{})
	backend, err := opener(func(d *driver) assignment.Store {
		begin := d.begin
		d.begin = func(ctx context.Context) error {
			err := begin(ctx)
			if err != nil {
				go func() { <-closed }()
			}
			return err
		}
		return d
	})(ctx, p)
	backend.Close = func() error {
		close(closed)
		return nil
	}
	return backend, err
}

// shared opens a backend that is not empty.
func shared() func(context.Context, assignment.Policy) (conformance.Backend, error) {
	return func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
		backend, err := opener(func(d *driver) assignment.Store { return d })(ctx, p)
		if err != nil {
			return backend, err
		}
		err = backend.Plant(ctx, assignment.Assignment{
			ID: "left over", Key: assignment.Key{AssigneeID: "a", SubjectID: "s"}, Status: p.Lifecycle.Initial(), Version: 1,
		})
		return backend, err
	}
}
