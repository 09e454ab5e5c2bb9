// Package migrate applies the migrations of the default table.
package migrate

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// lock serialises migrations of all processes. The number is arbitrary and must
// never change.
const lock = 7_305_808_869_231_650_911

const createVersions = `CREATE TABLE IF NOT EXISTS assignment_migrations (
    version    bigint NOT NULL PRIMARY KEY,
    name       text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)`

// Check rejects a table that the migrations don't create.
func Check(t schema.Table) error {
	if t.Name != schema.DefaultTable {
		return &assignment.InvalidError{
			Field:  "Table.Name",
			Reason: fmt.Sprintf("must be %q to be migrated; guard an existing table instead", schema.DefaultTable),
		}
	}
	if t.Columns != schema.DefaultColumns() || t.DatabaseIDs {
		return &assignment.InvalidError{
			Field:  "Table.Columns",
			Reason: "is not what the migrations create, with IDs of the client; guard an existing table instead",
		}
	}
	return nil
}

// Run applies the migrations that the database does not have yet, all of them in one
// transaction. What the host has to change is assignment.ErrInvalid or
// assignment.ErrUnguarded; every other error is that of the handle.
func Run(ctx context.Context, db pgdb.DB, t schema.Table, l assignment.Lifecycle) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	if err := runIn(ctx, pgdb.Inspector{Tx: tx, DB: db}, t, l); err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	return tx.Commit(ctx)
}

func runIn(ctx context.Context, tx pgdb.Inspector, t schema.Table, l assignment.Lifecycle) error {
	if err := apply(ctx, tx, t, l); err != nil {
		if tx.SQLState(err) != "42P07" { // duplicate_table
			return err
		}
		return fmt.Errorf("%w: %w", &assignment.InvalidError{
			Field: "Table", Reason: "exists already and was not made by Migrate; do not migrate it, only guard it",
		}, err)
	}
	return verify(ctx, tx, t, l)
}

// verify catches a table or guard that is not what the migrations on record made:
// dropped since, or made for another lifecycle.
func verify(ctx context.Context, tx pgdb.Inspector, t schema.Table, l assignment.Lifecycle) error {
	if err := tx.Exec(ctx, "SAVEPOINT assignment_verify"); err != nil {
		return err
	}
	r, err := guard.Inspect(ctx, tx, guard.Spec{Table: t, Lifecycle: l})
	if err != nil {
		return err
	}
	if err := r.Err(t); err != nil {
		return fmt.Errorf("the migrations on record did not make this: %w", err)
	}
	return tx.Exec(ctx, "ROLLBACK TO SAVEPOINT assignment_verify")
}

// apply applies the migrations in the schema of the table.
func apply(ctx context.Context, tx pgdb.Tx, t schema.Table, l assignment.Lifecycle) error {
	migrations, err := schema.Migrations(l)
	if err != nil {
		return err
	}
	// two processes that start at once must not both create the tables
	if err := tx.Exec(ctx, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(lock))); err != nil {
		return err
	}
	path, err := enterSchema(ctx, tx, t)
	if err != nil {
		return err
	}
	if err := applyMissing(ctx, tx, migrations); err != nil {
		return err
	}
	return setSearchPath(ctx, tx, path)
}

// enterSchema makes the unqualified names of the migrations mean the
// configured schema and returns the former search_path, which a caller's
// transaction must get back.
func enterSchema(ctx context.Context, tx pgdb.Tx, t schema.Table) (former string, err error) {
	if t.Schema == "" {
		return "", nil
	}
	former, err = tx.Text(ctx, "SELECT current_setting('search_path')")
	if err != nil {
		return "", err
	}
	return former, setSearchPath(ctx, tx, sqltext.Quote(t.Schema))
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
		if err := applyOne(ctx, tx, m); err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	return nil
}

// createMissingVersions checks first: CREATE TABLE IF NOT EXISTS needs the right
// to create even when the table exists.
func createMissingVersions(ctx context.Context, tx pgdb.Tx) error {
	tables, err := tx.Text(ctx, `SELECT count(*)::text FROM pg_class
WHERE relname = 'assignment_migrations' AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())`)
	if err != nil || tables != "0" {
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

func applyOne(ctx context.Context, tx pgdb.Tx, m schema.Migration) error {
	if err := tx.Exec(ctx, m.SQL); err != nil {
		return err
	}
	return tx.Exec(ctx, "INSERT INTO assignment_migrations (version, name) VALUES ($1::bigint, $2::text)", m.Version, m.Name)
}
