package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
	"github.com/assignment-go/assignment/postgres/schema"
)

func TestConformanceMapped(t *testing.T) {
	t.Parallel()
	for _, m := range []pgsuite.Mapping{
		pgsuite.CheckThenCreate(), pgsuite.UUIDs(), pgsuite.Identity(),
		pgsuite.Enum(), pgsuite.Partitioned(), pgsuite.OtherTypes(),
	} {
		t.Run(m.Name, func(t *testing.T) {
			conformance.Run(t, pgsuite.Mapped(t, m, onMappedPool))
		})
	}
}

func onMappedPool(ctx context.Context, dsn string, policy assignment.Policy, table schema.Table) (pgsuite.Handle, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return pgsuite.Handle{}, err
	}
	config.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return pgsuite.Handle{}, err
	}
	store, err := postgres.New(ctx, pool, &postgres.Options{Policy: policy, Table: &table})
	if err != nil {
		pool.Close()
	}
	return handle(pool, store), err
}
