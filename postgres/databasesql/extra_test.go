package databasesql_test

import (
	"database/sql"
	"testing"

	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres/databasesql"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
	"github.com/assignment-go/assignment/postgres/schema"
)

// TestExtraValues is about values that can't be encoded, with every driver and
// in every mode.
func TestExtraValues(t *testing.T) {
	for name, c := range map[string]struct{ driver, parameter string }{
		"lib/pq":                        {"postgres", ""},
		"lib/pq_with_binary_parameters": {"postgres", "&binary_parameters=yes"},
		"pgx":                           {"pgx", ""},
		"pgx_in_mode_cache_describe":    {"pgx", "&default_query_exec_mode=cache_describe"},
		"pgx_in_mode_describe_exec":     {"pgx", "&default_query_exec_mode=describe_exec"},
		"pgx_in_mode_exec":              {"pgx", "&default_query_exec_mode=exec"},
		"pgx_in_mode_simple_protocol":   {"pgx", "&default_query_exec_mode=simple_protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			pgsuite.ExtraValues(t, func(t *testing.T, table *schema.Table) pgsuite.Host {
				dsn := testdb.Schema(t)
				db, err := sql.Open(c.driver, dsn+c.parameter)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
				if err := databasesql.Migrate(t.Context(), db, nil); err != nil {
					t.Fatal(err)
				}
				if _, err := db.ExecContext(t.Context(), pgsuite.ExtraDDL); err != nil {
					t.Fatal(err)
				}
				store, err := databasesql.New(t.Context(), db, &databasesql.Options{Table: table})
				if err != nil {
					t.Fatal(err)
				}
				return hostOn(db, store)
			})
		})
	}
}
