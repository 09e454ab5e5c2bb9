package databasesql

import (
	"context"
	"database/sql"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// connHandle is a single connection.
type connHandle struct{ querier }

func newConnHandle(conn *sql.Conn) connHandle { return connHandle{onConn(conn)} }

func (h connHandle) Begin(ctx context.Context) (pgdb.Tx, error) {
	t, err := h.conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, mark(err)
	}
	return transaction{querier{db: t}, t}, nil
}

func (connHandle) Joined() bool { return false }

func (connHandle) Pooled() bool { return false }

func (h connHandle) Connection() any { return h.conn }

func (h connHandle) Hold(_ context.Context, fn func(pgdb.Querier) error) error { return fn(h) }

// txHandle is the caller's transaction.
type txHandle struct {
	querier
	tx *sql.Tx
}

func newTxHandle(tx *sql.Tx) txHandle { return txHandle{querier{db: tx}, tx} }

func (h txHandle) Begin(ctx context.Context) (pgdb.Tx, error) {
	if err := h.Exec(ctx, "SAVEPOINT "+savepointName); err != nil {
		return nil, err
	}
	return &savepoint{querier: h.querier}, nil
}

func (txHandle) Joined() bool { return true }

func (txHandle) Pooled() bool { return false }

func (h txHandle) Connection() any { return h.tx }

func (h txHandle) Hold(_ context.Context, fn func(pgdb.Querier) error) error { return fn(h) }
