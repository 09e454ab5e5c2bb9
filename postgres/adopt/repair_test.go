package adopt_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/schema"
)

// mustDuplicates fills the table with a triple, a pair, a completed history and
// a slot that is held once.
func mustDuplicates(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	pool := mustPrisma(tb)
	mustRow(tb, pool, "a1", "ana", "pending", 1)
	mustRow(tb, pool, "a2", "ana", "in_progress", 2)
	mustRow(tb, pool, "a3", "ana", "pending", 3)
	mustRow(tb, pool, "a4", "ana", "completed", 0)
	mustRow(tb, pool, "b2", "bea", "pending", 2)
	mustRow(tb, pool, "b1", "bea", "pending", 1)
	mustRow(tb, pool, "c1", "cyd", "pending", 1)
	return pool
}

func TestRepairPolicies(t *testing.T) {
	youngestID := adopt.Keep("last_id", func(g adopt.Group) (assignment.ID, error) {
		last := g.Rows[0].ID
		for _, r := range g.Rows {
			last = max(last, r.ID)
		}
		return last, nil
	})
	cases := []struct {
		name   string
		policy adopt.Policy
		want   string
	}{
		{"oldest_keeps_the_first", adopt.Oldest(), "a1=pending a2=completed a3=completed a4=completed b1=pending b2=completed c1=pending"},
		{"the_default_is_oldest", adopt.Policy{}, "a1=pending a2=completed a3=completed a4=completed b1=pending b2=completed c1=pending"},
		{"newest_keeps_the_last", adopt.Newest(), "a1=completed a2=completed a3=pending a4=completed b1=completed b2=pending c1=pending"},
		{"most_advanced_goes_by_the_lifecycle", adopt.MostAdvanced(), "a1=completed a2=in_progress a3=completed a4=completed b1=pending b2=completed c1=pending"},
		{"most_advanced_goes_by_a_given_order", adopt.MostAdvanced("in_progress", "pending"), "a1=pending a2=completed a3=completed a4=completed b1=pending b2=completed c1=pending"},
		{"a_function_of_the_host_decides", youngestID, "a1=completed a2=completed a3=pending a4=completed b1=completed b2=pending c1=pending"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pool := mustDuplicates(t)
			opts := prismaOptions()
			opts.Repair = &adopt.RepairOptions{Policy: c.policy}
			plan, err := adopt.Plan(t.Context(), pool, opts)
			if err != nil || len(plan.Changes) != 3 || plan.Groups != 2 {
				t.Fatalf("planned %+v, %v; want 3 changes in 2 groups", plan, err)
			}
			before := statuses(t, pool)
			result := mustRepair(t, pool, opts)
			want(t, "statuses", statuses(t, pool), c.want)
			want(t, "retired", result.Retired, 3)
			want(t, "remaining", result.Remaining, 0)
			want(t, "what the plan makes of the table", applied(before, plan), c.want)
		})
	}
}

// applied is the state that the plan announces.
func applied(before string, plan adopt.RepairPlan) string {
	rows := strings.Fields(before)
	for i, row := range rows {
		for _, c := range plan.Changes {
			if strings.HasPrefix(row, string(c.ID)+"=") {
				rows[i] = string(c.ID) + "=" + string(c.NewStatus)
			}
		}
	}
	return strings.Join(rows, " ")
}

func TestPlan(t *testing.T) {
	t.Run("writes_nothing_and_creates_no_audit_table", func(t *testing.T) {
		pool := mustDuplicates(t)
		before := statuses(t, pool)
		if _, err := adopt.Plan(t.Context(), pool, prismaOptions()); err != nil {
			t.Fatal(err)
		}
		want(t, "statuses", statuses(t, pool), before)
		want(t, "audit table", text(t, pool, `SELECT to_regclass('assignment_repairs')::text`), "")
	})
	t.Run("of_a_clean_table_is_empty", func(t *testing.T) {
		plan, err := adopt.Plan(t.Context(), mustPrisma(t), prismaOptions())
		if err != nil || plan.Groups != 0 || len(plan.Changes) != 0 {
			t.Errorf("got %+v, %v", plan, err)
		}
	})
}

