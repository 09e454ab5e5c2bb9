package engine

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/hints"
)

// Create implements assignment.Store.
func (e *Engine) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	op := e.newCreate(e.plan())
	if err := op.encode(&a); err != nil {
		return assignment.Result{}, err
	}
	return op.reply(e.run(ctx, &op.call, op))
}

// CreateNew implements assignment.NewIDCreator. Under a new ID, and on a pool, the
// hints decide what is sent first: of a slot that was taken lately the holder is
// looked up before anything is inserted, which is cheaper; when slots were free
// lately, nothing but an insert is sent.
func (e *Engine) CreateNew(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	op := e.newCreate(e.plan())
	if err := op.encode(&a); err != nil {
		return assignment.Result{}, err
	}
	if !e.db.Pooled() || !op.plan.TrustsInserts() {
		return op.reply(e.run(ctx, &op.call, op))
	}
	slot := e.hints.Of(op.in.Row.Key)
	if err := e.lookUpHolder(ctx, op, slot); err != nil {
		return assignment.Result{}, err
	}
	leader, err := e.hints.Enter(ctx, slot)
	if err != nil {
		return assignment.Result{}, err
	}
	defer leader.Done()
	if leader == nil { // another call went first
		if err := e.lookUpHolder(ctx, op, slot); err != nil {
			return assignment.Result{}, err
		}
	}
	if e.hints.Optimistic() {
		op.form = formOne
	}
	if op.form == formOne && e.inserter != nil {
		err = e.inserter.insert(ctx, op)
	} else {
		err = e.run(ctx, &op.call, op)
	}
	e.learn(slot, op, err)
	return op.reply(err)
}

// inserter runs the creates whose first statement is nothing but an insert in place
// of [Engine.run].
type inserter interface {
	insert(ctx context.Context, op *insertion) error
}

// lookUpHolder returns the conflict with the holder of a slot that was taken
// lately, if it still is.
func (e *Engine) lookUpHolder(ctx context.Context, op *insertion, s hints.Slot) error {
	if !s.IsTaken() {
		return nil
	}
	holder, err := e.one(ctx, op.plan.FindActive, &op.in)
	switch {
	case err == nil && holder.ID == op.in.Row.ID:
		return nil // the ID is not as new as it should be, which the insertion finds out
	case err == nil:
		return &assignment.ActiveExistsError{Key: op.in.Row.Key, Existing: holder}
	case errors.Is(err, assignment.ErrNotFound):
		s.MarkFree()
		return nil
	default:
		return err
	}
}

// learn updates the hints by what a create has come to.
func (e *Engine) learn(s hints.Slot, op *insertion, err error) {
	switch {
	case op.missed, errors.Is(err, assignment.ErrActiveExists):
		e.hints.Conflicted(s)
	case err == nil:
		e.hints.Created(s)
	}
}

// BeOptimistic makes the next create send nothing but its insert, for tests.
func BeOptimistic(e *Engine) { e.hints.BeOptimistic() }
