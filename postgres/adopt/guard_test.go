package adopt_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/schema"
)

// defaultOptions returns options for the migrated table.
func defaultOptions() *adopt.Options {
	return &adopt.Options{LockTimeout: 50 * time.Millisecond, WaitTimeout: 2 * time.Minute, Attempts: 30}
}

// mustSpoiled returns the migrated table without its index, and spoiled.
func mustSpoiled(tb testing.TB, spoil string) *pgxpool.Pool {
	tb.Helper()
	pool := mustPool(tb)
	if err := postgres.Migrate(tb.Context(), pool, nil); err != nil {
		tb.Fatal(err)
	}
	mustExec(tb, pool, `DROP INDEX assignments_active_key`)
	if spoil != "" {
		mustExec(tb, pool, spoil)
	}
	return pool
}

const (
	keySQL   = `assignments (assignee_id, subject_id)`
	guardSQL = keySQL + ` WHERE status NOT IN ('cancelled', 'completed')`
	rowsSQL  = `INSERT INTO assignments (id, assignee_id, subject_id, status, created_at, updated_at) `
	// pairSQL is a slot that is held twice.
	pairSQL = rowsSQL + `VALUES ('1', 'ana', 'intake', 'pending', now(), now()), ('2', 'ana', 'intake', 'pending', now() + interval '1 s', now())`
)

// mustLeftover leaves what a failed concurrent build leaves, and no duplicates.
func mustLeftover(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	pool := mustSpoiled(tb, pairSQL)
	if _, err := pool.Exec(tb.Context(), `CREATE UNIQUE INDEX CONCURRENTLY assignments_active_key ON `+guardSQL); err == nil {
		tb.Fatal("the build succeeded over duplicates")
	}
	mustExec(tb, pool, `DELETE FROM assignments WHERE id = '2'`)
	return pool
}

// indexes returns the names of the unique indexes but the primary key.
func indexes(tb testing.TB, pool *pgxpool.Pool) string {
	tb.Helper()
	return text(tb, pool, `SELECT string_agg(c.relname || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END, ', ' ORDER BY c.relname)
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE i.indrelid = 'assignments'::regclass AND i.indisunique AND NOT i.indisprimary`)
}

func TestGuardFixes(t *testing.T) {
	cases := []struct{ name, spoil, indexes string }{
		{"a_missing_index", ``, "assignments_active_key"},
		{"a_full_index_of_the_host_stays", `CREATE UNIQUE INDEX spoiled ON ` + keySQL, "assignments_active_key, spoiled"},
		{"a_full_constraint_of_the_host_stays", `ALTER TABLE assignments ADD CONSTRAINT spoiled UNIQUE (subject_id, assignee_id)`, "assignments_active_key, spoiled"},
		{"a_rule_that_covers_more_stays", `CREATE UNIQUE INDEX spoiled ON ` + keySQL + ` WHERE status <> 'completed'`, "assignments_active_key, spoiled"},
		{"a_rule_that_covers_less_stays", `CREATE UNIQUE INDEX spoiled ON ` + keySQL + ` WHERE status = 'pending'`, "assignments_active_key, spoiled"},
		{"a_predicate_of_another_case_stays", `CREATE UNIQUE INDEX spoiled ON ` + keySQL + ` WHERE status NOT IN ('Cancelled', 'Completed')`, "assignments_active_key, spoiled"},
		{"a_rule_on_the_assignee_alone_stays", `CREATE UNIQUE INDEX spoiled ON assignments (assignee_id)`, "assignments_active_key, spoiled"},
		{"two_guards_of_the_host_stay", `CREATE UNIQUE INDEX one ON ` + guardSQL + `; CREATE UNIQUE INDEX two ON ` + guardSQL, "one, two"},
		{"a_guard_that_was_replaced_goes", `CREATE UNIQUE INDEX assignments_active_key ON ` + guardSQL + `; CREATE UNIQUE INDEX assignments_active_key_2 ON ` + guardSQL, "assignments_active_key"},
		{"a_constraint_that_others_reference_stays", `ALTER TABLE assignments ADD CONSTRAINT spoiled UNIQUE (assignee_id, subject_id);
			CREATE TABLE grades (a text, s text, FOREIGN KEY (a, s) REFERENCES assignments (assignee_id, subject_id))`, "assignments_active_key, spoiled"},
		{"the_index_of_a_replica_identity_stays", `CREATE UNIQUE INDEX spoiled ON ` + keySQL + `; ALTER TABLE assignments REPLICA IDENTITY USING INDEX spoiled`, "assignments_active_key, spoiled"},
		{"an_index_of_the_same_name_stays", `CREATE UNIQUE INDEX assignments_active_key ON ` + keySQL, "assignments_active_key, assignments_active_key_2"},
		{"a_name_that_something_else_has", `CREATE TABLE assignments_active_key ()`, "assignments_active_key_2"},
		{"an_index_that_is_not_unique", `CREATE INDEX spoiled ON ` + guardSQL, "assignments_active_key"},
		{"an_equivalent_index_is_left_alone", `CREATE UNIQUE INDEX other ON ` + keySQL + ` WHERE status <> 'completed' AND status <> 'cancelled'`, "other"},
		{"another_rule_of_the_host_is_left_alone", `CREATE UNIQUE INDEX other ON ` + keySQL + ` WHERE status = 'completed'`, "assignments_active_key, other"},
		{"nullable_columns", `ALTER TABLE assignments ALTER assignee_id DROP NOT NULL, ALTER status DROP NOT NULL`, "assignments_active_key"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pool := mustSpoiled(t, c.spoil)
			plan, err := adopt.PlanGuard(t.Context(), pool, defaultOptions())
			if err != nil {
				t.Fatal(err)
			}
			result := mustGuard(t, pool, defaultOptions())
			want(t, "indexes", indexes(t, pool), c.indexes)
			want(t, "what was done, against the plan", sqlOf(result.Done), sqlOf(plan.Steps))
			if _, err := postgres.New(t.Context(), pool, nil); err != nil {
				t.Error(err)
			}
			want(t, "steps of a second run", len(mustGuard(t, pool, defaultOptions()).Done), 0)
		})
	}
}