func TestRepairAudit(t *testing.T) {
	pool := mustDuplicates(t)
	result := mustRepair(t, pool, prismaOptions())
	t.Run("has_a_row_per_change", func(t *testing.T) {
		got := text(t, pool, `SELECT string_agg(concat_ws(' ', row_id, assignee, subject, old_status, new_status, kept_id, policy), ', ' ORDER BY row_id)
			FROM assignment_repairs WHERE run_id = $1 AND at > now() - interval '1 minute'`, result.RunID)
		want(t, "audit", got, "a2 ana intake in_progress completed a1 oldest, a3 ana intake pending completed a1 oldest, b2 bea intake pending completed b1 oldest")
	})
	t.Run("a_second_run_changes_and_records_nothing", func(t *testing.T) {
		again := mustRepair(t, pool, prismaOptions())
		want(t, "retired", again.Retired, 0)
		want(t, "audit rows", text(t, pool, `SELECT count(*)::text FROM assignment_repairs`), "3")
	})
}

func TestRepairSetsWhatIsMapped(t *testing.T) {
	pool := mustPool(t)
	mustExec(t, pool, `CREATE TYPE state AS ENUM ('pending', 'in_progress', 'completed', 'cancelled');
		CREATE TABLE tasks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who uuid, what integer, state state,
			closed date, touched timestamp, version integer);
		INSERT INTO tasks (who, what, state, version) SELECT '00000000-0000-0000-0000-000000000001', 7, 'pending', 4 FROM generate_series(1, 12)`)
	table := &schema.Table{Name: "tasks", Columns: schema.Columns{
		ID: "id", AssigneeID: "who", SubjectID: "what", Status: "state", CompletedAt: "closed", UpdatedAt: "touched", Version: "version",
	}}
	t.Run("the_smallest_number_is_the_oldest", func(t *testing.T) {
		mustRepair(t, pool, &adopt.Options{Table: table})
		want(t, "kept", text(t, pool, `SELECT string_agg(id::text, ',') FROM tasks WHERE state = 'pending'`), "1")
	})
	t.Run("times_and_version_follow_the_status", func(t *testing.T) {
		want(t, "rows", text(t, pool, `SELECT count(*)::text FROM tasks WHERE state = 'cancelled' AND version = 5
			AND closed = (now() AT TIME ZONE 'UTC')::date AND touched BETWEEN (now() AT TIME ZONE 'UTC') - interval '1 minute' AND (now() AT TIME ZONE 'UTC')`), "11")
	})
}

func TestRepairStatuses(t *testing.T) {
	fill := func(t *testing.T) *pgxpool.Pool {
		pool := mustPrisma(t)
		mustRow(t, pool, "a1", "ana", "NULL", 1)
		mustRow(t, pool, "a2", "ana", "pending", 2)
		mustRow(t, pool, "b1", "bea", "Completed", 1)
		mustRow(t, pool, "b2", "bea", "pending", 2)
		mustRow(t, pool, "c1", "cyd", "NULL", 2)
		return pool
	}
	t.Run("null_is_left_alone_by_default", func(t *testing.T) {
		pool := fill(t)
		mustExec(t, pool, `DELETE FROM assignments WHERE id = 'b1'`)
		mustRow(t, pool, "a3", "ana", "pending", 3)
		mustRepair(t, pool, prismaOptions())
		want(t, "statuses", statuses(t, pool), "a1=NULL a2=pending a3=completed b2=pending c1=NULL")
	})
	t.Run("unknown_ones_alone_in_their_slot_are_left_alone", func(t *testing.T) {
		pool := fill(t)
		mustExec(t, pool, `DELETE FROM assignments WHERE id = 'b2'`)
		result := mustRepair(t, pool, prismaOptions())
		want(t, "statuses", statuses(t, pool), "a1=NULL a2=pending b1=Completed c1=NULL")
		want(t, "left alone", len(result.LeftAlone), 2)
	})
	t.Run("nobody_is_retired_for_an_unknown_one", func(t *testing.T) {
		pool := fill(t)
		before := statuses(t, pool)
		_, err := adopt.Plan(t.Context(), pool, prismaOptions())
		wantInvalid(t, err, "Repair.Rewrite")
		_, err = adopt.Repair(t.Context(), pool, prismaOptions())
		wantInvalid(t, err, "Repair.Rewrite")
		want(t, "statuses", statuses(t, pool), before)
	})
	t.Run("both_are_replaced_on_request_and_then_count", func(t *testing.T) {
		pool := fill(t)
		opts := prismaOptions()
		opts.Repair = &adopt.RepairOptions{
			NullStatus: "pending", Rewrite: map[assignment.Status]assignment.Status{"Completed": "completed"},
		}
		result := mustRepair(t, pool, opts)
		want(t, "statuses", statuses(t, pool), "a1=pending a2=completed b1=completed b2=pending c1=pending")
		want(t, "retired", result.Retired, 1)
		want(t, "rewritten", result.Rewritten, 3)
		want(t, "audited NULLs", text(t, pool, `SELECT count(*)::text FROM assignment_repairs WHERE old_status IS NULL AND policy = 'rewrite'`), "2")
	})
	t.Run("a_slot_is_freed_before_another_row_takes_it", func(t *testing.T) {
		pool := fill(t)
		mustExec(t, pool, `CREATE UNIQUE INDEX ON assignments (counselor_id, scenario_id) WHERE status <> 'completed' AND status <> 'Completed'`)
		opts := prismaOptions()
		opts.Repair = &adopt.RepairOptions{NullStatus: "pending", Rewrite: map[assignment.Status]assignment.Status{"Completed": "completed"}}
		mustRepair(t, pool, opts)
		want(t, "statuses", statuses(t, pool), "a1=pending a2=completed b1=completed b2=pending c1=pending")
	})
}

