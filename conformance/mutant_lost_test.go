package conformance_test

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

var errLost = errors.New("the reply was lost")

// lossyDriver is a handle that carries out a write, loses the reply and then looks for the
// result.
type lossyDriver struct {
	*driver
	meanwhile func()
	// repeats makes a lost change again, trusting returns the error of the second attempt.
	repeats, trusting bool
}

func (s lossyDriver) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	if _, err := s.driver.Create(ctx, a); err != nil {
		return assignment.Result{}, err
	}
	s.meanwhile()
	result, err := s.driver.Create(ctx, a)
	if err != nil && !s.trusting {
		err = &assignment.UnknownOutcomeError{ID: a.ID, Err: err}
	}
	return result, err
}

func (s lossyDriver) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	if _, err := s.driver.Update(ctx, id, c); err != nil {
		return assignment.Assignment{}, err
	}
	s.meanwhile()
	if s.repeats || s.trusting {
		return s.driver.Update(ctx, id, c)
	}
	a, err := s.Get(ctx, id)
	if err != nil || a.Status != c.To {
		return assignment.Assignment{}, &assignment.UnknownOutcomeError{ID: id, Err: errLost}
	}
	return a, nil
}

// lostMutants handle a lost reply wrongly.
func lostMutants() []mutant {
	return []mutant{
		{name: "lost_change_is_repeated", rule: "lost/change_is_not_repeated", open: openLossyAs(lossyDriver{repeats: true})},
		{name: "lost_change_is_reported_as_stale", rule: "lost/change_succeeds_or_is_unknown", open: openLossyAs(lossyDriver{repeats: true})},
		{name: "lost_create_is_reported_as_reused", rule: "lost/create_succeeds_or_is_unknown", open: openLossyAs(lossyDriver{trusting: true})},
	}
}

// openLossyAs opens backends whose OpenLossy returns a handle like this one.
func openLossyAs(like lossyDriver) func(context.Context, assignment.Policy) (conformance.Backend, error) {
	return func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
		backend, err := opener(func(d *driver) assignment.Store { return d })(ctx, p)
		open := backend.OpenLossy
		backend.OpenLossy = func(ctx context.Context, meanwhile func()) (assignment.Store, error) {
			store, err := open(ctx, meanwhile)
			s, _ := store.(lossyDriver)
			s.repeats, s.trusting = like.repeats, like.trusting
			s.sameID = func(existing, a assignment.Assignment) (assignment.Result, error) {
				if like.trusting && existing.Status != a.Status {
					return assignment.Result{}, assignment.ErrIDReused
				}
				return replayOrReuse(existing, a)
			}
			return s, err
		}
		return backend, err
	}
}
