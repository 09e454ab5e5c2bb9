package engine

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// createNew is create under an ID that no row can bear yet, on a pool. The
// guesses decide what goes first: a slot that is supposed to be taken is looked
// at before anything is inserted, which is cheaper.
func (e *Engine) createNew(ctx context.Context, p *sqlgen.Statements, in *sqlgen.Input) (assignment.Result, error) {
	s := e.guesses.slot(in.Row.Key)
	if err := e.lookIfTaken(ctx, p, in, s); err != nil {
		return assignment.Result{}, err
	}
	leader, err := e.guesses.flights.Enter(ctx, s.hash, in.Row.Key)
	if err != nil {
		return assignment.Result{}, err
	}
	if leader == nil { // another call went first
		if err := e.lookIfTaken(ctx, p, in, s); err != nil {
			return assignment.Result{}, err
		}
	}
	defer leader.Done()
	result, err := e.insertNew(ctx, p, in, s)
	switch {
	case err == nil:
		e.guesses.sawFree(s)
	case errors.Is(err, assignment.ErrActiveExists):
		e.guesses.sawTaken(s)
	}
	return result, err
}

// lookIfTaken answers the conflict with the holder of a slot that is supposed
// to be taken, if there is one.
func (e *Engine) lookIfTaken(ctx context.Context, p *sqlgen.Statements, in *sqlgen.Input, s slot) error {
	if !s.supposedlyTaken() {
		return nil
	}
	holder, err := e.one(ctx, p.FindActive, in)
	switch {
	case err == nil && holder.ID == in.Row.ID:
		return nil // whoever makes the IDs repeats itself, which create sorts out
	case err == nil:
		return &assignment.ActiveExistsError{Key: in.Row.Key, Existing: holder}
	case errors.Is(err, assignment.ErrNotFound):
		s.supposeFree()
		return nil
	default:
		return err
	}
}

// insertNew begins with the insert alone when slots were free lately. What that
// does not settle, because of a refusal or a lost reply, create does.
func (e *Engine) insertNew(ctx context.Context, p *sqlgen.Statements, in *sqlgen.Input, s slot) (assignment.Result, error) {
	if !e.guesses.calm() {
		return e.create(ctx, p, in)
	}
	if e.mayCoalesce(p) {
		return e.insertCoalesced(ctx, p, in, s)
	}
	inserted, err := e.insertOne(ctx, p, in)
	return e.afterInsert(ctx, p, in, s, inserted, err)
}

// afterInsert settles what the insert alone left open.
//
//nolint:revive // flag-parameter: inserted and err are what the insert came to
func (e *Engine) afterInsert(
	ctx context.Context, p *sqlgen.Statements, in *sqlgen.Input, s slot, inserted bool, err error,
) (assignment.Result, error) {
	if err == nil && inserted {
		return assignment.Result{Assignment: p.AsStored(in.Row), Outcome: assignment.OutcomeCreated}, nil
	}
	if err == nil {
		e.guesses.sawTaken(s)
	}
	soFar := &progress{engine: e, id: in.Row.ID}
	if err := soFar.mayGoOn(ctx, err); err != nil {
		return assignment.Result{}, err
	}
	return pursue(ctx, soFar, e.creation(ctx, p, in))
}
