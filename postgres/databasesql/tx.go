package databasesql

import (
	"context"
	"database/sql"
	"errors"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// savepointName is what the store's savepoints are called. They never nest.
const savepointName = `"assignment_savepoint"`

var (
	_ pgdb.Tx = transaction{}
	_ pgdb.Tx = (*savepoint)(nil)
)

// transaction is one that the store opened.
type transaction struct {
	querier
	tx *sql.Tx
}

func begin(ctx context.Context, db Beginner) (transaction, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return transaction{}, pgdb.NotSent(err) // an empty transaction has no effect
	}
	return transaction{querier{db: tx}, tx}, nil
}

func (t transaction) Commit(context.Context) error { return t.tx.Commit() }

func (t transaction) Rollback(context.Context) error {
	if err := t.tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

// savepoint protects the caller's transaction from a statement that fails.
type savepoint struct {
	querier
	done bool
}

func (s *savepoint) Commit(ctx context.Context) error {
	s.done = true
	return s.Exec(ctx, "RELEASE SAVEPOINT "+savepointName)
}

func (s *savepoint) Rollback(ctx context.Context) error {
	if s.done {
		return nil
	}
	s.done = true
	return s.Exec(ctx, "ROLLBACK TO SAVEPOINT "+savepointName+"; RELEASE SAVEPOINT "+savepointName)
}
