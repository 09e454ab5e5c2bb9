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
)

func TestConformancePool(t *testing.T) {
	t.Parallel()
	conformance.Run(t, pgsuite.Harness(t, onPool(pgx.QueryExecModeCacheStatement, storeOnPool)))
}

// Exec mode is what works behind a transaction pooler.
func TestConformancePoolInExecMode(t *testing.T) {
	t.Parallel()
	conformance.Run(t, pgsuite.Brief(pgsuite.Harness(t, onPool(pgx.QueryExecModeExec, storeOnPool))))
}

// Whatever the slots are like, every Create begins with an insert without a lookup
// of the holder.
func TestConformancePoolWithoutLookups(t *testing.T) {
	t.Parallel()
	open := func(ctx context.Context, pool *pgxpool.Pool, opts *postgres.Options) (pgsuite.Handle, error) {
		store, err := postgres.New(ctx, pool, opts)
		return handle(pool, optimistic{store}), err
	}
	conformance.Run(t, pgsuite.Brief(pgsuite.Harness(t, onPool(pgx.QueryExecModeCacheStatement, open))))
}

// Whatever the slots are like, every Create is one that may share its insert.
func TestConformancePoolCoalesced(t *testing.T) {
	t.Parallel()
	open := func(ctx context.Context, pool *pgxpool.Pool, opts *postgres.Options) (pgsuite.Handle, error) {
		coalesced := *opts
		coalesced.Coalesce = true
		store, err := postgres.New(ctx, pool, &coalesced)
		return handle(pool, optimistic{store}), err
	}
	conformance.Run(t, pgsuite.Brief(pgsuite.Harness(t, onPool(pgx.QueryExecModeCacheStatement, open))))
}

// optimistic expects every slot to be free.
type optimistic struct{ *postgres.Store }

func (h optimistic) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	h.BeOptimistic()
	return h.Store.Create(ctx, a)
}

func TestConformanceConn(t *testing.T) {
	t.Parallel()
	conformance.Run(t, pgsuite.Brief(pgsuite.Harness(t, onPool(pgx.QueryExecModeCacheStatement, storeOnConn))))
}

func TestConformanceCallersTransaction(t *testing.T) {
	t.Parallel()
	conformance.Run(t, pgsuite.Harness(t, onPool(pgx.QueryExecModeCacheStatement, storeInTransactions)))
}

// onPool opens a migrated pool and leaves the choice of the handle to open.
func onPool(mode pgx.QueryExecMode, open func(context.Context, *pgxpool.Pool, *postgres.Options) (pgsuite.Handle, error)) pgsuite.Opener {
	return func(ctx context.Context, dsn string, policy assignment.Policy) (pgsuite.Handle, error) {
		config, err := pgxpool.ParseConfig(dsn)
		if err != nil {
			return pgsuite.Handle{}, err
		}
		config.ConnConfig.DefaultQueryExecMode = mode
		config.MaxConns = 8
		pool, err := pgxpool.NewWithConfig(ctx, config)
		if err != nil {
			return pgsuite.Handle{}, err
		}
		opts := &postgres.Options{Policy: policy}
		return open(ctx, pool, opts)
	}
}

func storeOnPool(ctx context.Context, pool *pgxpool.Pool, opts *postgres.Options) (pgsuite.Handle, error) {
	store, err := postgres.New(ctx, pool, opts)
	h := handle(pool, store)
	h.Single = true
	h.Begin = hostOn(pool, store).Begin
	return h, err
}

func storeOnConn(_ context.Context, pool *pgxpool.Pool, opts *postgres.Options) (pgsuite.Handle, error) {
	deferred := *opts
	deferred.DeferVerify = true
	return handle(pool, pgsuite.PerCall{Rules: opts.Policy, Acquire: func(ctx context.Context) (pgsuite.Joinable, func(), error) {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return nil, nil, err
		}
		store, err := postgres.NewConn(ctx, conn.Conn(), &deferred)
		return store, conn.Release, err
	}}), nil
}

func storeInTransactions(ctx context.Context, pool *pgxpool.Pool, opts *postgres.Options) (pgsuite.Handle, error) {
	store, err := postgres.New(ctx, pool, opts)
	return handle(pool, hostOn(pool, store)), err
}

func handle(pool *pgxpool.Pool, store assignment.Store) pgsuite.Handle {
	return pgsuite.Handle{
		Store:       store,
		Connections: func() int { return int(pool.Stat().AcquiredConns()) },
		Idle:        func() int { return int(pool.Stat().IdleConns()) },
		Close:       pool.Close,
	}
}

// hostOn is a host that works in transactions of pgx.
func hostOn(pool *pgxpool.Pool, store *postgres.Store) pgsuite.Host {
	return pgsuite.Host{Joinable: store, Begin: func(ctx context.Context) (pgsuite.Tx, error) {
		tx, err := pool.Begin(ctx)
		if err != nil {
			return pgsuite.Tx{}, err
		}
		return pgsuite.Tx{
			Store: store.WithTx(tx),
			Exec: func(ctx context.Context, statement string) error {
				_, err := tx.Exec(ctx, statement)
				return err
			},
			Commit:   tx.Commit,
			Rollback: tx.Rollback,
		}, nil
	}}
}
