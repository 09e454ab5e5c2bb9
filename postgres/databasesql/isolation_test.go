package databasesql_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres/databasesql"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func TestIsolation(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"postgres", "pgx"} {
		t.Run(driver, func(t *testing.T) {
			pgsuite.Isolation(t, func(t *testing.T) pgsuite.Host {
				db := mustMigrate(t, driver)
				return hostOn(db, mustStore(t, db))
			})
		})
	}
}

// mustMigrate opens a fresh schema with the default table.
func mustMigrate(tb testing.TB, driver string) *sql.DB {
	tb.Helper()
	db, err := sql.Open(driver, testdb.Schema(tb))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	if err := databasesql.Migrate(tb.Context(), db, nil); err != nil {
		tb.Fatal(err)
	}
	return db
}

// mustStore opens a store on any handle.
func mustStore(tb testing.TB, handle any) *databasesql.Store {
	tb.Helper()
	store, err := newStore(tb.Context(), handle, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return store
}

// newStore calls the constructor for the handle.
func newStore(ctx context.Context, handle any, opts *databasesql.Options) (*databasesql.Store, error) {
	switch handle := handle.(type) {
	case *sql.Conn:
		return databasesql.NewConn(ctx, handle, opts)
	case *sqlx.Conn:
		return databasesql.NewConn(ctx, handle.Conn, opts)
	case *sql.Tx:
		return databasesql.NewTx(ctx, handle, opts)
	case *sqlx.Tx:
		return databasesql.NewTx(ctx, handle.Tx, opts)
	default:
		return databasesql.New(ctx, handle.(databasesql.Pool), opts)
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
