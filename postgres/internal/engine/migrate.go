package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/migrate"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// Migrate brings the default table up to date.
func Migrate(ctx context.Context, db pgdb.DB, opts *Options) error {
	if opts == nil {
		opts = &Options{}
	}
	e, err := New(db, opts.Table, opts.Policy)
	if err != nil {
		return err
	}
	if err := migrate.Check(e.table); err != nil {
		return err
	}
	unlock, err := e.lockConnection(ctx)
	if err == nil {
		defer unlock()
		err = migrate.Run(ctx, db, e.table, e.lifecycle)
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", e.migrationError(ctx, err))
	}
	return nil
}

// migrationError names the sentinel. A COMMIT whose reply was lost is unknown;
// repeating Migrate resolves it.
func (e *Engine) migrationError(ctx context.Context, err error) error {
	if errors.Is(err, assignment.ErrInvalid) || errors.Is(err, assignment.ErrUnguarded) {
		return err
	}
	f := e.classify(err)
	if f.Fault == pgdb.FaultLost || f.Fault == pgdb.FaultUnreadable {
		return &assignment.UnknownOutcomeError{Err: err}
	}
	return e.nothingWritten(ctx, f)
}
