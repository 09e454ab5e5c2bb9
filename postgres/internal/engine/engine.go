package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Engine implements the Store contract on a [DB]. It is immutable and safe for
// concurrent use as far as its DB is.
type Engine struct {
	db        DB
	table     schema.Table
	lifecycle assignment.Lifecycle
	sql       statements
}

// New validates the configuration and renders the SQL. It does not touch the
// database.
func New(db DB, table *schema.Table, lifecycle *assignment.Lifecycle) (*Engine, error) {
	t, err := table.OrDefault()
	if err != nil {
		return nil, err
	}
	l, err := assignment.LifecycleOrDefault(lifecycle)
	if err != nil {
		return nil, err
	}
	return &Engine{db: db, table: t, lifecycle: l, sql: render(t, l)}, nil
}

// WithDB returns the same engine on another handle.
func (e *Engine) WithDB(db DB) *Engine {
	bound := *e
	bound.db = db
	return &bound
}

// Lifecycle implements assignment.Store.
func (e *Engine) Lifecycle() assignment.Lifecycle { return e.lifecycle }

// protected runs fn so that its failure leaves the caller's transaction
// usable: inside a savepoint when there is one to protect, plainly otherwise.
func (e *Engine) protected(ctx context.Context, fn func(Querier) error) error {
	if !e.db.Joined() {
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
		return err
	}
	return savepoint.Commit(ctx)
}

// brokenTransactionError marks a failure after which the caller's transaction
// can't go on, whatever the cause alone would have meant.
type brokenTransactionError struct{ cause error }

func (e *brokenTransactionError) Error() string {
	return "transaction is no longer usable: " + e.cause.Error()
}

func (e *brokenTransactionError) Unwrap() error { return e.cause }