// waitForBlocked returns when somebody waits for a lock of the session, or none is
// going to.
func waitForBlocked(pool *pgxpool.Pool, pid uint32, never <-chan struct{}) {
	for {
		var blocked bool
		err := pool.QueryRow(context.Background(),
			`SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid)))`, int32(pid)).Scan(&blocked)
		if err != nil || blocked {
			return
		}
		select {
		case <-never:
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestRepairUnderLock(t *testing.T) {
	// A writer holds a duplicate and completes it while the repair waits for the
	// lock: what the repair had seen before is outdated.
	hold := func(t *testing.T, opts *adopt.Options, pool *pgxpool.Pool, change string) (adopt.RepairResult, error) {
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		pid := tx.Conn().PgConn().PID()
		committed, repaired := make(chan error, 1), make(chan struct{})
		go func() {
			waitForBlocked(pool, pid, repaired)
			committed <- tx.Commit(context.WithoutCancel(t.Context()))
		}()
		result, err := adopt.Repair(t.Context(), pool, opts)
		close(repaired)
		if err := <-committed; err != nil {
			t.Fatal(err)
		}
		return result, err
	}
	t.Run("a_duplicate_that_was_completed_meanwhile_is_none", func(t *testing.T) {
		pool := mustDuplicates(t)
		opts := prismaOptions()
		opts.Attempts = 1000
		result, err := hold(t, opts, pool, `UPDATE assignments SET status = 'completed' WHERE id = 'b1'`)
		want(t, "statuses", statuses(t, pool), "a1=pending a2=completed a3=completed a4=completed b1=completed b2=pending c1=pending")
		if err != nil || result.Retired != 2 {
			t.Errorf("got %+v, %v; want 2 retired", result, err)
		}
	})
	t.Run("a_duplicate_that_moved_to_another_key_is_none", func(t *testing.T) {
		pool := mustDuplicates(t)
		opts := prismaOptions()
		opts.LockTimeout = time.Minute
		result, err := hold(t, opts, pool, `UPDATE assignments SET counselor_id = 'dee' WHERE id = 'b1'`)
		want(t, "statuses", statuses(t, pool), "a1=pending a2=completed a3=completed a4=completed b1=pending b2=pending c1=pending")
		if err != nil || result.Retired != 2 {
			t.Errorf("got %+v, %v; want 2 retired", result, err)
		}
	})
	t.Run("locks_that_never_come_are_contention_and_change_nothing", func(t *testing.T) {
		pool := mustDuplicates(t)
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
		if _, err := tx.Exec(t.Context(), `SELECT FROM assignments WHERE id = 'b1' FOR UPDATE`); err != nil {
			t.Fatal(err)
		}
		opts := prismaOptions()
		opts.Attempts = 2
		before := statuses(t, pool)
		result, err := adopt.Repair(t.Context(), pool, opts)
		if !errors.Is(err, assignment.ErrContended) || result.Retired != 0 || result.Remaining != 2 {
			t.Errorf("got %+v, %v", result, err)
		}
		want(t, "statuses", statuses(t, pool), before)
	})
}

func TestRepairIsBounded(t *testing.T) {
	many := func(t *testing.T) *pgxpool.Pool {
		pool := mustPrisma(t)
		mustExec(t, pool, `INSERT INTO assignments (id, counselor_id, scenario_id, status)
			SELECT g || '-' || n, 'c' || g, 's', 'pending' FROM generate_series(1, 50) g, generate_series(1, 2) n`)
		return pool
	}
	t.Run("a_batch_locks_no_more_rows_than_asked", func(t *testing.T) {
		pool := many(t)
		opts := prismaOptions()
		opts.Repair = &adopt.RepairOptions{BatchRows: 10}
		mustRepair(t, pool, opts)
		largest := text(t, pool, `SELECT max(n)::text || ' of ' || sum(n)::text FROM (SELECT count(*) AS n FROM assignment_repairs GROUP BY xmin) AS batches`)
		want(t, "largest batch", largest, "5 of 50")
	})
	t.Run("a_run_that_is_stopped_goes_on_when_called_again", func(t *testing.T) {
		pool := many(t)
		opts := prismaOptions()
		opts.Repair = &adopt.RepairOptions{BatchRows: 10}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		opts.Progress = func(p adopt.Progress) {
			if p.Done >= 15 {
				cancel()
			}
		}
		result, err := adopt.Repair(ctx, pool, opts)
		if !errors.Is(err, context.Canceled) || result.Retired != 15 || result.Remaining != 35 {
			t.Fatalf("got %+v, %v; want what was done until it was stopped", result, err)
		}
		opts.Progress = nil
		want(t, "retired by the second run", mustRepair(t, pool, opts).Retired, 35)
		want(t, "audit rows", text(t, pool, `SELECT count(*)::text FROM assignment_repairs`), "50")
	})
	t.Run("progress_counts_up_to_the_total", func(t *testing.T) {
		pool := many(t)
		opts := prismaOptions()
		var last adopt.Progress
		opts.Progress = func(p adopt.Progress) { last = p }
		mustRepair(t, pool, opts)
		want(t, "last", last, adopt.Progress{Phase: "repair", Done: 50, Total: 50})
	})
	t.Run("two_runs_at_once_take_turns", func(t *testing.T) {
		pool := many(t)
		errs := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := adopt.Repair(t.Context(), pool, prismaOptions())
				errs <- err
			}()
		}
		if err := errors.Join(<-errs, <-errs); err != nil {
			t.Error(err)
		}
		want(t, "audit rows", text(t, pool, `SELECT count(*)::text FROM assignment_repairs`), "50")
	})
}

func TestRepairRejects(t *testing.T) {
	t.Run("ids_that_are_not_unique", func(t *testing.T) {
		pool := mustDuplicates(t)
		mustExec(t, pool, `ALTER TABLE assignments DROP CONSTRAINT assignments_pkey`)
		_, err := adopt.Repair(t.Context(), pool, prismaOptions())
		wantGuardError(t, err, schema.GuardNoPrimaryKey, "wrong row")
	})
	t.Run("an_index_that_forbids_the_terminal_status", func(t *testing.T) {
		pool := mustDuplicates(t)
		mustExec(t, pool, `CREATE UNIQUE INDEX once ON assignments (counselor_id, scenario_id) WHERE status = 'completed'`)
		opts := prismaOptions()
		opts.Attempts = 2
		_, err := adopt.Repair(t.Context(), pool, opts)
		wantGuardError(t, err, schema.GuardOtherPredicate, `"once" rejects`)
	})
	finer := map[string]string{
		"a_mapping_with_two_of_the_columns_of_a_unique_index":        `CREATE UNIQUE INDEX finer ON assignments (account_id, counselor_id, scenario_id) WHERE status <> 'completed'`,
		"a_mapping_with_two_of_the_columns_of_a_constraint":          `ALTER TABLE assignments ADD CONSTRAINT finer UNIQUE (counselor_id, account_id, scenario_id)`,
		"a_mapping_without_the_day_of_a_unique_index":                `ALTER TABLE assignments ALTER due_date TYPE date; CREATE UNIQUE INDEX finer ON assignments (counselor_id, scenario_id, due_date)`,
		"a_mapping_without_the_mark_of_a_soft_delete":                `ALTER TABLE assignments ADD deleted_at timestamp; CREATE UNIQUE INDEX finer ON assignments (counselor_id, scenario_id) WHERE deleted_at IS NULL AND status = 'nothing'`,
		"a_mapping_without_a_column_of_a_condition_beside_no_status": `CREATE UNIQUE INDEX finer ON assignments (counselor_id, scenario_id) WHERE account_id = 'tenant'`,
	}
	for name, sql := range finer {
		t.Run(name, func(t *testing.T) {
			pool := mustDuplicates(t)
			mustExec(t, pool, `UPDATE assignments SET account_id = id, due_date = date '2026-01-01' + substr(id, 2, 1)::int`)
			mustExec(t, pool, sql)
			before := statuses(t, pool)
			report := mustCheck(t, pool, prismaOptions())
			if first := report.Findings[0]; first.Kind != adopt.KindCoarser || !strings.Contains(first.Detail, `"finer"`) {
				t.Errorf("check does not report it first: %+v", report.Findings)
			}
			for _, f := range report.Findings {
				if f.Command != "" {
					t.Errorf("check proposes %s", f.Command)
				}
			}
			_, err := adopt.Repair(t.Context(), pool, prismaOptions())
			if guard, ok := errors.AsType[*assignment.GuardError](err); !ok || !strings.Contains(guard.Error(), `"finer"`) {
				t.Errorf("got %v", err)
			}
			want(t, "statuses", statuses(t, pool), before)
			opts := prismaOptions()
			opts.CoarserThanIndex = true
			want(t, "retired when it is intended", mustRepair(t, pool, opts).Retired, 3)
		})
	}
	t.Run("a_missing_table", func(t *testing.T) {
		_, err := adopt.Repair(t.Context(), mustPool(t), prismaOptions())
		wantGuardError(t, err, schema.GuardNoTable, "does not exist")
	})
	t.Run("a_view", func(t *testing.T) {
		pool := mustPool(t)
		mustExec(t, pool, `CREATE VIEW assignments AS SELECT 1 AS id`)
		_, err := adopt.Plan(t.Context(), pool, prismaOptions())
		wantGuardError(t, err, schema.GuardNotATable, "is a view")
	})
	t.Run("a_missing_column", func(t *testing.T) {
		pool := mustPrisma(t)
		mustExec(t, pool, `ALTER TABLE assignments DROP COLUMN due_date`)
		_, err := adopt.Plan(t.Context(), pool, prismaOptions())
		wantGuardError(t, err, schema.GuardNoColumn, `"due_date"`)
	})
	t.Run("oldest_without_a_time", func(t *testing.T) {
		opts := prismaOptions()
		opts.Table.Columns.CreatedAt = ""
		_, err := adopt.Plan(t.Context(), mustDuplicates(t), opts)
		wantInvalid(t, err, "Repair.Policy")
		_, err = adopt.Repair(t.Context(), mustDuplicates(t), opts)
		wantInvalid(t, err, "Repair.Policy")
	})
	t.Run("a_policy_that_keeps_a_row_of_another_slot", func(t *testing.T) {
		opts := prismaOptions()
		opts.Repair = &adopt.RepairOptions{Policy: adopt.Keep("wild", func(adopt.Group) (assignment.ID, error) { return "zz", nil })}
		pool := mustDuplicates(t)
		_, err := adopt.Repair(t.Context(), pool, opts)
		wantInvalid(t, err, "Repair.Policy")
	})
	t.Run("a_policy_that_fails", func(t *testing.T) {
		cause := errors.New("no idea")
		opts := prismaOptions()
		opts.Repair = &adopt.RepairOptions{Policy: adopt.Keep("wild", func(adopt.Group) (assignment.ID, error) { return "", cause })}
		if _, err := adopt.Repair(t.Context(), mustDuplicates(t), opts); !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
	})
}
