package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/postgres/internal/engine"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// Beginner is what [Migrate] runs on: a *pgxpool.Pool, *pgxpool.Conn, *pgx.Conn,
// pgx.Tx, or any type that begins transactions like them.
type Beginner interface {
	// Begin begins a transaction, or a savepoint in one.
	Begin(ctx context.Context) (pgx.Tx, error)
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
	return engine.Migrate(ctx, beginnerHandle(db), (*engine.Options)(opts))
}

// beginnerHandle treats the handles of pgx as a store does.
func beginnerHandle(db Beginner) pgdb.DB {
	switch db := db.(type) {
	case Pool:
		return newPoolHandle(db)
	case pgx.Tx:
		return newTxHandle(db)
	case *pgx.Conn:
		return newConnHandle(db)
	case interface{ Conn() *pgx.Conn }:
		return newConnHandle(db.Conn())
	default:
		return newBeginnerOnly(db)
	}
}

// beginnerOnly is a handle of which nothing is known but that it begins
// transactions. A single statement runs in one of its own, which changes nothing.
type beginnerOnly struct {
	pgdb.Pool
	db Beginner
}

func newBeginnerOnly(db Beginner) beginnerOnly {
	return beginnerOnly{db: db, Pool: pgdb.Pool{Acquire: func(ctx context.Context) (pgdb.PooledConn, error) {
		tx, err := db.Begin(ctx)
		if err != nil {
			return nil, err
		}
		return rolledBackTx{newTx(tx), context.WithoutCancel(ctx)}, nil
	}}}
}

func (h beginnerOnly) Begin(ctx context.Context) (pgdb.Tx, error) {
	tx, err := h.db.Begin(ctx)
	if err != nil {
		return nil, pgdb.NotSent(err) // an empty transaction has no effect
	}
	return newTx(tx), nil
}

func (beginnerOnly) Describe(err error) (pgdb.ServerError, bool) { return describe(err) }

type rolledBackTx struct {
	tx
	ctx context.Context //nolint:containedctx // of the one statement that it is for
}

func (t rolledBackTx) Release() { _ = t.Rollback(t.ctx) }
