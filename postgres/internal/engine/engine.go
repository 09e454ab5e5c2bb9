// Package engine is the PostgreSQL store written once: SQL text, row mapping,
// retries and the classification of errors. The public drivers adapt pgx and
// database/sql to [pgdb.DB] and add nothing to the semantics.
package engine

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Engine implements the Store contract on a [pgdb.DB]. It is safe for concurrent use
// as far as its DB is.
type Engine struct {
	db        pgdb.DB
	table     schema.Table
	lifecycle assignment.Lifecycle
	// rendered is what the engines on all handles share, so that verifying one
	// of them tells all of them what the columns are.
	rendered *atomic.Pointer[sqlgen.Statements]
	// guesses are shared by them as well.
	guesses *guesses
	// driver is shared, too.
	driver *pgdb.DriverCheck
	// coalescing is nil unless the host wants it, and on every other handle than
	// its pool.
	coalescing *coalescing
}

// New validates the configuration and renders the SQL. It does not touch the
// database.
func New(db pgdb.DB, table *schema.Table, policy assignment.Policy) (*Engine, error) {
	t, err := guard.Configured(table)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		table: t, lifecycle: policy.Lifecycle, rendered: &atomic.Pointer[sqlgen.Statements]{},
		guesses: newGuesses(), driver: new(pgdb.DriverCheck),
	}
	e.rendered.Store(sqlgen.New(t, policy.Lifecycle))
	return e.WithDB(db), nil
}

// plan is what the present call works by; a Verify meanwhile may replace it.
func (e *Engine) plan() *sqlgen.Statements { return e.rendered.Load() }

// MakesIDs implements assignment.IDMaker.
func (e *Engine) MakesIDs() bool { return e.table.DatabaseIDs }

// WithDB returns the same engine on another handle.
func (e *Engine) WithDB(db pgdb.DB) *Engine {
	bound := *e
	bound.db, bound.coalescing = db, nil
	return &bound
}

// scope is whose transaction a statement runs in.
type scope int

const (
	ownScope  scope = iota // none but the statement's own
	hostScope              // one that the host opened and will end
)

func (e *Engine) scope() scope {
	if e.db.Joined() {
		return hostScope
	}
	return ownScope
}

// exclusively waits for the single connection to be free of the calls of all
// stores on it, and keeps it for fn, which may be several statements that belong
// together. It tells fn whose transaction they run in, which only the holder of
// the connection can ask safely.
func (e *Engine) exclusively(ctx context.Context, fn func(scope) error) error {
	connection := e.db.Connection()
	if connection == nil {
		return fn(ownScope)
	}
	unlock, err := pgdb.LockConnection(ctx, connection)
	if err != nil {
		return pgdb.NotSent(err)
	}
	defer unlock()
	return fn(e.scope())
}

// Policy implements assignment.Store.
func (e *Engine) Policy() assignment.Policy { return assignment.Policy{Lifecycle: e.lifecycle} }

// protected runs fn so that its failure leaves the caller's transaction
// usable: inside a savepoint when there is one to protect, plainly otherwise.
func (e *Engine) protected(ctx context.Context, in scope, fn func(pgdb.Querier) error) error {
	if in == ownScope {
		return fn(e.db)
	}
	savepoint, err := e.db.Begin(ctx)
	if err != nil {
		return err
	}
	if err := fn(savepoint); err != nil {
		if rollbackErr := savepoint.Rollback(ctx); rollbackErr != nil {
			return &brokenTransactionError{cause: err}
		}
		return rolledBack(err, true)
	}
	return savepoint.Commit(ctx)
}

// atomically runs several statements as one: inside a savepoint of the caller's
// transaction, else in a transaction of their own. That fn answers errUndo rolls
// back and is no failure.
func (e *Engine) atomically(ctx context.Context, in scope, fn func(pgdb.Querier) error) error {
	err := e.transacted(ctx, in, fn)
	if _, broken := errors.AsType[*brokenTransactionError](err); !broken && errors.Is(err, errUndo) {
		return nil
	}
	return err
}

// transacted runs fn in a transaction of its own, or in a savepoint of the
// caller's.
func (e *Engine) transacted(ctx context.Context, in scope, fn func(pgdb.Querier) error) error {
	if in == hostScope {
		return e.protected(ctx, in, fn)
	}
	tx, err := e.db.Begin(ctx)
	if err != nil {
		return rolledBack(err, false) // an empty transaction has no effect
	}
	if err := fn(tx); err != nil {
		// should this fail, too, the server forgets the transaction with the
		// connection
		return rolledBack(err, tx.Rollback(ctx) == nil)
	}
	return tx.Commit(ctx)
}

// brokenTransactionError marks a failure after which the caller's transaction
// can't go on, whatever the cause alone would have meant.
type brokenTransactionError struct{ cause error }

func (e *brokenTransactionError) Error() string {
	return "transaction is no longer usable: " + e.cause.Error()
}

func (e *brokenTransactionError) Unwrap() error { return e.cause }
