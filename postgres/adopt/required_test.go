package adopt_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
)

// TestOptionsAreRequiredWhenNeeded has no status to retire to and no column that
// orders rows in time: a table without duplicates needs neither.
func TestOptionsAreRequiredWhenNeeded(t *testing.T) {
	undecided := func() *adopt.Options {
		lifecycle, err := assignment.NewLifecycle(assignment.LifecycleConfig{
			Initial: "pending", Terminal: []assignment.Status{"done", "lost"},
			Transitions: map[assignment.Status][]assignment.Status{"pending": {"in_progress", "done", "lost"}, "in_progress": {"done", "lost"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		opts := prismaOptions()
		opts.Policy.Lifecycle = lifecycle
		opts.Repair = &adopt.RepairOptions{}
		opts.Table.Columns.CreatedAt = ""
		return opts
	}
	fill := func(t *testing.T, rows ...string) *pgxpool.Pool {
		pool := mustPrisma(t)
		for i, status := range rows {
			mustRow(t, pool, fmt.Sprint("a", i), "ana", status, i)
		}
		return pool
	}
	calls := map[string]func(*testing.T, *pgxpool.Pool, *adopt.Options) error{
		"check": func(t *testing.T, pool *pgxpool.Pool, opts *adopt.Options) error {
			_, err := adopt.Check(t.Context(), pool, opts)
			return err
		},
		"plan": func(t *testing.T, pool *pgxpool.Pool, opts *adopt.Options) error {
			_, err := adopt.Plan(t.Context(), pool, opts)
			return err
		},
		"repair": func(t *testing.T, pool *pgxpool.Pool, opts *adopt.Options) error {
			_, err := adopt.Repair(t.Context(), pool, opts)
			return err
		},
		"plan_guard": func(t *testing.T, pool *pgxpool.Pool, opts *adopt.Options) error {
			_, err := adopt.PlanGuard(t.Context(), pool, opts)
			return err
		},
		"guard": func(t *testing.T, pool *pgxpool.Pool, opts *adopt.Options) error {
			_, err := adopt.Guard(t.Context(), pool, opts)
			return err
		},
	}
	for name, call := range calls {
		t.Run(name+"_of_a_table_without_duplicates_requires_nothing", func(t *testing.T) {
			if err := call(t, fill(t, "pending", "done", "lost"), undecided()); err != nil {
				t.Error(err)
			}
		})
		if name == "check" {
			continue // it repairs nothing
		}
		t.Run(name+"_of_duplicates_requires_a_status_to_retire_them_to", func(t *testing.T) {
			pool := fill(t, "pending", "pending")
			err := call(t, pool, undecided())
			wantInvalid(t, err, "Repair.RetireTo")
			want(t, "statuses", statuses(t, pool), "a0=pending a1=pending")
			want(t, "audit table", text(t, pool, `SELECT to_regclass('assignment_repairs')::text`), "")
		})
		t.Run(name+"_of_duplicates_requires_a_policy_that_works", func(t *testing.T) {
			opts := undecided()
			opts.Repair.RetireTo = "lost"
			wantInvalid(t, call(t, fill(t, "pending", "pending"), opts), "Repair.Policy")
		})
	}
}
