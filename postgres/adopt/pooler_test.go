//go:build unix

package adopt_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/internal/faults"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/adopt"
)

// mustPooled returns a spoiled table, a pool that reaches it through a
// pgbouncer, and one that reaches it directly.
func mustPooled(t *testing.T, mode string, conns int32) (pooled, direct *pgxpool.Pool) {
	t.Helper()
	direct = mustPool(t)
	if err := postgres.Migrate(t.Context(), direct, nil); err != nil {
		t.Fatal(err)
	}
	mustExec(t, direct, `DROP INDEX assignments_active_key`)
	mustExec(t, direct, pairSQL)
	pooler, err := faults.StartPoolerIn(t.Context(), mode, direct.Config().ConnString())
	if errors.Is(err, faults.ErrNoPooler) && os.Getenv("CI") == "" {
		t.Skipf("this part is left out: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pooler.Close(); err != nil {
			t.Error(err)
		}
	})
	config, err := pgxpool.ParseConfig(pooler.DSN())
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = conns
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	if pooled, err = pgxpool.NewWithConfig(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pooled.Close)
	return pooled, direct
}

func TestPoolers(t *testing.T) {
	repairing := func() *adopt.Options {
		opts := defaultOptions()
		opts.Repair = &adopt.RepairOptions{}
		return opts
	}
	t.Run("statement_pooling_is_rejected_by_name", func(t *testing.T) {
		pooled, direct := mustPooled(t, "statement", 4)
		_, err := adopt.Repair(t.Context(), pooled, repairing())
		wantInvalid(t, err, "pool")
		_, err = adopt.Guard(t.Context(), pooled, repairing())
		wantInvalid(t, err, "pool")
		want(t, "indexes", indexes(t, direct), "")
	})
	for _, conns := range []int32{1, 4} {
		t.Run("transaction_pooling_is_rejected_by_name_and_nothing_is_started", func(t *testing.T) {
			pooled, direct := mustPooled(t, "transaction", conns)
			_, err := adopt.Repair(t.Context(), pooled, repairing())
			wantInvalid(t, err, "pool")
			_, err = adopt.Guard(t.Context(), pooled, repairing())
			wantInvalid(t, err, "pool")
			if err == nil || !strings.Contains(err.Error(), "transaction pooler") {
				t.Errorf("got %v", err)
			}
			plan, err := adopt.PlanGuard(t.Context(), pooled, repairing())
			if err != nil || len(plan.Steps) > 0 || len(plan.Blocked) != 1 || plan.Blocked[0].Kind != adopt.KindPooler {
				t.Errorf("the plan is %+v, %v", plan, err)
			}
			want(t, "statuses", statuses(t, direct), "1=pending 2=pending")
			want(t, "indexes", indexes(t, direct), "")
		})
	}
	t.Run("transaction_pooling_is_good_enough_for_a_check", func(t *testing.T) {
		pooled, _ := mustPooled(t, "transaction", 4)
		want(t, "duplicates", mustCheck(t, pooled, defaultOptions()).Has(adopt.KindDuplicates), true)
	})
	t.Run("session_pooling_is_as_good_as_a_direct_connection", func(t *testing.T) {
		pooled, direct := mustPooled(t, "session", 4)
		mustRepair(t, pooled, repairing())
		mustGuard(t, pooled, repairing())
		want(t, "indexes", indexes(t, direct), "assignments_active_key")
	})
}
