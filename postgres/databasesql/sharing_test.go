package databasesql_test

import (
	"testing"

	"github.com/assignment-go/assignment/postgres/databasesql"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func TestSharing(t *testing.T) {
	open := func(t *testing.T, driver string, shared bool) pgsuite.Host {
		t.Helper()
		db := mustMigrate(t, driver)
		db.SetMaxOpenConns(32)
		db.SetMaxIdleConns(32)
		store, err := databasesql.New(t.Context(), db, &databasesql.Options{SharedStatements: shared})
		if err != nil {
			t.Fatal(err)
		}
		return hostOn(db, store)
	}
	for _, driver := range []string{"postgres", "pgx"} {
		t.Run(driver, func(t *testing.T) {
			pgsuite.Sharing(t, func(t *testing.T) pgsuite.Host {
				t.Helper()
				return open(t, driver, true)
			})
			t.Run("not_by_default", func(t *testing.T) { pgsuite.NotSharing(t, open(t, driver, false)) })
		})
	}
}
