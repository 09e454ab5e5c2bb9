package postgres

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// poolHandle acquires explicitly, since a failure to acquire is certain to
// have sent nothing.
type poolHandle struct{ pool *pgxpool.Pool }

func (h poolHandle) Rows(ctx context.Context, sql string, args ...any) (rows []pgdb.Row, err error) {
	err = h.with(ctx, func(q querier) error {
		rows, err = q.Rows(ctx, sql, args...)
		return err
	})
	return rows, err
}

func (h poolHandle) Text(ctx context.Context, sql string, args ...any) (text string, err error) {
	err = h.with(ctx, func(q querier) error {
		text, err = q.Text(ctx, sql, args...)
		return err
	})
	return text, err
}

func (h poolHandle) Insert(ctx context.Context, sql string, args ...any) (inserted bool, err error) {
	conn, err := h.pool.Acquire(ctx)
	if err != nil {
		return false, pgdb.NotSent(err)
	}
	defer conn.Release()
	return newQuerier(conn).Insert(ctx, sql, args...)
}

func (h poolHandle) Exec(ctx context.Context, sql string, args ...any) error {
	return h.with(ctx, func(q querier) error { return q.Exec(ctx, sql, args...) })
}

// with runs fn on a connection of the pool.
func (h poolHandle) with(ctx context.Context, fn func(querier) error) error {
	conn, err := h.pool.Acquire(ctx)
	if err != nil {
		return pgdb.NotSent(err)
	}
	defer conn.Release()
	return fn(newQuerier(conn))
}

func (h poolHandle) Begin(ctx context.Context) (pgdb.Tx, error) {
	tx, err := h.pool.Begin(ctx)
	if err != nil {
		return nil, pgdb.NotSent(err) // an empty transaction has no effect
	}
	return newTx(tx), nil
}

func (poolHandle) Joined() bool { return false }

func (poolHandle) Pooled() bool { return true }

func (poolHandle) Connection() any { return nil }

func (h poolHandle) Hold(ctx context.Context, fn func(pgdb.Querier) error) error {
	return h.with(ctx, func(q querier) error { return fn(q) })
}

func (poolHandle) Describe(err error) (pgdb.ServerError, bool) { return describe(err) }

// newQuerier runs statements on a connection of a pool.
func newQuerier(conn *pgxpool.Conn) querier { return querier{conn, keptExchange(conn.Conn())} }
