package faults

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "github.com/lib/pq"              // the driver "postgres"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/databasesql"
)

// poolSize is how many connections each caller has: one that breaks, and one to
// continue on.
const poolSize = 2

// Driver is a way to reach PostgreSQL.
type Driver struct {
	// Name is its name in the table.
	Name string
	open func(ctx context.Context, dsn string) (*handle, error)
}

// handle is a caller's pool.
type handle struct {
	store assignment.Store
	// inTx runs fn in a transaction of the host, and commits unless fn fails.
	inTx  transaction
	close func()
}

// commitError is a failed COMMIT, whose outcome the host does not know.
type commitError struct{ err error }

func (e *commitError) Error() string { return "commit: " + e.err.Error() }

func (e *commitError) Unwrap() error { return e.err }

// beginError is a transaction that could not begin.
type beginError struct{ err error }

func (e *beginError) Error() string { return "begin: " + e.err.Error() }

func (e *beginError) Unwrap() error { return e.err }

// Drivers returns all drivers.
func Drivers() []Driver {
	return []Driver{
		PgxDefault(),
		PgxExec(),
		{Name: "pgx/stdlib", open: databaseSQL("pgx")},
		{Name: "lib/pq", open: databaseSQL("postgres")},
	}
}

// PgxDefault prepares statements and caches them.
func PgxDefault() Driver {
	return Driver{Name: "pgx", open: pgxIn(pgx.QueryExecModeCacheStatement)}
}

// PgxExec is pgx in exec mode, which a pooler in transaction mode needs.
func PgxExec() Driver {
	return Driver{Name: "pgx exec", open: pgxIn(pgx.QueryExecModeExec)}
}

func pgxIn(mode pgx.QueryExecMode) func(context.Context, string) (*handle, error) {
	return func(ctx context.Context, dsn string) (*handle, error) {
		config, err := pgxpool.ParseConfig(dsn)
		if err != nil {
			return nil, err
		}
		config.MaxConns = poolSize
		config.ConnConfig.DefaultQueryExecMode = mode
		pool, err := pgxpool.NewWithConfig(ctx, config)
		if err != nil {
			return nil, err
		}
		store, err := postgres.New(ctx, pool, &postgres.Options{DeferVerify: true})
		if err != nil {
			pool.Close()
			return nil, err
		}
		return &handle{store: store, inTx: pgxTx(pool, store), close: pool.Close}, nil
	}
}

type transaction = func(context.Context, sql.IsolationLevel, func(assignment.Store) error) error

func pgxTx(pool *pgxpool.Pool, store *postgres.Store) transaction {
	levels := map[sql.IsolationLevel]pgx.TxIsoLevel{
		sql.LevelReadUncommitted: pgx.ReadUncommitted, sql.LevelReadCommitted: pgx.ReadCommitted,
		sql.LevelRepeatableRead: pgx.RepeatableRead, sql.LevelSerializable: pgx.Serializable,
	}
	return func(ctx context.Context, level sql.IsolationLevel, fn func(assignment.Store) error) error {
		tx, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: levels[level]})
		if err != nil {
			return &beginError{err}
		}
		if err := fn(store.WithTx(tx)); err != nil {
			return abandon(err, func() error { return rollback(ctx, tx) })
		}
		if err := tx.Commit(ctx); err != nil {
			return &commitError{err}
		}
		return nil
	}
}

// rollback also works with a context that has ended.
func rollback(ctx context.Context, tx pgx.Tx) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return tx.Rollback(ctx)
}

func databaseSQL(name string) func(context.Context, string) (*handle, error) {
	return func(ctx context.Context, dsn string) (*handle, error) {
		db, err := sql.Open(name, dsn)
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(poolSize)
		db.SetMaxIdleConns(poolSize)
		store, err := databasesql.New(ctx, db, &databasesql.Options{DeferVerify: true})
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		closeDB := func() { _ = db.Close() } // its connections are broken on purpose
		return &handle{store: store, inTx: sqlTx(db, store), close: closeDB}, nil
	}
}

func sqlTx(db *sql.DB, store *databasesql.Store) transaction {
	return func(ctx context.Context, level sql.IsolationLevel, fn func(assignment.Store) error) error {
		tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: level})
		if err != nil {
			return &beginError{err}
		}
		if err := fn(store.WithTx(tx)); err != nil {
			return abandon(err, tx.Rollback)
		}
		if err := tx.Commit(); err != nil {
			return &commitError{err}
		}
		return nil
	}
}

// abandon rolls back. If that fails, the connection is gone, and the transaction
// with it.
func abandon(cause error, undo func() error) error {
	_ = undo()
	return fmt.Errorf("rolled back: %w", cause)
}
