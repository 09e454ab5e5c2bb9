//go:build unix

package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
	"github.com/assignment-go/assignment/postgres/schema"
)

// The modes that docs/postgres.md recommends behind a transaction pooler.
func TestConformancePooled(t *testing.T) {
	t.Parallel()
	pooler := pgsuite.MustPooler(t)
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeExec, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeSimpleProtocol,
	} {
		t.Run(mode.String(), func(t *testing.T) {
			conformance.Run(t, pgsuite.Brief(pgsuite.Harness(t, pooler.Opener(
				func(ctx context.Context, dsn string, table *schema.Table, policy assignment.Policy) (pgsuite.Handle, error) {
					inSchema := func(ctx context.Context, pool *pgxpool.Pool, opts *postgres.Options) (pgsuite.Handle, error) {
						opts.Table = table
						return storeOnPool(ctx, pool, opts)
					}
					return onPool(mode, inSchema)(ctx, dsn, policy)
				}))))
		})
	}
}
