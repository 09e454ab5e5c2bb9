package conformance_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// contextMutants treat the context or what it bounds wrongly.
func contextMutants() []mutant {
	creating := func(name, rule string, create createFunc) mutant {
		return mutant{name: name, rule: rule, wrap: func(d *lab) assignment.Store { return creation{d, create} }}
	}
	return []mutant{
		{name: "context_ignored", rule: "context/ended_before_the_call", spoil: func(d *lab) {
			d.begin = func(context.Context) error {
				d.lock.Lock()
				return nil
			}
		}},
		creating("ended_context_is_unavailable", "context/ended_before_the_call", func(ctx context.Context, d *lab, a assignment.Assignment) (assignment.Result, error) {
			if ctx.Err() != nil {
				return assignment.Result{}, assignment.ErrUnavailable
			}
			return d.Create(ctx, a)
		}),
		creating("written_but_denied", "cancellation/create_tells_the_truth", denying),
		creating("denied_and_written_later", "race/cancelled_callers", denying),
		creating("success_without_a_row", "cancellation/create_tells_the_truth", func(ctx context.Context, d *lab, a assignment.Assignment) (assignment.Result, error) {
			if _, bounded := ctx.Deadline(); bounded {
				if _, ok := d.table.get(a.ID); !ok {
					return assignment.Result{Assignment: a.Clone(), Outcome: assignment.OutcomeCreated}, nil
				}
			}
			return d.Create(ctx, a)
		}),
		creating("unknown_and_the_context's", "cancellation/create_tells_the_truth", func(ctx context.Context, d *lab, a assignment.Assignment) (assignment.Result, error) {
			if _, bounded := ctx.Deadline(); !bounded {
				return d.Create(ctx, a)
			}
			<-ctx.Done()
			return assignment.Result{}, fmt.Errorf("%w: %w", &assignment.UnknownOutcomeError{ID: a.ID, Err: ctx.Err()}, ctx.Err())
		}),
		{name: "change_made_but_denied", rule: "cancellation/change_tells_the_truth", wrap: func(d *lab) assignment.Store { return denyingChanges{d} }},
		{name: "lock_kept_after_ended_context", rule: "context/ended_call_leaves_nothing_behind", timeout: 200 * time.Millisecond, spoil: func(d *lab) {
			d.begin = func(ctx context.Context) error {
				d.lock.Lock()
				return ctx.Err()
			}
		}},
		{name: "connection_kept_after_ended_context", rule: "context/connections_are_given_back", timeout: 200 * time.Millisecond, open: leaking},
		{name: "goroutine_waits_for_ever", rule: "context/no_goroutine_is_left_behind", bubble: true, open: lingering},
		{name: "rows_of_others_are_seen", rule: "store/starts_empty", open: shared()},
	}
}

type createFunc func(ctx context.Context, d *lab, a assignment.Assignment) (assignment.Result, error)

type creation struct {
	*lab
	create createFunc
}

func (s creation) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	return s.create(ctx, s.lab, a)
}

// denying writes in any case and looks at the context afterwards.
func denying(ctx context.Context, d *lab, a assignment.Assignment) (assignment.Result, error) {
	result, err := d.Create(context.WithoutCancel(ctx), a)
	linger()
	if ctx.Err() != nil {
		return assignment.Result{}, ctx.Err()
	}
	return result, err
}

// denyingChanges does the same with changes.
type denyingChanges struct{ *lab }

func (s denyingChanges) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	a, err := s.lab.Update(context.WithoutCancel(ctx), id, c)
	linger()
	if ctx.Err() != nil {
		return assignment.Assignment{}, ctx.Err()
	}
	return a, err
}

// leaking keeps the connection of a call whose context has ended.
func leaking(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
	var inUse atomic.Int64
	backend, err := opener(func(d *lab) assignment.Store {
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

// lingering starts a goroutine for each call that nobody stops when the context
// ends; closing the backend does.
func lingering(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
	closed := make(chan struct{})
	backend, err := opener(func(d *lab) assignment.Store {
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

// shared opens the same backend each time, with a row in it.
func shared() func(context.Context, assignment.Policy) (conformance.Backend, error) {
	return func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
		backend, err := opener(func(d *lab) assignment.Store { return d })(ctx, p)
		if err != nil {
			return backend, err
		}
		err = backend.Plant(ctx, assignment.Assignment{
			ID: "left over", Key: assignment.Key{AssigneeID: "a", SubjectID: "s"}, Status: p.Lifecycle.Initial(), Version: 1,
		})
		return backend, err
	}
}
