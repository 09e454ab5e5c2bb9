package pgsuite

import (
	"cmp"
	"context"
	"errors"

	"github.com/assignment-go/assignment"
)

// Joinable is a store of either driver.
type Joinable interface {
	assignment.Store
	assignment.Replacer
	assignment.BatchCreator
}

// Tx is a transaction of the host.
type Tx struct {
	// Store is bound to the transaction.
	Store Joinable
	// Exec runs a statement of the host's own in it.
	Exec func(ctx context.Context, statement string) error
	// Commit and Rollback end it.
	Commit, Rollback func(context.Context) error
}

// Host is a store that does every write inside a transaction of its own, as a
// host of the SDK would, and commits it also after the SDK rejected something: a
// rejection that aborted the transaction shows as a failing commit.
type Host struct {
	Joinable
	// Begin opens a transaction.
	Begin func(context.Context) (Tx, error)
}

// Create implements assignment.Store.
func (h Host) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	return inTransaction(ctx, h, a.ID, func(s Joinable) (assignment.Result, error) { return s.Create(ctx, a) })
}

// Replace implements assignment.Replacer.
func (h Host) Replace(ctx context.Context, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	return inTransaction(ctx, h, next.ID, func(s Joinable) (assignment.Result, error) { return s.Replace(ctx, next, to) })
}

// CreateMany implements assignment.BatchCreator.
func (h Host) CreateMany(
	ctx context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	return inTransaction(ctx, h, batch[0].ID, func(s Joinable) ([]assignment.ItemResult, error) {
		results, err := s.CreateMany(ctx, batch, opts)
		return results, cmp.Or(err, restart(results))
	})
}

// restart returns the error of an item that asks for the transaction to be
// restarted.
func restart(results []assignment.ItemResult) error {
	for _, r := range results {
		if errors.Is(r.Err, assignment.ErrRetryTransaction) {
			return r.Err
		}
	}
	return nil
}

// Update implements assignment.Store.
func (h Host) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	return inTransaction(ctx, h, id, func(s Joinable) (assignment.Assignment, error) { return s.Update(ctx, id, c) })
}

// inTransaction restarts the transaction when the store asks for it, as hosts
// are told to.
func inTransaction[T any](ctx context.Context, h Host, id assignment.ID, fn func(Joinable) (T, error)) (T, error) {
	for {
		result, err := once(ctx, h, id, fn)
		if !errors.Is(err, assignment.ErrRetryTransaction) || ctx.Err() != nil {
			return result, err
		}
	}
}

func once[T any](ctx context.Context, h Host, id assignment.ID, fn func(Joinable) (T, error)) (T, error) {
	var none T
	tx, err := h.Begin(ctx)
	if err != nil {
		return none, errors.Join(ctx.Err(), err)
	}
	result, rejection := fn(tx.Store)
	if errors.Is(rejection, assignment.ErrRetryTransaction) || rejection != nil && ctx.Err() != nil {
		_ = tx.Rollback(ctx) // broken or not, the server forgets it
		return none, rejection
	}
	commitErr := tx.Commit(ctx)
	if commitErr != nil && rejection != nil {
		return none, errors.Join(errors.New("the rejected call spoiled the transaction"), rejection, commitErr)
	}
	if commitErr != nil {
		return none, &assignment.UnknownOutcomeError{ID: id, Err: commitErr}
	}
	return result, rejection
}
