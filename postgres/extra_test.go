package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
	"github.com/assignment-go/assignment/postgres/schema"
)

// TestExtraValues is about values that can't be encoded, in every mode of pgx.
func TestExtraValues(t *testing.T) {
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
	} {
		t.Run(mode.String(), func(t *testing.T) {
			pgsuite.ExtraValues(t, func(t *testing.T, table *schema.Table) pgsuite.Host {
				config := mustMigrate(t).Config()
				config.ConnConfig.DefaultQueryExecMode = mode
				pool, err := pgxpool.NewWithConfig(t.Context(), config)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(pool.Close)
				if _, err := pool.Exec(t.Context(), pgsuite.ExtraDDL); err != nil {
					t.Fatal(err)
				}
				store, err := postgres.New(t.Context(), pool, &postgres.Options{Table: table})
				if err != nil {
					t.Fatal(err)
				}
				return hostOn(pool, store)
			})
		})
	}
}
