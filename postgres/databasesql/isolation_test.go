package databasesql_test

import (
	"database/sql"
	"testing"

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

func mustStore(tb testing.TB, db databasesql.DB) *databasesql.Store {
	tb.Helper()
	store, err := databasesql.New(tb.Context(), db, nil)
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
