package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/migrate"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// migrate applies the migrations that the database does not have yet, all of
// them in one transaction.
func (e *Engine) migrate(ctx context.Context) error {
	if err := migrate.Check(e.table); err != nil {
		return err
	}
	unlock, err := e.lockConnection(ctx)
	if err == nil {
		defer unlock()
		err = e.migrateOnce(ctx)
	}
	return e.migrationError(ctx, e.classify(err))
}

func (e *Engine) migrateOnce(ctx context.Context) error {
	tx, err := e.db.Begin(ctx)
	if err != nil {
		return err
	}
	if err := e.migrateIn(ctx, tx); err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	return tx.Commit(ctx)
}

func (e *Engine) migrateIn(ctx context.Context, tx pgdb.Tx) error {
	if err := migrate.Apply(ctx, tx, e.table, e.lifecycle); err != nil {
		return err
	}
	return e.checkMigrated(ctx, tx)
}

// checkMigrated catches a table or guard that is not what the migrations on
// record made: dropped since, or made for another lifecycle.
func (e *Engine) checkMigrated(ctx context.Context, tx pgdb.Tx) error {
	if err := tx.Exec(ctx, "SAVEPOINT assignment_verify"); err != nil {
		return err
	}
	if _, err := e.verify(ctx, tx); err != nil {
		return err
	}
	return tx.Exec(ctx, "ROLLBACK TO SAVEPOINT assignment_verify")
}

// migrationError names the sentinel. A COMMIT whose reply was lost is unknown;
// repeating Migrate resolves it.
func (e *Engine) migrationError(ctx context.Context, f *failure) error {
	switch {
	case f == nil:
		return nil
	case errors.Is(f.err, assignment.ErrUnguarded):
		return fmt.Errorf("migrate: the migrations on record did not make this: %w", f.err)
	case f.report.Code == "42P07":
		return fmt.Errorf("migrate: %w: %w", &assignment.InvalidError{
			Field: "Table", Reason: "exists already and was not made by Migrate; do not migrate it, only guard it",
		}, f.err)
	case f.Fault == pgdb.FaultLost, f.Fault == pgdb.FaultUnreadable:
		return fmt.Errorf("migrate: %w", &assignment.UnknownOutcomeError{Err: f.err})
	default:
		return fmt.Errorf("migrate: %w", e.nothingWritten(ctx, f))
	}
}
