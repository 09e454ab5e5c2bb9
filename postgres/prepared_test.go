package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
)

// TestPreparedElsewhere has a session that lacks what the driver prepared, or has
// what another client prepared, as sessions behind a transaction pooler do.
func TestPreparedElsewhere(t *testing.T) {
	t.Parallel()
	mustOpen := func(t *testing.T) (*pgx.Conn, *assignment.Service) {
		conn, err := pgx.ConnectConfig(t.Context(), mustMigrate(t).Config().ConnConfig)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		return conn, mustService(t, mustStore(t, conn))
	}
	want := func(t *testing.T, err error) {
		t.Helper()
		if !errors.Is(err, assignment.ErrUnavailable) || !strings.Contains(err.Error(), "transaction pooler") {
			t.Errorf("got %v, want ErrUnavailable that names the transaction pooler", err)
		}
	}
	t.Run("a_call_says_what_is_behind_26000", func(t *testing.T) {
		conn, service := mustOpen(t)
		if _, err := service.Create(t.Context(), paramsFor("ana")); err != nil {
			t.Fatal(err)
		}
		if err := conn.PgConn().Exec(t.Context(), "DEALLOCATE ALL").Close(); err != nil {
			t.Fatal(err)
		}
		_, err := service.Create(t.Context(), paramsFor("bob"))
		want(t, err)
	})
	t.Run("New_says_what_is_behind_42P05", func(t *testing.T) {
		first, _ := mustOpen(t)
		rows, _ := first.Query(t.Context(), `SELECT name FROM pg_prepared_statements`, pgx.QueryExecModeSimpleProtocol)
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(names) == 0 {
			t.Fatalf("New has prepared %v, %v", names, err)
		}
		second, err := pgx.ConnectConfig(t.Context(), first.Config())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = second.Close(context.Background()) })
		for _, name := range names {
			if err := second.PgConn().Exec(t.Context(), "PREPARE "+name+" AS SELECT 1").Close(); err != nil {
				t.Fatal(err)
			}
		}
		_, err = postgres.NewConn(t.Context(), second, nil)
		want(t, err)
	})
}
