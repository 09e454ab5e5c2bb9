package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/schema"
)

// TestNewRejects spoils the guard in every way that was seen in the field.
func TestNewRejects(t *testing.T) {
	const dropGuard = `DROP INDEX assignments_active_key;`
	cases := []struct {
		name    string
		spoil   string
		problem assignment.GuardProblem
		detail  string
	}{
		{"a_missing_table", `DROP TABLE assignments`, schema.GuardNoTable, "does not exist"},
		{"a_missing_column", `ALTER TABLE assignments DROP COLUMN version`, schema.GuardNoColumn, `"version"`},
		{"a_dropped_index", dropGuard, schema.GuardMissing, "no unique index"},
		{
			"an_index_that_is_not_unique",
			dropGuard + `CREATE INDEX spoiled ON assignments (assignee_id, subject_id) WHERE status NOT IN ('cancelled', 'completed')`,
			schema.GuardNotUnique, `"spoiled" is not unique`,
		},
		{
			"a_full_unique_index",
			dropGuard + `CREATE UNIQUE INDEX spoiled ON assignments (assignee_id, subject_id)`,
			schema.GuardFullIndex, "has no predicate",
		},
		{
			"a_predicate_that_covers_too_much",
			dropGuard + `CREATE UNIQUE INDEX spoiled ON assignments (assignee_id, subject_id) WHERE status <> 'completed'`,
			schema.GuardOtherPredicate, "also covers rows that hold no slot",
		},
		{
			"a_predicate_that_covers_too_little",
			dropGuard + `CREATE UNIQUE INDEX spoiled ON assignments (assignee_id, subject_id) WHERE status = 'pending'`,
			schema.GuardOtherPredicate, "does not cover every row",
		},
		{
			"a_predicate_of_another_case",
			dropGuard + `CREATE UNIQUE INDEX spoiled ON assignments (assignee_id, subject_id) WHERE status NOT IN ('Cancelled', 'Completed')`,
			schema.GuardOtherPredicate, "'Completed'",
		},
		{
			"an_index_on_the_assignee_alone",
			dropGuard + `CREATE UNIQUE INDEX spoiled ON assignments (assignee_id) WHERE status NOT IN ('cancelled', 'completed')`,
			schema.GuardMissing, `allows one row for each "assignee_id"`,
		},
		{
			"an_index_with_a_third_column",
			dropGuard + `CREATE UNIQUE INDEX spoiled ON assignments (assignee_id, subject_id, account_id) WHERE status NOT IN ('cancelled', 'completed')`,
			schema.GuardMissing, "no unique index",
		},
		{"a_nullable_assignee", `ALTER TABLE assignments ALTER assignee_id DROP NOT NULL`, schema.GuardNullable, `"assignee_id" accepts NULL`},
		{"a_nullable_subject", `ALTER TABLE assignments ALTER subject_id DROP NOT NULL`, schema.GuardNullable, `"subject_id" accepts NULL`},
		{"a_nullable_status", `ALTER TABLE assignments ALTER status DROP NOT NULL`, schema.GuardNullable, `"status" accepts NULL`},
		{
			"a_blank_padded_key",
			`ALTER TABLE assignments ALTER subject_id TYPE char(64)`,
			schema.GuardColumnType, "character",
		},
		{
			"a_key_of_an_unsupported_type",
			dropGuard + `ALTER TABLE assignments ALTER subject_id TYPE bytea USING subject_id::bytea`,
			schema.GuardColumnType, "bytea, which is not supported",
		},
		{
			"a_required_column_that_nobody_fills",
			`ALTER TABLE assignments ADD extra text NOT NULL`,
			schema.GuardColumnRequired, `"extra"`,
		},
		{
			"a_missing_guard_beside_a_stricter_index",
			dropGuard + `CREATE UNIQUE INDEX spoiled ON assignments (assignee_id)`,
			schema.GuardMissing, `"spoiled" does not: it allows one row`,
		},
		{
			"a_missing_primary_key_beside_a_nullable_id",
			`ALTER TABLE assignments DROP CONSTRAINT assignments_pkey, ALTER id DROP NOT NULL`,
			schema.GuardNoPrimaryKey, `"id" accepts NULL`,
		},
		{
			"a_missing_primary_key",
			`ALTER TABLE assignments DROP CONSTRAINT assignments_pkey`,
			schema.GuardNoPrimaryKey, `column "id"`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pool := mustMigrate(t)
			mustExec(t, pool, c.spoil)
			_, err := postgres.New(t.Context(), pool, nil)
			wantGuardError(t, err, c.problem, c.detail)
		})
	}
}

