package databasesql_test

import (
	"context"
	"database/sql"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/postgres/databasesql"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func TestConformanceLibPQ(t *testing.T) {
	t.Parallel()
	conformance.Run(t, pgsuite.Harness(t, onDB("postgres", storeOnDB)))
}

func TestConformancePGXStdlib(t *testing.T) {
	t.Parallel()
	conformance.Run(t, pgsuite.Brief(pgsuite.Harness(t, onDB("pgx", storeOnDB))))
}

func TestConformanceSQLX(t *testing.T) {
	t.Parallel()
	conformance.Run(t, pgsuite.Brief(pgsuite.Harness(t, onDB("postgres", storeOnSQLX))))
}

func TestConformanceConn(t *testing.T) {
	t.Parallel()
	conformance.Run(t, pgsuite.Brief(pgsuite.Harness(t, onDB("postgres", storeOnConn))))
}

func TestConformanceCallersTransaction(t *testing.T) {
	t.Parallel()
	conformance.Run(t, pgsuite.Brief(pgsuite.Harness(t, onDB("postgres", storeInTransactions))))
}

// onDB opens a migrated database with the driver and leaves the choice of the
// handle to open.
func onDB(driver string, open func(context.Context, *sql.DB, *databasesql.Options) (pgsuite.Handle, error)) pgsuite.Opener {
	return func(ctx context.Context, dsn string, policy assignment.Policy) (pgsuite.Handle, error) {
		db, err := sql.Open(driver, dsn)
		if err != nil {
			return pgsuite.Handle{}, err
		}
		db.SetMaxOpenConns(8)
		db.SetMaxIdleConns(8)
		opts := &databasesql.Options{Policy: policy}
		return open(ctx, db, opts)
	}
}

func storeOnDB(ctx context.Context, db *sql.DB, opts *databasesql.Options) (pgsuite.Handle, error) {
	store, err := databasesql.New(ctx, db, opts)
	h := handle(db, store)
	h.Single = true
	h.Begin = hostOn(db, store).Begin
	return h, err
}

func storeOnSQLX(ctx context.Context, db *sql.DB, opts *databasesql.Options) (pgsuite.Handle, error) {
	store, err := databasesql.New(ctx, sqlx.NewDb(db, "postgres"), opts)
	h := handle(db, store)
	h.Single = true
	h.Begin = hostOn(db, store).Begin
	return h, err
}

func storeOnConn(_ context.Context, db *sql.DB, opts *databasesql.Options) (pgsuite.Handle, error) {
	deferred := *opts
	deferred.DeferVerify = true
	return handle(db, pgsuite.PerCall{Rules: opts.Policy, Acquire: func(ctx context.Context) (pgsuite.Joinable, func(), error) {
		conn, err := db.Conn(ctx)
		if err != nil {
			return nil, nil, err
		}
		store, err := databasesql.NewConn(ctx, conn, &deferred)
		return store, func() { _ = conn.Close() }, err
	}}), nil
}

func storeInTransactions(ctx context.Context, db *sql.DB, opts *databasesql.Options) (pgsuite.Handle, error) {
	store, err := databasesql.New(ctx, db, opts)
	return handle(db, hostOn(db, store)), err
}

func handle(db *sql.DB, store assignment.Store) pgsuite.Handle {
	return pgsuite.Handle{
		Store:       store,
		Connections: func() int { return db.Stats().InUse },
		Idle:        func() int { return db.Stats().Idle },
		Close:       func() { _ = db.Close() },
	}
}

// hostOn is a host that works in transactions of database/sql. They outlive the
// context of one call: database/sql would otherwise roll back behind its back.
func hostOn(db *sql.DB, store *databasesql.Store) pgsuite.Host {
	return pgsuite.Host{Joinable: store, Begin: func(ctx context.Context) (pgsuite.Tx, error) {
		tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
		if err != nil {
			return pgsuite.Tx{}, err
		}
		return pgsuite.Tx{
			Store: store.WithTx(tx),
			Exec: func(ctx context.Context, statement string) error {
				_, err := tx.ExecContext(ctx, statement)
				return err
			},
			Commit:   func(context.Context) error { return tx.Commit() },
			Rollback: func(context.Context) error { return tx.Rollback() },
		}, nil
	}}
}
