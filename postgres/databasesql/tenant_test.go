package databasesql_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/databasesql"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
	"github.com/assignment-go/assignment/postgres/schema"
)

func TestTenantsByContext(t *testing.T) {
	pgsuite.Tenants(t, func(t *testing.T, dsn string, table *schema.Table) assignment.Store {
		t.Helper()
		config, err := pgx.ParseConfig(dsn)
		if err != nil {
			t.Fatal(err)
		}
		// a connection that is opened for a call has the context of that call
		db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(pgsuite.EnterTenant), stdlib.OptionResetSession(pgsuite.EnterTenant))
		t.Cleanup(func() { _ = db.Close() })
		store, err := databasesql.New(t.Context(), db, &databasesql.Options{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		return store
	})
}

func TestTemporaryTableOfTheSameName(t *testing.T) {
	for _, driver := range []string{"pgx", "postgres"} {
		t.Run(driver, func(t *testing.T) {
			pgsuite.Shadowed(t, func(t *testing.T, dsn string) (assignment.Store, func(context.Context, string) error) {
				t.Helper()
				db, err := sql.Open(driver, dsn)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
				db.SetMaxOpenConns(1)
				return mustStore(t, db), func(ctx context.Context, statement string) error {
					_, err := db.ExecContext(ctx, statement)
					return err
				}
			})
		})
	}
}
