package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

// TestBackends is about what one rule of the suite leaves to the next.
func TestBackends(t *testing.T) {
	server, policy := testdb.DSN(t), assignment.Policy{}
	key := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}
	mustOpen := func(t *testing.T, h conformance.Harness, policy assignment.Policy) conformance.Backend {
		t.Helper()
		b, err := h.Open(t.Context(), policy)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	mustClose := func(t *testing.T, b conformance.Backend) {
		t.Helper()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	create := func(t *testing.T, s assignment.Store) {
		t.Helper()
		service, err := assignment.NewService(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := service.Create(t.Context(), assignment.CreateParams{Key: key}); err != nil {
			t.Fatal(err)
		}
	}

	t.Run("a_place_with_rows_is_emptied_and_used_again", func(t *testing.T) {
		h := pgsuite.Harness(t, onPool(pgx.QueryExecModeCacheStatement, storeOnPool))
		first := mustOpen(t, h, policy)
		create(t, first.Store)
		mustClose(t, first)
		second := mustOpen(t, h, policy)
		if second.Store != first.Store {
			t.Error("the place is another one")
		}
		if n, err := second.Store.Count(t.Context(), assignment.Query{}); err != nil || n != 0 {
			t.Errorf("%d rows, %v, want none", n, err)
		}
		mustClose(t, second)
	})
	t.Run("a_place_is_of_one_policy", func(t *testing.T) {
		h := pgsuite.Harness(t, onPool(pgx.QueryExecModeCacheStatement, storeOnPool))
		mustClose(t, mustOpen(t, h, policy))
		b := mustOpen(t, h, assignment.Policy{Lifecycle: assignment.CompletedOnlyLifecycle()})
		create(t, b.Store)
		mustClose(t, b)
	})
	t.Run("a_place_with_a_trigger_is_not_used_again", func(t *testing.T) {
		h := pgsuite.Harness(t, onPool(pgx.QueryExecModeCacheStatement, storeOnPool))
		first := mustOpen(t, h, policy)
		if err := first.Reject(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		mustClose(t, first)
		second := mustOpen(t, h, policy)
		create(t, second.Store)
		mustClose(t, second)
	})
	t.Run("a_write_that_its_caller_has_given_up_does_not_reach_the_next_rule", func(t *testing.T) {
		h, dsn := spied(t)
		first := mustOpen(t, h, policy)
		late, err := pgx.Connect(t.Context(), *dsn)
		if err != nil {
			t.Fatal(err)
		}
		mustClose(t, first) // while a session that is nobody's is still there
		if _, err := late.Exec(t.Context(), "INSERT INTO assignments DEFAULT VALUES"); err == nil {
			t.Error("the table is still there")
		}
		second := mustOpen(t, h, policy)
		if second.Store == first.Store {
			t.Error("the place is the same")
		}
		mustClose(t, second)
		if err := late.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("a_transaction_that_was_left_open_fails_the_rule", func(t *testing.T) {
		t.Setenv(testdb.EnvDatabaseURL, testdb.With(server, "lock_timeout", "100ms"))
		h, dsn := spied(t)
		b := mustOpen(t, h, policy)
		leak, err := pgx.Connect(t.Context(), testdb.With(*dsn, "application_name", "unseen"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := leak.Exec(t.Context(), "BEGIN; SELECT FROM assignments"); err != nil {
			t.Fatal(err)
		}
		if b.Close() == nil {
			t.Error("the leak was not seen")
		}
		if err := leak.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := testdb.NewAdmin(server).Drop(schemaOf(t, *dsn)); err != nil {
			t.Error(err)
		}
	})
}

// spied tells the DSN of the place that was opened last.
func spied(t *testing.T) (h conformance.Harness, dsn *string) {
	t.Helper()
	dsn = new(string)
	open := onPool(pgx.QueryExecModeCacheStatement, storeOnPool)
	return pgsuite.Harness(t, func(ctx context.Context, d string, policy assignment.Policy) (pgsuite.Handle, error) {
		*dsn = d
		return open(ctx, d, policy)
	}), dsn
}

func schemaOf(t *testing.T, dsn string) string {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return config.RuntimeParams["search_path"]
}
