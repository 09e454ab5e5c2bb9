package databasesql

import (
	"context"
	"database/sql"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// poolHandle takes a connection explicitly. On a *sql.DB, database/sql sends a
// statement again by itself when the driver calls the connection bad, which
// lib/pq also does after the reply was lost; on a *sql.Conn it never does.
type poolHandle struct{ db *sql.DB }

func (h poolHandle) Rows(ctx context.Context, query string, args ...any) (rows []pgdb.Row, err error) {
	err = h.with(ctx, func(q querier) error {
		rows, err = q.Rows(ctx, query, args...)
		return err
	})
	return rows, err
}

func (h poolHandle) Text(ctx context.Context, query string, args ...any) (text string, err error) {
	err = h.with(ctx, func(q querier) error {
		text, err = q.Text(ctx, query, args...)
		return err
	})
	return text, err
}

func (h poolHandle) Insert(ctx context.Context, query string, args ...any) (inserted bool, err error) {
	err = h.with(ctx, func(q querier) error {
		inserted, err = q.Insert(ctx, query, args...)
		return err
	})
	return inserted, err
}

func (h poolHandle) Exec(ctx context.Context, query string, args ...any) error {
	return h.with(ctx, func(q querier) error { return q.Exec(ctx, query, args...) })
}

func (h poolHandle) with(ctx context.Context, fn func(querier) error) error {
	conn, err := h.db.Conn(ctx)
	if err != nil {
		return pgdb.NotSent(err)
	}
	// once the answer is in, what becomes of the connection is the pool's business
	defer func() { _ = conn.Close() }()
	return fn(onConn(conn))
}

func (h poolHandle) Begin(ctx context.Context) (pgdb.Tx, error) {
	t, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, pgdb.NotSent(err) // an empty transaction has no effect
	}
	return transaction{querier{db: t}, t}, nil
}

func (poolHandle) Joined() bool { return false }

func (poolHandle) Pooled() bool { return true }

func (poolHandle) Connection() any { return nil }

func (h poolHandle) Hold(ctx context.Context, fn func(pgdb.Querier) error) error {
	return h.with(ctx, func(q querier) error { return fn(q) })
}

func (poolHandle) Describe(err error) (pgdb.ServerError, bool) { return describe(err) }
