package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
)

// mustPool returns a pool on a fresh schema without any table.
func mustPool(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	return mustPoolOn(tb, testdb.Schema(tb))
}

func mustPoolOn(tb testing.TB, dsn string) *pgxpool.Pool {
	tb.Helper()
	pool, err := pgxpool.New(tb.Context(), dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	return pool
}

// mustMigrate returns a pool on a fresh schema with the default table.
func mustMigrate(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	pool := mustPool(tb)
	if err := postgres.Migrate(tb.Context(), pool, nil); err != nil {
		tb.Fatal(err)
	}
	return pool
}

func mustStore(tb testing.TB, db postgres.DB) *postgres.Store {
	tb.Helper()
	store, err := postgres.New(tb.Context(), db, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return store
}

func mustService(tb testing.TB, store assignment.Store) *assignment.Service {
	tb.Helper()
	service, err := assignment.NewService(store, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return service
}

func mustExec(tb testing.TB, db postgres.DB, sql string) {
	tb.Helper()
	if _, err := db.Exec(tb.Context(), sql); err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
}
