package engine

import (
	"context"
	"errors"
	"time"

	"github.com/assignment-go/assignment/postgres/internal/coalesce"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// coalescing is what the calls of one store on a pool share when the host has
// turned it on.
type coalescing struct {
	inserts *coalesce.Batcher[insertItem, bool]
}

// insertItem is what a call brings along for a shared statement. It names the plan,
// since a Verify between two calls may have replaced it.
type insertItem struct {
	plan *sqlgen.Statements
	in   *sqlgen.Input
}

// CoalesceBounds are those of a store in use. Four inserts in progress keep a server
// busy, and one of a few milliseconds is a slow one.
func CoalesceBounds() coalesce.Bounds {
	return coalesce.Bounds{
		InProgress: 4, BatchSize: 256, FlushAfter: time.Millisecond, MaxAge: 50 * time.Millisecond,
		// much longer than commits take: while a call waits for the reply to an
		// insert, sending its own may double the work
		MaxWait:      200 * time.Millisecond,
		FlushTimeout: 10 * time.Second,
	}
}

// Coalesce lets calls on the engine's pool share statements. It must be called
// before any of them.
func Coalesce(e *Engine, bounds coalesce.Bounds) {
	e.coalescing = &coalescing{
		inserts: coalesce.NewBatcher(bounds, e.insertBatch),
	}
}

// Waiting is how many calls have joined others in a statement that has not ended,
// for tests that need all of them to have done so.
func Waiting(e *Engine) int {
	if e.coalescing == nil {
		return 0
	}
	return e.coalescing.inserts.Waiting()
}

// hold runs fn on one connection with the items, once there is one: calls can
// give up before that without anything having been sent.
func hold[T any](ctx context.Context, e *Engine, take func() []T, fn func(pgdb.Querier, []T) error) error {
	err := e.db.Hold(ctx, func(q pgdb.Querier) error {
		items := take()
		if len(items) == 0 {
			return coalesce.ErrNothingDone
		}
		return fn(q, items)
	})
	if pgdb.IsNotSent(err) {
		return coalesce.ErrNothingDone
	}
	return err
}

// lostError is the failure of a shared statement that may have been applied. It
// has the text alone: the error was that of a context which is none of the
// caller's.
func lostError(err error) error { return errors.New("a shared statement: " + err.Error()) }
