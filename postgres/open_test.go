package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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

// mustStore opens a store on any handle.
func mustStore(tb testing.TB, handle any) *postgres.Store {
	tb.Helper()
	store, err := newStore(tb.Context(), handle, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return store
}

// newStore calls the constructor for the handle.
func newStore(ctx context.Context, handle any, opts *postgres.Options) (*postgres.Store, error) {
	switch handle := handle.(type) {
	case postgres.Pool:
		return postgres.New(ctx, handle, opts)
	case pgx.Tx:
		return postgres.NewTx(ctx, handle, opts)
	case interface{ Conn() *pgx.Conn }:
		return postgres.NewConn(ctx, handle.Conn(), opts)
	default:
		return postgres.NewConn(ctx, handle.(*pgx.Conn), opts)
	}
}

func mustService(tb testing.TB, store assignment.Store) *assignment.Service {
	tb.Helper()
	service, err := assignment.NewService(store, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return service
}

func mustExec(tb testing.TB, db interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}, sql string,
) {
	tb.Helper()
	if _, err := db.Exec(tb.Context(), sql); err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
}
