package adopt_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/schema"
)

// mustPartitioned returns a table with two hash partitions, one of which is
// partitioned again, and a slot that is held twice.
func mustPartitioned(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	pool := mustPool(tb)
	mustExec(tb, pool, `CREATE TABLE assignments (
			id text NOT NULL, assignee_id text NOT NULL, subject_id text NOT NULL, status text, assigned_by text, account_id text,
			due_at timestamptz, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, completed_at timestamptz,
			version bigint NOT NULL DEFAULT 1, metadata jsonb, request text, PRIMARY KEY (id, assignee_id)
		) PARTITION BY HASH (assignee_id);
		CREATE TABLE part_0 PARTITION OF assignments FOR VALUES WITH (MODULUS 2, REMAINDER 0);
		CREATE TABLE part_1 PARTITION OF assignments FOR VALUES WITH (MODULUS 2, REMAINDER 1) PARTITION BY HASH (assignee_id);
		CREATE TABLE part_1_0 PARTITION OF part_1 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
		CREATE TABLE part_1_1 PARTITION OF part_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);`+
		rowsSQL+`SELECT g::text, 'a' || g % 99, 's', 'pending', now(), now() FROM generate_series(1, 100) g`)
	return pool
}

func TestGuardOnPartitions(t *testing.T) {
	repairing := func() *adopt.Options {
		opts := defaultOptions()
		opts.Repair = &adopt.RepairOptions{}
		return opts
	}
	valid := func(t *testing.T, pool *pgxpool.Pool, guards string) {
		t.Helper()
		want(t, "unusable indexes", text(t, pool, `SELECT count(*)::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
			WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisvalid`), "0")
		want(t, "guards", text(t, pool, `SELECT count(*)::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
			WHERE c.relnamespace = current_schema()::regnamespace AND i.indisunique AND i.indpred IS NOT NULL`), guards)
		_, err := pool.Exec(t.Context(), rowsSQL+`VALUES ('x', 'a5', 's', 'pending', now(), now())`)
		if err == nil {
			t.Error("a duplicate was accepted")
		}
	}
	t.Run("is_built_on_each_and_attached", func(t *testing.T) {
		pool := mustPartitioned(t)
		mustGuard(t, pool, repairing())
		valid(t, pool, "5")
		want(t, "steps of a second run", len(mustGuard(t, pool, repairing()).Done), 0)
	})
	t.Run("continues_where_a_run_was_stopped", func(t *testing.T) {
		pool := mustPartitioned(t)
		mustRepair(t, pool, repairing())
		plan, err := adopt.PlanGuard(t.Context(), pool, defaultOptions())
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range plan.Steps[:5] {
			for _, sql := range step.SQL {
				mustExec(t, pool, sql)
			}
		}
		want(t, "steps left", len(mustGuard(t, pool, defaultOptions()).Done), len(plan.Steps)-5)
		valid(t, pool, "5")
	})
	t.Run("rebuilds_the_leftover_of_one_partition", func(t *testing.T) {
		pool := mustPartitioned(t)
		mustExec(t, pool, `CREATE UNIQUE INDEX assignments_active_key ON ONLY assignments (assignee_id, subject_id) WHERE status NOT IN ('cancelled', 'completed')`)
		for _, part := range []string{"part_0", "part_1_0", "part_1_1"} {
			_, _ = pool.Exec(t.Context(), `CREATE UNIQUE INDEX CONCURRENTLY `+part+`_active_key ON `+part+` (assignee_id, subject_id) WHERE status NOT IN ('cancelled', 'completed')`)
		}
		mustGuard(t, pool, repairing())
		valid(t, pool, "5")
	})
	t.Run("leaves_a_rule_of_the_host_alone", func(t *testing.T) {
		pool := mustPartitioned(t)
		mustRepair(t, pool, repairing())
		mustExec(t, pool, `CREATE UNIQUE INDEX assignments_active_key ON assignments (assignee_id, subject_id) WHERE status = 'pending'`)
		mustGuard(t, pool, defaultOptions())
		valid(t, pool, "10")
	})
	t.Run("is_rejected_if_it_can_not_span_them", func(t *testing.T) {
		pool := mustPool(t)
		mustExec(t, pool, `CREATE TABLE assignments (
			id text NOT NULL, assignee_id text NOT NULL, subject_id text NOT NULL, status text NOT NULL, assigned_by text, account_id text,
			due_at timestamptz, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, completed_at timestamptz,
			version bigint NOT NULL DEFAULT 1, metadata jsonb, request text
		) PARTITION BY RANGE (created_at)`)
		_, err := adopt.Guard(t.Context(), pool, defaultOptions())
		wantGuardError(t, err, schema.GuardPartitionKey, "created_at")
	})
}
