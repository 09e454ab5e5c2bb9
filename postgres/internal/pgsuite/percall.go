package pgsuite

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
)

// PerCall is a host that takes a connection for each call and opens the store
// on it, as one does that keeps a connection per request. A store on a single
// connection is over once a cancelled call has cost it that connection, so the
// suite could not go on with the same one.
type PerCall struct {
	// Rules is the policy of the stores.
	Rules assignment.Policy
	// Acquire opens a store on a connection and says how to give it back.
	Acquire func(ctx context.Context) (store Joinable, release func(), err error)
}

// Policy implements assignment.Store.
func (p PerCall) Policy() assignment.Policy { return p.Rules }

// Create implements assignment.Store.
func (p PerCall) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	return onConn(ctx, p, func(s Joinable) (assignment.Result, error) { return s.Create(ctx, a) })
}

// Replace implements assignment.Replacer.
func (p PerCall) Replace(ctx context.Context, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	return onConn(ctx, p, func(s Joinable) (assignment.Result, error) { return s.Replace(ctx, next, to) })
}

// CreateMany implements assignment.BatchCreator.
func (p PerCall) CreateMany(
	ctx context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	return onConn(ctx, p, func(s Joinable) ([]assignment.ItemResult, error) { return s.CreateMany(ctx, batch, opts) })
}

// Update implements assignment.Store.
func (p PerCall) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	return onConn(ctx, p, func(s Joinable) (assignment.Assignment, error) { return s.Update(ctx, id, c) })
}

// Get implements assignment.Store.
func (p PerCall) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	return onConn(ctx, p, func(s Joinable) (assignment.Assignment, error) { return s.Get(ctx, id) })
}

// FindActive implements assignment.Store.
func (p PerCall) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	return onConn(ctx, p, func(s Joinable) (assignment.Assignment, error) { return s.FindActive(ctx, k) })
}

// List implements assignment.Store.
func (p PerCall) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	return onConn(ctx, p, func(s Joinable) ([]assignment.Assignment, error) { return s.List(ctx, q) })
}

// Count implements assignment.Store.
func (p PerCall) Count(ctx context.Context, q assignment.Query) (int64, error) {
	return onConn(ctx, p, func(s Joinable) (int64, error) { return s.Count(ctx, q) })
}

func onConn[T any](ctx context.Context, p PerCall, fn func(Joinable) (T, error)) (T, error) {
	store, release, err := p.Acquire(ctx)
	if err != nil {
		var none T
		return none, errors.Join(ctx.Err(), err)
	}
	defer release()
	return fn(store)
}