func TestGuardLeftovers(t *testing.T) {
	t.Run("are_dropped_and_built_again_under_their_name", func(t *testing.T) {
		pool := mustLeftover(t)
		mustGuard(t, pool, defaultOptions())
		want(t, "indexes", indexes(t, pool), "assignments_active_key")
	})
	t.Run("are_not_dropped_while_a_session_may_be_building", func(t *testing.T) {
		pool := mustLeftover(t)
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
		if _, err := tx.Exec(t.Context(), `LOCK TABLE assignments IN SHARE UPDATE EXCLUSIVE MODE`); err != nil {
			t.Fatal(err)
		}
		opts := defaultOptions()
		opts.WaitTimeout = 300 * time.Millisecond
		_, err = adopt.Guard(t.Context(), pool, opts)
		if !errors.Is(err, assignment.ErrContended) || !strings.Contains(err.Error(), "may still be building") {
			t.Errorf("got %v", err)
		}
		want(t, "indexes", indexes(t, pool), "assignments_active_key invalid")
	})
	t.Run("a_build_of_another_session_is_waited_for_and_used", func(t *testing.T) {
		pool := mustSpoiled(t, "")
		old, err := pool.Begin(t.Context()) // an older transaction keeps the build from ending
		if err != nil {
			t.Fatal(err)
		}
		if _, err := old.Exec(t.Context(), `SELECT 1 FROM assignments; UPDATE assignments SET version = 2`); err != nil {
			t.Fatal(err)
		}
		built := make(chan error, 1)
		go func() {
			_, err := pool.Exec(t.Context(), `CREATE UNIQUE INDEX CONCURRENTLY theirs ON `+guardSQL)
			built <- err
		}()
		for indexes(t, pool) != "theirs invalid" {
			<-time.After(10 * time.Millisecond)
		}
		opts := defaultOptions()
		var waits sync.Once
		opts.Progress = func(p adopt.Progress) {
			if strings.HasPrefix(p.Phase, "wait:") { // from now on the build may end
				waits.Do(func() { _ = old.Commit(context.WithoutCancel(t.Context())) })
			}
		}
		result := mustGuard(t, pool, opts)
		if err := <-built; err != nil {
			t.Error(err)
		}
		want(t, "guard", result.Guard.Index, "theirs")
		want(t, "indexes", indexes(t, pool), "theirs")
	})
}

