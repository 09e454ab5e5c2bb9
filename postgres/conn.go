package postgres

import (
	"context"
	"reflect"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// connHandle is a single connection, in which the host may have begun a transaction
// by hand.
type connHandle struct {
	querier
	conn *pgx.Conn
}

func newConnHandle(conn *pgx.Conn) connHandle {
	return connHandle{querier{conn, modeOf(conn)}, conn}
}

func (h connHandle) Begin(ctx context.Context) (pgdb.Tx, error) {
	if h.Joined() {
		return beginSavepoint(ctx, h.querier)
	}
	tx, err := h.conn.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return newTx(tx), nil
}

// Joined asks the connection itself: BEGIN can have come by any way.
func (h connHandle) Joined() bool {
	const idle = 'I'
	return !h.conn.IsClosed() && h.conn.PgConn().TxStatus() != idle
}

func (connHandle) Pooled() bool { return false }

func (h connHandle) Connection() any { return h.conn }

func (h connHandle) Hold(_ context.Context, fn func(pgdb.Querier) error) error { return fn(h) }

// txHandle is the caller's transaction.
type txHandle struct {
	querier
	tx         pgx.Tx
	connection any
}

// newTxHandle takes the connection of the transaction for its identity, since
// the host may have several stores on it, also in nested transactions.
func newTxHandle(tx pgx.Tx) txHandle {
	h := txHandle{querier: querier{db: tx}, tx: tx}
	switch conn := tx.Conn(); {
	case conn != nil:
		h.connection = conn
	case reflect.TypeOf(tx).Comparable():
		h.connection = tx
	default:
		h.connection = new(pgx.Tx) // a type that hides its connection
	}
	return h
}

func (h txHandle) Begin(ctx context.Context) (pgdb.Tx, error) {
	tx, err := h.tx.Begin(ctx)
	if err != nil {
		return nil, mark(err)
	}
	return newTx(tx), nil
}

func (txHandle) Joined() bool { return true }

func (txHandle) Pooled() bool { return false }

func (h txHandle) Connection() any { return h.connection }

func (h txHandle) Hold(_ context.Context, fn func(pgdb.Querier) error) error { return fn(h) }
