package databasesql_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func TestTenantsByContext(t *testing.T) {
	pgsuite.Tenants(t, func(t *testing.T, dsn string) assignment.Store {
		t.Helper()
		config, err := pgx.ParseConfig(dsn)
		if err != nil {
			t.Fatal(err)
		}
		// a connection that is opened for a call has the context of that call
		db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(pgsuite.EnterTenant), stdlib.OptionResetSession(pgsuite.EnterTenant))
		t.Cleanup(func() { _ = db.Close() })
		return mustStore(t, db)
	})
}