func wantGuardError(t *testing.T, err error, problem assignment.GuardProblem, detail string) {
	t.Helper()
	guard, ok := errors.AsType[*assignment.GuardError](err)
	if !ok || !errors.Is(err, assignment.ErrUnguarded) {
		t.Fatalf("got %v, want a *GuardError", err)
	}
	if !guard.Has(problem) {
		t.Errorf("findings %v lack %s", guard.Findings, problem)
	}
	if !strings.Contains(err.Error(), detail) {
		t.Errorf("%q does not tell %q", err, detail)
	}
}

// TestNewRejects_leftover builds what a failed CREATE UNIQUE INDEX CONCURRENTLY
// leaves behind: an index that exists, looks right and enforces nothing.
func TestNewRejects_the_leftover_of_a_failed_concurrent_build(t *testing.T) {
	pool := mustMigrate(t)
	mustExec(t, pool, `DROP INDEX assignments_active_key`)
	mustExec(t, pool, `INSERT INTO assignments (id, assignee_id, subject_id, status, created_at, updated_at)
		VALUES ('1', 'a', 's', 'pending', now(), now()), ('2', 'a', 's', 'pending', now(), now())`)
	_, err := pool.Exec(t.Context(), `CREATE UNIQUE INDEX CONCURRENTLY leftover ON assignments (assignee_id, subject_id)
		WHERE status NOT IN ('cancelled', 'completed')`)
	if err == nil {
		t.Fatal("the build succeeded over duplicates")
	}
	_, err = postgres.New(t.Context(), pool, nil)
	wantGuardError(t, err, schema.GuardInvalid, `"leftover" is not usable`)
}

// TestGuardErrorFix runs the SQL that the error recommends.
func TestGuardErrorFix(t *testing.T) {
	spoiled := map[string]string{
		"index_dropped":   `DROP INDEX assignments_active_key`,
		"full_index":      `DROP INDEX assignments_active_key; CREATE UNIQUE INDEX spoiled ON assignments (assignee_id, subject_id)`,
		"other_predicate": `DROP INDEX assignments_active_key; CREATE UNIQUE INDEX spoiled ON assignments (assignee_id, subject_id) WHERE status <> 'x'`,
		"nullable":        `ALTER TABLE assignments ALTER status DROP NOT NULL, ALTER assignee_id DROP NOT NULL`,
		"unique_constraint": `DROP INDEX assignments_active_key;
			ALTER TABLE assignments ADD CONSTRAINT one UNIQUE (assignee_id), ADD CONSTRAINT two UNIQUE (assignee_id, subject_id)`,
		"name_taken":     `DROP INDEX assignments_active_key; CREATE INDEX assignments_active_key ON assignments (status)`,
		"no_primary_key": `ALTER TABLE assignments DROP CONSTRAINT assignments_pkey`,
	}
	for name, spoil := range spoiled {
		t.Run(name, func(t *testing.T) {
			pool := mustMigrate(t)
			mustExec(t, pool, spoil)
			_, err := postgres.New(t.Context(), pool, nil)
			runFixes(t, pool, err)
			mustStore(t, pool)
		})
	}
}

