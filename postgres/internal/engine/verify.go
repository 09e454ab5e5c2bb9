package engine

import (
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
	if err := e.checkDriver(ctx); err != nil {
		return schema.Guard{}, err
	}
	var found schema.Guard
	var unguarded *assignment.GuardError
	err := e.reading(ctx, func() error {
		tx, err := e.db.Begin(ctx)
		if err != nil {
			return err
		}
		found, err = e.verify(ctx, tx)
		if errors.As(err, &unguarded) {
			err = nil // a finding, not a failure of the check
		}
		return errors.Join(err, tx.Rollback(ctx))
	})
	if err == nil && unguarded != nil {
		return schema.Guard{}, unguarded
	}
	return found, err
}

// checkDriver checks the handle before any call: see [pgdb.DriverCheck].
func (e *Engine) checkDriver(ctx context.Context) error {
	var found *assignment.InvalidError
	err := e.reading(ctx, func() error {
		found = nil
		err := e.driver.Run(ctx, e.db)
		if errors.As(err, &found) {
			return nil // a finding, not a failure of the check
		}
		return err
	})
	if err == nil && found != nil {
		return found
	}
	return err
}

// verify learns from the catalog what the statements depend on: the schema that
// the table's name led to, the types of the columns, and the guard.
func (e *Engine) verify(ctx context.Context, tx pgdb.Tx) (schema.Guard, error) {
	r, err := guard.Inspect(ctx, inspector{tx, e.db}, guard.Spec{Table: e.table, Lifecycle: e.lifecycle})
	if err != nil {
		return schema.Guard{}, err
	}
	if err := r.Err(e.table); err != nil {
		return schema.Guard{}, err
	}
	e.rendered.Store(e.plan().Learn(r))
	return *r.Guard, nil
}

func (e *Engine) guardError(findings ...assignment.GuardFinding) error {
	return &assignment.GuardError{Table: e.table.String(), Findings: findings}
}

// inspector is a transaction as package guard wants it.
type inspector struct {
	pgdb.Tx
	db pgdb.DB
}

// SQLState implements guard.Querier.
func (i inspector) SQLState(err error) string {
	report, _ := i.db.Describe(err)
	return report.Code
}
