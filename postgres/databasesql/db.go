package databasesql

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"

	"github.com/jmoiron/sqlx"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/engine"
)

// DB is what a store runs on: a *sql.DB, *sql.Conn, *sql.Tx, *sqlx.DB,
// *sqlx.Conn or *sqlx.Tx.
//
// A transaction must be passed as such: one that was opened by hand, with BEGIN
// on a *sql.Conn, can't be seen through database/sql, and a refused call could
// abort it.
type DB interface {
	// ExecContext runs a statement for its effect.
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	// QueryContext runs a statement that returns rows.
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// adapt tells the handles apart by what a lost connection and a transaction
// mean on each.
func adapt(db DB) (engine.DB, error) {
	if v := reflect.ValueOf(db); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, &assignment.InvalidError{Field: "db", Reason: "is nil"}
	}
	switch db := db.(type) {
	case *sql.DB:
		return poolHandle{db: db}, nil
	case *sqlx.DB:
		return poolHandle{db: db.DB}, nil
	case *sql.Conn:
		return connHandle{querier: querier{db}, conn: db}, nil
	case *sqlx.Conn:
		return connHandle{querier: querier{db.Conn}, conn: db.Conn}, nil
	case *sql.Tx:
		return txHandle{querier{db}}, nil
	case *sqlx.Tx:
		return txHandle{querier{db.Tx}}, nil
	default:
		return nil, &assignment.InvalidError{
			Field:  "db",
			Reason: fmt.Sprintf("is a %T, not a DB, Conn or Tx of database/sql or sqlx", db),
		}
	}
}

// poolHandle takes a connection explicitly. On a *sql.DB, database/sql sends a
// statement again by itself when the driver calls the connection bad, which
// lib/pq also does after the reply was lost; on a *sql.Conn it never does.
type poolHandle struct {
	db *sql.DB
	// shared is what the host says: whether a driver's ResetSession puts something
	// of the context into the session can't be seen through database/sql.
	shared bool
}

func (h poolHandle) Rows(ctx context.Context, query string, args ...any) (rows []engine.Row, err error) {
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
		return engine.NotSent(err)
	}
	// once the answer is in, what becomes of the connection is the pool's business
	defer func() { _ = conn.Close() }()
	return fn(querier{conn})
}

func (h poolHandle) Begin(ctx context.Context) (engine.Tx, error) {
	t, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, engine.NotSent(err) // an empty transaction has no effect
	}
	return transaction{querier{t}, t}, nil
}

func (poolHandle) Joined() bool { return false }

func (poolHandle) Pooled() bool { return true }

func (h poolHandle) Unshared() bool { return !h.shared }

func (h poolHandle) Hold(ctx context.Context, fn func(engine.Querier) error) error {
	return h.with(ctx, func(q querier) error { return fn(q) })
}

func (poolHandle) Describe(err error) (engine.ServerError, bool) { return describe(err) }

// connHandle is a single connection.
type connHandle struct {
	querier
	conn *sql.Conn
}

func (h connHandle) Begin(ctx context.Context) (engine.Tx, error) {
	t, err := h.conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, mark(err)
	}
	return transaction{querier{t}, t}, nil
}

func (connHandle) Joined() bool { return false }

func (connHandle) Pooled() bool { return false }

func (connHandle) Unshared() bool { return true }

func (h connHandle) Hold(_ context.Context, fn func(engine.Querier) error) error { return fn(h) }

// txHandle is the caller's transaction.
type txHandle struct{ querier }

func (h txHandle) Begin(ctx context.Context) (engine.Tx, error) {
	if err := h.Exec(ctx, "SAVEPOINT "+savepointName); err != nil {
		return nil, err
	}
	return &savepoint{querier: h.querier}, nil
}

func (txHandle) Joined() bool { return true }

func (txHandle) Pooled() bool { return false }

func (txHandle) Unshared() bool { return true }

func (h txHandle) Hold(_ context.Context, fn func(engine.Querier) error) error { return fn(h) }