// duplicatesDuringBuild adds a duplicate between the plan and the build.
func duplicatesDuringBuild(t *testing.T, how string) {
	pool := mustSpoiled(t, how)
	opts := defaultOptions()
	opts.Repair = &adopt.RepairOptions{Policy: adopt.Newest()}
	late := false
	opts.Progress = func(p adopt.Progress) {
		if strings.HasPrefix(p.Phase, "build the guard") && !late {
			late = true // the plan has been made, and the build has not begun
			mustExec(t, pool, pairSQL)
		}
	}
	result := mustGuard(t, pool, opts)
	if !strings.Contains(sqlOf(result.Done), `CONCURRENTLY "assignment_guard_temporary_`) {
		t.Errorf("no temporary index among %s", sqlOf(result.Done))
	}
	want(t, "statuses", text(t, pool, `SELECT string_agg(status, ' ' ORDER BY id) FROM assignments WHERE assignee_id = 'ana'`), "cancelled pending")
	want(t, "indexes", indexes(t, pool), "assignments_active_key")
}

func TestGuardDuplicates(t *testing.T) {
	t.Run("are_reported_and_no_leftover_remains", func(t *testing.T) {
		pool := mustSpoiled(t, pairSQL)
		_, err := adopt.Guard(t.Context(), pool, defaultOptions())
		wantGuardError(t, err, schema.GuardMissing, "1 slot is held more than once")
		want(t, "indexes", indexes(t, pool), "")
	})
	t.Run("block_the_plan", func(t *testing.T) {
		plan, err := adopt.PlanGuard(t.Context(), mustSpoiled(t, pairSQL), defaultOptions())
		if err != nil || len(plan.Blocked) != 1 {
			t.Errorf("got %+v, %v", plan, err)
		}
	})
	t.Run("are_repaired_on_request", func(t *testing.T) {
		pool := mustSpoiled(t, pairSQL)
		opts := defaultOptions()
		opts.Repair = &adopt.RepairOptions{}
		result := mustGuard(t, pool, opts)
		want(t, "statuses", statuses(t, pool), "1=pending 2=cancelled")
		want(t, "retired", result.Repaired.Retired, 1)
		want(t, "indexes", indexes(t, pool), "assignments_active_key")
	})
	t.Run("that_arrive_during_the_build_are_prevented_by_a_temporary_index", func(t *testing.T) { duplicatesDuringBuild(t, "") })
	t.Run("that_parallel_workers_find_are_no_different", func(t *testing.T) {
		duplicatesDuringBuild(t, rowsSQL+`SELECT 'x' || g, 'x' || g, 's', 'pending', now(), now() FROM generate_series(1, 5000) g;
			ALTER TABLE assignments SET (parallel_workers = 2)`)
	})
	t.Run("that_never_stop_end_it", func(t *testing.T) {
		pool := mustSpoiled(t, pairSQL)
		opts := defaultOptions()
		opts.Attempts, opts.Repair = 3, &adopt.RepairOptions{}
		n := 0
		opts.Progress = func(p adopt.Progress) {
			if strings.HasPrefix(p.Phase, "build the guard") { // the plan has been made, and the build has not begun
				n++
				mustExec(t, pool, rowsSQL+`SELECT $1 || g::text, 'eve', 'intake', 'pending', '2020-01-01', now() FROM generate_series(1, 2) g`, fmt.Sprint(n, "-"))
			}
		}
		result, err := adopt.Guard(t.Context(), pool, opts)
		if !errors.Is(err, assignment.ErrContended) || n != 3 || result.Guard != nil {
			t.Errorf("got %+v, %v after %d builds", result, err, n)
		}
	})
}

// TestTemporaryIndex has one that an interrupted run left: it is neither a guard nor a
// rule of the host, and the next run drops it.
func TestTemporaryIndex(t *testing.T) {
	leave := func(t *testing.T, more string) *pgxpool.Pool {
		pool := mustSpoiled(t, more)
		mustExec(t, pool, `CREATE UNIQUE INDEX assignment_guard_temporary_`+text(t, pool, `SELECT 'assignments'::regclass::oid::text`)+
			` ON `+guardSQL+` AND created_at > '2999-01-01'`)
		return pool
	}
	t.Run("without_a_guard_is_no_guard", func(t *testing.T) {
		pool := leave(t, "")
		want(t, "index missing", mustCheck(t, pool, defaultOptions()).Has(adopt.Kind(schema.GuardMissing)), true)
		mustGuard(t, pool, defaultOptions())
		want(t, "indexes", indexes(t, pool), "assignments_active_key")
	})
	t.Run("beside_a_guard_is_dropped", func(t *testing.T) {
		pool := leave(t, `CREATE UNIQUE INDEX assignments_active_key ON `+guardSQL)
		want(t, "good", mustCheck(t, pool, defaultOptions()).OK(), true)
		plan, err := adopt.PlanGuard(t.Context(), pool, defaultOptions())
		if err != nil || len(plan.Steps) != 1 || !plan.Steps[0].Optional {
			t.Errorf("the plan is %+v, %v", plan, err)
		}
		mustGuard(t, pool, defaultOptions())
		want(t, "indexes", indexes(t, pool), "assignments_active_key")
	})
}

