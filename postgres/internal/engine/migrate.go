package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// migrationLock serialises migrations of all processes. The number is arbitrary
// and must never change.
const migrationLock = 7_305_808_869_231_650_911

const createVersions = `CREATE TABLE IF NOT EXISTS assignment_migrations (
    version    bigint NOT NULL PRIMARY KEY,
    name       text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)`

// Migrate applies the migrations that the database does not have yet, all of
// them in one transaction.
func (e *Engine) Migrate(ctx context.Context) error {
	if e.table.Name != schema.DefaultTable {
		return &assignment.InvalidError{
			Field:  "Table.Name",
			Reason: fmt.Sprintf("must be %q to be migrated; guard an existing table instead", schema.DefaultTable),
		}
	}
	if e.table.Columns != schema.DefaultColumns() || e.table.DatabaseIDs {
		return &assignment.InvalidError{
			Field:  "Table.Columns",
			Reason: "is not what the migrations create, with IDs of the client; guard an existing table instead",
		}
	}
	migrations, err := schema.Migrations(e.lifecycle)
	if err != nil {
		return err
	}
	return e.migrationError(ctx, e.exclusively(ctx, func(scope) error {
		tx, err := e.db.Begin(ctx)
		if err != nil {
			return err
		}
		if err := e.migrate(ctx, tx, migrations); err != nil {
			return errors.Join(err, tx.Rollback(ctx))
		}
		return tx.Commit(ctx)
	}))
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
// repeating Migrate settles it.
func (e *Engine) migrationError(ctx context.Context, err error) error {
	if errors.Is(err, assignment.ErrUnguarded) {
		return fmt.Errorf("migrate: the migrations on record did not make this: %w", err)
	}
	if report, ok := e.db.Describe(err); ok && report.Code == "42P07" {
		return fmt.Errorf("migrate: %w: %w", &assignment.InvalidError{
			Field: "Table", Reason: "exists already and was not made by Migrate; do not migrate it, only guard it",
		}, err)
	}
	switch e.faultOf(err) {
	case pgdb.FaultNone:
		return nil
	case pgdb.FaultLost, pgdb.FaultUnreadable:
		return fmt.Errorf("migrate: %w", &assignment.UnknownOutcomeError{Err: err})
	default:
		return fmt.Errorf("migrate: %w", e.definite(ctx, err))
	}
}

func (e *Engine) migrate(ctx context.Context, tx pgdb.Tx, migrations []schema.Migration) error {
	// two processes that start at once must not both create the tables
	if err := tx.Exec(ctx, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(migrationLock))); err != nil {
		return err
	}
	path, err := e.enterSchema(ctx, tx)
	if err != nil {
		return err
	}
	if err := applyMissing(ctx, tx, migrations); err != nil {
		return err
	}
	if err := setSearchPath(ctx, tx, path); err != nil {
		return err
	}
	return e.checkMigrated(ctx, tx)
}

// enterSchema makes the unqualified names of the migrations mean the
// configured schema and returns the former search_path, which a caller's
// transaction must get back.
func (e *Engine) enterSchema(ctx context.Context, tx pgdb.Tx) (former string, err error) {
	if e.table.Schema == "" {
		return "", nil
	}
	former, err = tx.Text(ctx, "SELECT current_setting('search_path')")
	if err != nil {
		return "", err
	}
	return former, setSearchPath(ctx, tx, sqltext.Quote(e.table.Schema))
}

// setSearchPath lasts until the end of the transaction; an empty path means
// that there is nothing to change.
func setSearchPath(ctx context.Context, tx pgdb.Tx, path string) error {
	if path == "" {
		return nil
	}
	_, err := tx.Text(ctx, "SELECT set_config('search_path', $1::text, true)", path)
	return err
}

func applyMissing(ctx context.Context, tx pgdb.Tx, migrations []schema.Migration) error {
	if err := createMissingVersions(ctx, tx); err != nil {
		return err
	}
	done, err := currentVersion(ctx, tx)
	if err != nil {
		return err
	}
	for _, m := range migrations {
		if m.Version <= done {
			continue
		}
		if err := apply(ctx, tx, m); err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	return nil
}

// createMissingVersions looks first: CREATE TABLE IF NOT EXISTS wants the right
// to create also when there is nothing to do.
func createMissingVersions(ctx context.Context, tx pgdb.Tx) error {
	there, err := tx.Text(ctx, `SELECT count(*)::text FROM pg_class
WHERE relname = 'assignment_migrations' AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())`)
	if err != nil || there != "0" {
		return err
	}
	return tx.Exec(ctx, createVersions)
}

func currentVersion(ctx context.Context, tx pgdb.Tx) (int, error) {
	text, err := tx.Text(ctx, "SELECT COALESCE(max(version), 0)::text FROM assignment_migrations")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

func apply(ctx context.Context, tx pgdb.Tx, m schema.Migration) error {
	if err := tx.Exec(ctx, m.SQL); err != nil {
		return err
	}
	return tx.Exec(ctx, "INSERT INTO assignment_migrations (version, name) VALUES ($1::bigint, $2::text)", m.Version, m.Name)
}
