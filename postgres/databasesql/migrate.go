package databasesql

import (
	"context"
	"database/sql"

	"github.com/assignment-go/assignment/postgres/internal/engine"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// Beginner is what [Migrate] runs on: a *sql.DB, *sql.Conn, *sqlx.DB, *sqlx.Conn, or
// any type that begins transactions like them.
type Beginner interface {
	// BeginTx begins a transaction.
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}

// Migrate brings the default table up to date: it applies the embedded
// migrations that the database does not have yet, in one transaction under an
// advisory lock, so that any number of processes may call it at their start. It
// renders the guard from the policy of opts; a guard that exists is left alone, and
// is [assignment.ErrUnguarded] if it does not fit. On a schema that is up to date a
// role needs no more rights than a store does, and SELECT on assignment_migrations.
//
// A table that exists already is not migrated: package postgres/adopt and the
// command assignment build its guard while it is in use. To run the migrations with
// another tool, take them from [schema.Files].
//
// Errors: [assignment.ErrInvalid], also for a table of that name that Migrate
// did not make; [assignment.ErrUnguarded]; [assignment.ErrUnavailable];
// [assignment.ErrContended]; the context's; [assignment.ErrUnknownOutcome] when the
// reply to COMMIT was lost: then call Migrate again.
func Migrate(ctx context.Context, db Beginner, opts *Options) error {
	if err := pgdb.CheckHandle("db", db); err != nil {
		return err
	}
	return engine.Migrate(ctx, newBeginnerHandle(db), (*engine.Options)(opts))
}

// beginnerHandle is a handle of which nothing is known but that it begins
// transactions. A single statement runs in one of its own, which changes nothing.
type beginnerHandle struct {
	pgdb.Pool
	db Beginner
}

func newBeginnerHandle(db Beginner) beginnerHandle {
	return beginnerHandle{db: db, Pool: pgdb.Pool{Acquire: func(ctx context.Context) (pgdb.PooledConn, error) {
		tx, err := begin(ctx, db)
		if err != nil {
			return nil, err
		}
		return rolledBackTx{tx}, nil
	}}}
}

func (h beginnerHandle) Begin(ctx context.Context) (pgdb.Tx, error) { return begin(ctx, h.db) }

func (beginnerHandle) Describe(err error) (pgdb.ServerError, bool) { return describe(err) }

type rolledBackTx struct{ transaction }

func (t rolledBackTx) Release() { _ = t.tx.Rollback() }