func TestVerify(t *testing.T) {
	t.Run("the_migrated_guard_is_exact", func(t *testing.T) {
		guard, err := mustStore(t, mustMigrate(t)).Verify(t.Context())
		if err != nil || !guard.Exact || guard.Index != "assignments_active_key" {
			t.Errorf("got %+v, %v", guard, err)
		}
	})
	t.Run("an_equivalent_guard_is_accepted_and_shown", func(t *testing.T) {
		pool := mustMigrate(t)
		mustExec(t, pool, `DROP INDEX assignments_active_key;
			CREATE UNIQUE INDEX worded_otherwise ON assignments (subject_id, assignee_id)
			WHERE status <> 'completed' AND status <> 'cancelled'`)
		guard, err := mustStore(t, pool).Verify(t.Context())
		if err != nil || guard.Exact || guard.Index != "worded_otherwise" {
			t.Fatalf("got %+v, %v", guard, err)
		}
		if !strings.Contains(guard.String(), guard.Predicate) || !strings.Contains(guard.String(), guard.Expected) {
			t.Errorf("%s does not show both predicates", guard)
		}
	})
	t.Run("the_incidents_guard_fits_the_incidents_lifecycle", func(t *testing.T) {
		pool := mustMigrate(t)
		mustExec(t, pool, `DROP INDEX assignments_active_key;
			CREATE UNIQUE INDEX unique_active_assignment ON assignments (assignee_id, subject_id) WHERE status != 'completed'`)
		lifecycle := assignment.CompletedOnlyLifecycle()
		store, err := postgres.New(t.Context(), pool, &postgres.Options{Policy: assignment.Policy{Lifecycle: lifecycle}})
		if err != nil {
			t.Fatal(err)
		}
		if guard, err := store.Verify(t.Context()); err != nil || !guard.Exact {
			t.Errorf("got %+v, %v", guard, err)
		}
	})
	t.Run("leaves_nothing_behind", func(t *testing.T) {
		pool := mustMigrate(t)
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(t.Context()) }()
		mustStore(t, tx)
		var left int
		err = tx.QueryRow(t.Context(), `SELECT count(*) FROM pg_class WHERE relname = 'assignment_guard_clone'`).Scan(&left)
		if err != nil || left != 0 {
			t.Errorf("%d clones left in the caller's transaction, %v", left, err)
		}
	})
	t.Run("a_deferred_verification_does_not_touch_the_database", func(t *testing.T) {
		store, err := postgres.New(t.Context(), mustPool(t), &postgres.Options{DeferVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		_, err = store.Verify(t.Context())
		wantGuardError(t, err, schema.GuardNoTable, "does not exist")
	})
	t.Run("needs_no_right_to_make_temporary_tables", func(t *testing.T) {
		if guard, err := mustStore(t, mustRestrictedConn(t)).Verify(t.Context()); err != nil || !guard.Exact {
			t.Errorf("got %+v, %v", guard, err)
		}
	})
}

// A guard that disappears while the store runs must stop everything that takes
// a slot, not loosen it; what frees a slot goes on.
func TestWithoutGuard(t *testing.T) {
	h := mustHost(t)
	active, closed := h.mustCreate(t, "active"), h.mustCreate(t, "closed")
	if _, err := h.service.Complete(t.Context(), closed.ID); err != nil {
		t.Fatal(err)
	}
	mustExec(t, h.pool, `DROP INDEX assignments_active_key`)
	takers := map[string]func() error{
		"create": func() error {
			_, err := h.service.Create(t.Context(), paramsFor("new"))
			return err
		},
		"replace": func() error {
			_, err := h.service.Replace(t.Context(), paramsFor("active"), assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
			return err
		},
		"reopen": func() error {
			_, err := h.service.Reopen(t.Context(), closed.ID)
			return err
		},
		"reassign": func() error {
			_, err := h.service.Reassign(t.Context(), active.ID, "elsewhere")
			return err
		},
	}
	for name, take := range takers {
		t.Run(name+"_is_rejected", func(t *testing.T) {
			wantGuardError(t, take(), schema.GuardMissing, "CREATE UNIQUE INDEX")
			now, err := h.service.Get(t.Context(), active.ID)
			if n, countErr := h.service.Count(t.Context(), assignment.Query{}); n != 2 || now.Version != 1 || err != nil || countErr != nil {
				t.Errorf("%d rows, the active one at version %d, %v, %v; want nothing written", n, now.Version, err, countErr)
			}
		})
	}
	t.Run("completing_goes_on", func(t *testing.T) {
		if _, err := h.service.Complete(t.Context(), active.ID); err != nil {
			t.Error(err)
		}
	})
}

// runFixes runs the statements that the error recommends.
func runFixes(t *testing.T, pool *pgxpool.Pool, err error) {
	t.Helper()
	guard, ok := errors.AsType[*assignment.GuardError](err)
	if !ok {
		t.Fatalf("got %v, want a *GuardError", err)
	}
	for _, finding := range guard.Findings {
		for _, statement := range finding.Fix {
			mustExec(t, pool, statement)
		}
	}
}
