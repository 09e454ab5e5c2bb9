//go:build unix

package databasesql_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/postgres/databasesql"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
	"github.com/assignment-go/assignment/postgres/schema"
)

// The drivers and modes that docs/postgres.md recommends behind a transaction
// pooler.
func TestConformancePooled(t *testing.T) {
	t.Parallel()
	pooler := pgsuite.MustPooler(t)
	for _, c := range []struct{ name, driver, parameter string }{
		{"lib/pq", "postgres", ""},
		{"lib/pq with binary_parameters", "postgres", "&binary_parameters=yes"},
		{"pgx in exec mode", "pgx", "&default_query_exec_mode=exec"},
		{"pgx in simple_protocol mode", "pgx", "&default_query_exec_mode=simple_protocol"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conformance.Run(t, pgsuite.Brief(pgsuite.Harness(t, pooler.Opener(
				func(ctx context.Context, dsn string, table *schema.Table, policy assignment.Policy) (pgsuite.Handle, error) {
					inSchema := func(ctx context.Context, db *sql.DB, opts *databasesql.Options) (pgsuite.Handle, error) {
						opts.Table = table
						return storeOnDB(ctx, db, opts)
					}
					return onDB(c.driver, inSchema)(ctx, dsn+c.parameter, policy)
				}))))
		})
	}
}
