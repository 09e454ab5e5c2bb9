package postgres_test

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

func TestMigrate(t *testing.T) {
	t.Run("may_be_called_by_many_processes_at_once", func(t *testing.T) {
		pool := mustPool(t)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if err := postgres.Migrate(t.Context(), pool, nil); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		mustStore(t, pool)
	})
	t.Run("on_a_schema_that_is_up_to_date_needs_no_right_to_create", func(t *testing.T) {
		conn := mustRestrictedConn(t)
		if err := postgres.Migrate(t.Context(), conn, nil); err != nil {
			t.Error(err)
		}
	})
	t.Run("renders_the_guard_from_the_lifecycle", func(t *testing.T) {
		pool := mustPool(t)
		opts := &postgres.Options{Policy: assignment.Policy{Lifecycle: assignment.CompletedOnlyLifecycle()}}
		if err := postgres.Migrate(t.Context(), pool, opts); err != nil {
			t.Fatal(err)
		}
		if _, err := postgres.New(t.Context(), pool, opts); err != nil {
			t.Error(err)
		}
		_, err := postgres.New(t.Context(), pool, nil)
		wantGuardError(t, err, schema.GuardOtherPredicate, "also covers")
	})
	t.Run("creates_the_table_in_the_configured_schema", func(t *testing.T) {
		pool := mustPool(t)
		other := mustSchema(t, pool)
		opts := &postgres.Options{Table: &schema.Table{Schema: other}}
		if err := postgres.Migrate(t.Context(), pool, opts); err != nil {
			t.Fatal(err)
		}
		if _, err := postgres.New(t.Context(), pool, opts); err != nil {
			t.Error(err)
		}
		_, err := postgres.New(t.Context(), pool, nil)
		wantGuardError(t, err, schema.GuardNoTable, "does not exist")
	})
	t.Run("joins_the_callers_transaction_and_leaves_its_search_path", func(t *testing.T) {
		pool := mustPool(t)
		other := mustSchema(t, pool)
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(t.Context()) }()
		var before, after string
		if err := tx.QueryRow(t.Context(), "SHOW search_path").Scan(&before); err != nil {
			t.Fatal(err)
		}
		if err := postgres.Migrate(t.Context(), tx, &postgres.Options{Table: &schema.Table{Schema: other}}); err != nil {
			t.Fatal(err)
		}
		if err := tx.QueryRow(t.Context(), "SHOW search_path").Scan(&after); err != nil || before != after {
			t.Errorf("search_path was %q, is %q, %v", before, after, err)
		}
	})
	t.Run("rejects_a_table_of_another_name", func(t *testing.T) {
		err := postgres.Migrate(t.Context(), mustPool(t), &postgres.Options{Table: &schema.Table{Name: "tasks"}})
		wantInvalid(t, err, "Table.Name")
	})
	t.Run("does_not_take_over_a_foreign_table", func(t *testing.T) {
		pool := mustPool(t)
		mustExec(t, pool, `CREATE TABLE assignments (id text)`)
		wantInvalid(t, postgres.Migrate(t.Context(), pool, nil), "Table")
	})
	t.Run("reports_what_was_dropped_since", func(t *testing.T) {
		pool := mustMigrate(t)
		mustExec(t, pool, `DROP INDEX assignments_active_key`)
		wantGuardError(t, postgres.Migrate(t.Context(), pool, nil), schema.GuardMissing, "no unique index")
		mustExec(t, pool, `DROP TABLE assignments`)
		wantGuardError(t, postgres.Migrate(t.Context(), pool, nil), schema.GuardNoTable, "does not exist")
	})
	t.Run("reports_a_guard_for_another_lifecycle", func(t *testing.T) {
		lifecycle := assignment.CompletedOnlyLifecycle()
		err := postgres.Migrate(t.Context(), mustMigrate(t), &postgres.Options{Policy: assignment.Policy{Lifecycle: lifecycle}})
		wantGuardError(t, err, schema.GuardOtherPredicate, "does not cover every row")
	})
}

// mustSchema creates a second schema, to be configured explicitly.
func mustSchema(t *testing.T, pool *pgxpool.Pool) string {
	t.Helper()
	name := "assignment_test_" + rand.Text()
	mustExec(t, pool, "CREATE SCHEMA "+sqltext.Quote(name))
	t.Cleanup(func() {
		if _, err := pool.Exec(context.Background(), "DROP SCHEMA "+sqltext.Quote(name)+" CASCADE"); err != nil {
			t.Error(err)
		}
	})
	return name
}

func TestMigrateRejectsAMapping(t *testing.T) {
	for name, table := range map[string]schema.Table{
		"other_columns":   pgsuite.CheckThenCreate().Table,
		"ids_of_database": {DatabaseIDs: true},
	} {
		t.Run(name, func(t *testing.T) {
			err := postgres.Migrate(t.Context(), mustPool(t), &postgres.Options{Table: &table})
			wantReason(t, err, "Table.Columns", "is not what the migrations create")
		})
	}
}
