package conformance_test

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

var errLost = errors.New("the reply was lost")

// losingLab is a handle whose writes are carried out and then asked for again.
type losingLab struct {
	*lab
	meanwhile func()
	// again makes a lost change once more, and trusting believes a refusal.
	again, trusting bool
}

func (s losingLab) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	if _, err := s.lab.Create(ctx, a); err != nil {
		return assignment.Result{}, err
	}
	s.meanwhile()
	result, err := s.lab.Create(ctx, a)
	if err != nil && !s.trusting {
		err = &assignment.UnknownOutcomeError{ID: a.ID, Err: err}
	}
	return result, err
}

func (s losingLab) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	if _, err := s.lab.Update(ctx, id, c); err != nil {
		return assignment.Assignment{}, err
	}
	s.meanwhile()
	if s.again || s.trusting {
		return s.lab.Update(ctx, id, c)
	}
	a, err := s.Get(ctx, id)
	if err != nil || a.Status != c.To {
		return assignment.Assignment{}, &assignment.UnknownOutcomeError{ID: id, Err: errLost}
	}
	return a, nil
}

// lostMutants treat a lost reply wrongly.
func lostMutants() []mutant {
	return []mutant{
		{name: "lost_change_is_made_again", rule: "lost/change_is_not_made_again", open: losingAs(losingLab{again: true})},
		{name: "lost_change_is_called_stale", rule: "lost/change_that_shows_is_no_refusal", open: losingAs(losingLab{again: true})},
		{name: "lost_creation_is_called_reused", rule: "lost/creation_is_no_refusal", open: losingAs(losingLab{trusting: true})},
	}
}

// losingAs opens backends on which the handle that loses a reply is like this one.
func losingAs(like losingLab) func(context.Context, assignment.Policy) (conformance.Backend, error) {
	return func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
		backend, err := opener(func(d *lab) assignment.Store { return d })(ctx, p)
		open := backend.Losing
		backend.Losing = func(ctx context.Context, meanwhile func()) (assignment.Store, error) {
			store, err := open(ctx, meanwhile)
			s, _ := store.(losingLab)
			s.again, s.trusting = like.again, like.trusting
			s.own = func(own, a assignment.Assignment) (assignment.Result, error) {
				if like.trusting && own.Status != a.Status {
					return assignment.Result{}, assignment.ErrIDReused
				}
				return replayOrReuse(own, a)
			}
			return s, err
		}
		return backend, err
	}
}