func TestGuardNulls(t *testing.T) {
	const nullable = `ALTER TABLE assignments ALTER assignee_id DROP NOT NULL, ALTER status DROP NOT NULL;`
	t.Run("in_the_key_are_reported_and_nothing_is_started", func(t *testing.T) {
		pool := mustSpoiled(t, nullable+rowsSQL+`VALUES ('1', NULL, 'intake', 'pending', now(), now())`)
		_, err := adopt.Guard(t.Context(), pool, defaultOptions())
		wantGuardError(t, err, schema.GuardNullable, `"assignee_id" contains NULLs`)
		want(t, "indexes", indexes(t, pool), "")
		want(t, "nullable", text(t, pool, `SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute
			WHERE attrelid = 'assignments'::regclass AND attname IN ('assignee_id', 'status') AND NOT attnotnull`), "assignee_id,status")
	})
	t.Run("in_the_status_are_repaired_on_request", func(t *testing.T) {
		pool := mustSpoiled(t, nullable+rowsSQL+`VALUES ('1', 'ana', 'intake', NULL, now(), now()), ('2', 'ana', 'intake', 'pending', now(), now())`)
		opts := defaultOptions()
		opts.Repair = &adopt.RepairOptions{NullStatus: "pending", Policy: adopt.MostAdvanced()}
		mustGuard(t, pool, opts)
		want(t, "statuses", statuses(t, pool), "1=cancelled 2=pending")
		want(t, "checks left", text(t, pool, `SELECT count(*)::text FROM pg_constraint WHERE conrelid = 'assignments'::regclass AND contype = 'c'`), "0")
	})
	t.Run("a_check_of_an_interrupted_run_is_dropped_when_guard_can_not_finish", func(t *testing.T) {
		pool := mustSpoiled(t, nullable+rowsSQL+`VALUES ('1', 'ana', 'intake', NULL, now(), now())`)
		oid := text(t, pool, `SELECT 'assignments'::regclass::oid::text`)
		mustExec(t, pool, `ALTER TABLE assignments ADD CONSTRAINT assignment_guard_not_null_`+oid+` CHECK (status IS NOT NULL) NOT VALID,
			ALTER assignee_id SET NOT NULL`)
		_, err := adopt.Guard(t.Context(), pool, defaultOptions())
		wantGuardError(t, err, schema.GuardNullable, `"status" contains NULLs`)
		want(t, "checks left", text(t, pool, `SELECT count(*)::text FROM pg_constraint WHERE conrelid = 'assignments'::regclass AND contype = 'c'`), "0")
	})
}

// TestGuardStartsNothingThatItCanNotFinish compares the dry run with the run:
// what is blocked in the one, the other rejects before it does anything.
func TestGuardStartsNothingThatItCanNotFinish(t *testing.T) {
	cases := []struct {
		name, spoil string
		problem     assignment.GuardProblem
		says        string
	}{
		{"a_missing_primary_key", `ALTER TABLE assignments DROP CONSTRAINT assignments_pkey`, schema.GuardNoPrimaryKey, `"id"`},
		{"a_deferrable_constraint", `ALTER TABLE assignments ADD CONSTRAINT spoiled UNIQUE (subject_id, assignee_id) DEFERRABLE`, schema.GuardDeferrable, "spoiled"},
		{"a_column_that_nobody_fills", `ALTER TABLE assignments ADD extra text NOT NULL`, schema.GuardColumnRequired, `"extra"`},
		{"a_check_without_a_status", `ALTER TABLE assignments ADD CONSTRAINT states CHECK (status IN ('pending', 'in_progress', 'completed'))`, schema.GuardStatusCheck, "states"},
		{"a_key_that_a_foreign_key_sets_to_null", `CREATE TABLE people (id text PRIMARY KEY); ALTER TABLE assignments ALTER assignee_id DROP NOT NULL,
			ADD CONSTRAINT person FOREIGN KEY (assignee_id) REFERENCES people ON DELETE SET NULL`, schema.GuardNullable, "person"},
		{"a_finer_index", `CREATE UNIQUE INDEX finer ON assignments (account_id, assignee_id, subject_id) WHERE status = 'pending'`, schema.GuardOtherColumns, "finer"},
		{"a_finer_index_without_a_condition", `CREATE UNIQUE INDEX finer ON assignments (assignee_id, subject_id, version)`, "", ""},
		{"an_index_with_a_further_condition", `ALTER TABLE assignments ADD deleted boolean NOT NULL DEFAULT false;
			CREATE UNIQUE INDEX live ON ` + guardSQL + ` AND NOT deleted`, schema.GuardOtherPredicate, "deleted"},
		{"an_inheriting_table", `CREATE TABLE old () INHERITS (assignments)`, schema.GuardInheritance, "old"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pool := mustSpoiled(t, c.spoil)
			before := indexes(t, pool)
			plan, err := adopt.PlanGuard(t.Context(), pool, defaultOptions())
			if c.problem == "" {
				if err != nil || len(plan.Blocked) > 0 {
					t.Errorf("got %+v, %v", plan, err)
				}
				return
			}
			if err == nil && (len(plan.Blocked) == 0 || len(plan.Steps) > 0) {
				t.Errorf("the plan is %+v", plan)
			}
			result, err := adopt.Guard(t.Context(), pool, defaultOptions())
			wantGuardError(t, err, c.problem, c.says)
			want(t, "steps", len(result.Done), 0)
			want(t, "indexes", indexes(t, pool), before)
		})
	}
}

