package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// tx is a transaction that the store opened, or a savepoint in the caller's.
type tx struct {
	querier
	commit   func(context.Context) error
	rollback func(context.Context) error
}

func newTx(t pgx.Tx) tx {
	return tx{querier: querier{db: t}, commit: t.Commit, rollback: t.Rollback}
}

// savepoint is what the store's savepoints are called on a connection whose
// transaction pgx does not know about. They never nest.
const savepoint = `"assignment_savepoint"`

func beginSavepoint(ctx context.Context, q querier) (pgdb.Tx, error) {
	if err := q.Exec(ctx, "SAVEPOINT "+savepoint); err != nil {
		return nil, err
	}
	return tx{
		querier: q,
		commit:  func(ctx context.Context) error { return q.Exec(ctx, "RELEASE SAVEPOINT "+savepoint) },
		rollback: func(ctx context.Context) error {
			return q.Exec(ctx, "ROLLBACK TO SAVEPOINT "+savepoint+"; RELEASE SAVEPOINT "+savepoint)
		},
	}, nil
}

// Commit implements pgdb.Tx. Its error is left unmarked: when the reply to
// COMMIT is lost, pgx 5.9 to 5.12 call it safe to retry although the server
// has committed.
func (t tx) Commit(ctx context.Context) error { return t.commit(ctx) }

// Rollback implements pgdb.Tx.
func (t tx) Rollback(ctx context.Context) error {
	if err := t.rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
		return err
	}
	return nil
}
