package engine

import (
	"cmp"
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Verify checks that the table and its guard keep the guarantee, in a
// transaction that is rolled back. See [schema.Guard] for what it returns; what
// is missing is an *assignment.GuardError.
func (e *Engine) Verify(ctx context.Context) (schema.Guard, error) {
	if err := e.checking(ctx, func() error { return e.driver.Run(ctx, e.db) }); err != nil {
		return schema.Guard{}, err
	}
	var found schema.Guard
	err := e.checking(ctx, func() error {
		tx, err := e.db.Begin(ctx)
		if err != nil {
			return err
		}
		found, err = e.verify(ctx, tx)
		return errors.Join(err, tx.Rollback(ctx))
	})
	return found, err
}

// checking runs a check as a read: what it finds is no failure of the check.
func (e *Engine) checking(ctx context.Context, check func() error) error {
	var finding error
	err := e.reading(ctx, func() error {
		err := check()
		if unguarded, ok := errors.AsType[*assignment.GuardError](err); ok {
			finding, err = unguarded, nil
		} else if unusable, ok := errors.AsType[*assignment.InvalidError](err); ok {
			finding, err = unusable, nil
		}
		return err
	})
	return cmp.Or(err, finding)
}

// verify learns from the catalog what the statements depend on: the schema that
// the table's name led to, the types of the columns, and the guard.
func (e *Engine) verify(ctx context.Context, tx pgdb.Tx) (schema.Guard, error) {
	r, err := guard.Inspect(ctx, pgdb.Inspector{Tx: tx, DB: e.db}, guard.Spec{Table: e.table, Lifecycle: e.lifecycle})
	if err != nil {
		return schema.Guard{}, err
	}
	if err := r.Err(e.table); err != nil {
		return schema.Guard{}, err
	}
	e.rendered.Store(e.plan().Learn(r))
	return *r.Guard, nil
}