func TestGuardWaits(t *testing.T) {
	t.Run("a_brief_step_gives_up_its_lock_and_is_tried_again", func(t *testing.T) {
		pool := mustSpoiled(t, `CREATE UNIQUE INDEX assignments_active_key ON `+guardSQL+`; ALTER TABLE assignments ALTER status DROP NOT NULL`)
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), `LOCK TABLE assignments IN ROW EXCLUSIVE MODE`); err != nil {
			t.Fatal(err)
		}
		var waits atomic.Int64
		opts := defaultOptions()
		opts.Progress = func(p adopt.Progress) {
			if p.Phase == "reject new NULLs" && waits.Add(1) == 3 {
				_ = tx.Commit(context.WithoutCancel(t.Context()))
			}
		}
		mustGuard(t, pool, opts)
		if waits.Load() < 3 {
			t.Errorf("%d attempts, want the lock to have been waited for", waits.Load())
		}
	})
	t.Run("is_bounded", func(t *testing.T) {
		pool := mustSpoiled(t, `ALTER TABLE assignments ALTER status DROP NOT NULL`)
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
		if _, err := tx.Exec(t.Context(), `LOCK TABLE assignments IN SHARE UPDATE EXCLUSIVE MODE`); err != nil {
			t.Fatal(err)
		}
		opts := defaultOptions()
		opts.Attempts, opts.WaitTimeout = 2, 200*time.Millisecond
		if _, err := adopt.Guard(t.Context(), pool, opts); !errors.Is(err, assignment.ErrContended) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the_context_ends_it_and_the_next_run_continues", func(t *testing.T) {
		pool := mustSpoiled(t, "")
		old, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := old.Exec(t.Context(), `UPDATE assignments SET version = 2`); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := adopt.Guard(ctx, pool, defaultOptions()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if err := old.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		mustGuard(t, pool, defaultOptions())
		want(t, "indexes", indexes(t, pool), "assignments_active_key")
	})
	t.Run("a_pool_of_one_connection_is_enough", func(t *testing.T) {
		pool := mustSpoiled(t, pairSQL)
		config := pool.Config()
		config.MaxConns = 1
		single, err := pgxpool.NewWithConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		defer single.Close()
		opts := defaultOptions()
		opts.Repair, opts.Progress = &adopt.RepairOptions{}, func(adopt.Progress) {}
		mustGuard(t, single, opts)
	})
}

func TestGuardShowsTheBuild(t *testing.T) {
	pool := mustSpoiled(t, rowsSQL+`SELECT g::text, 'a' || g, 's', 'pending', now(), now() FROM generate_series(1, 1000) g`)
	old, err := pool.Begin(t.Context()) // keeps the build in a phase that can be seen
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.Exec(t.Context(), `UPDATE assignments SET version = 2 WHERE id = '1'`); err != nil {
		t.Fatal(err)
	}
	seen := ""
	opts := defaultOptions()
	opts.Progress = func(p adopt.Progress) {
		if strings.HasPrefix(p.Phase, "build: ") && seen == "" {
			seen = p.Phase
			_ = old.Commit(context.WithoutCancel(t.Context()))
		}
	}
	mustGuard(t, pool, opts)
	want(t, "phase", seen, "build: waiting for writers before build")
}
