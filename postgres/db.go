package postgres

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/engine"
)

// DB is what a store runs on: a *pgxpool.Pool, *pgxpool.Conn, *pgx.Conn or
// pgx.Tx.
type DB interface {
	// Begin starts a transaction, or a savepoint on a pgx.Tx.
	Begin(ctx context.Context) (pgx.Tx, error)
	// Exec runs a statement for its effect.
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	// Query runs a statement that returns rows.
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// adapt tells the handles apart by what a lost connection and a transaction
// mean on each.
func adapt(db DB) (engine.DB, error) {
	if v := reflect.ValueOf(db); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, &assignment.InvalidError{Field: "db", Reason: "is nil"}
	}
	switch db := db.(type) {
	case *pgxpool.Pool:
		return newPoolHandle(db), nil
	case *pgxpool.Conn:
		return connHandle{querier{db}, db.Conn()}, nil
	case *pgx.Conn:
		return connHandle{querier{db}, db}, nil
	case pgx.Tx:
		return txHandle{querier{db}}, nil
	default:
		return nil, &assignment.InvalidError{
			Field:  "db",
			Reason: fmt.Sprintf("is a %T, not a *pgxpool.Pool, *pgxpool.Conn, *pgx.Conn or pgx.Tx", db),
		}
	}
}

// poolHandle acquires explicitly, since a failure to acquire is certain to
// have sent nothing.
type poolHandle struct {
	pool     *pgxpool.Pool
	unshared bool
}

// newPoolHandle lets no calls share statements where a hook may put something of
// the context into the session.
func newPoolHandle(pool *pgxpool.Pool) poolHandle {
	config := pool.Config()
	hooked := config.PrepareConn != nil || config.BeforeAcquire != nil //nolint:staticcheck // deprecated, and in use
	return poolHandle{pool, hooked}
}

func (h poolHandle) Rows(ctx context.Context, sql string, args ...any) (rows []engine.Row, err error) {
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
		return false, engine.NotSent(err)
	}
	defer conn.Release()
	return querier{conn}.Insert(ctx, sql, args...)
}

func (h poolHandle) Exec(ctx context.Context, sql string, args ...any) error {
	return h.with(ctx, func(q querier) error { return q.Exec(ctx, sql, args...) })
}

func (h poolHandle) with(ctx context.Context, fn func(querier) error) error {
	conn, err := h.pool.Acquire(ctx)
	if err != nil {
		return engine.NotSent(err)
	}
	defer conn.Release()
	return fn(querier{conn})
}

func (h poolHandle) Begin(ctx context.Context) (engine.Tx, error) {
	tx, err := h.pool.Begin(ctx)
	if err != nil {
		return nil, engine.NotSent(err) // an empty transaction has no effect
	}
	return newTx(tx), nil
}

func (poolHandle) Joined() bool { return false }

func (poolHandle) Pooled() bool { return true }

func (h poolHandle) Unshared() bool { return h.unshared }

func (h poolHandle) Hold(ctx context.Context, fn func(engine.Querier) error) error {
	return h.with(ctx, func(q querier) error { return fn(q) })
}

func (poolHandle) Describe(err error) (engine.ServerError, bool) { return describe(err) }

// connHandle is a single connection, in which the host may have opened a
// transaction by hand.
type connHandle struct {
	querier
	conn *pgx.Conn
}

func (h connHandle) Begin(ctx context.Context) (engine.Tx, error) {
	if !h.Joined() {
		return begin(ctx, h.db)
	}
	return beginSavepoint(ctx, h.querier)
}

// Joined asks the connection itself: BEGIN can have come by any way.
func (h connHandle) Joined() bool {
	const idle = 'I'
	return !h.conn.IsClosed() && h.conn.PgConn().TxStatus() != idle
}

func (connHandle) Pooled() bool { return false }

func (connHandle) Unshared() bool { return true }

func (h connHandle) Hold(_ context.Context, fn func(engine.Querier) error) error { return fn(h) }

// txHandle is the caller's transaction.
type txHandle struct{ querier }

func (h txHandle) Begin(ctx context.Context) (engine.Tx, error) {
	t, err := begin(ctx, h.db)
	return t, mark(err)
}

func (txHandle) Joined() bool { return true }

func (txHandle) Pooled() bool { return false }

func (txHandle) Unshared() bool { return true }

func (h txHandle) Hold(_ context.Context, fn func(engine.Querier) error) error { return fn(h) }

// querier runs statements on whatever pgx calls a connection.
type querier struct{ db DB }

func (q querier) Rows(ctx context.Context, sql string, args ...any) ([]engine.Row, error) {
	rows, err := q.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, mark(err)
	}
	defer rows.Close()
	var found []engine.Row
	var s *scanner
	for rows.Next() {
		if s == nil {
			s = newScanner()
		}
		row, err := s.scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return found, mark(rows.Err())
}

func (q querier) Text(ctx context.Context, sql string, args ...any) (string, error) {
	rows, err := q.db.Query(ctx, sql, args...)
	if err != nil {
		return "", mark(err)
	}
	text, err := pgx.CollectOneRow(rows, pgx.RowTo[*string])
	if errors.Is(err, pgx.ErrNoRows) || err == nil && text == nil {
		return "", nil
	}
	if err != nil {
		return "", mark(err)
	}
	return *text, nil
}

func (q querier) Insert(ctx context.Context, sql string, args ...any) (bool, error) {
	tag, err := q.db.Exec(ctx, sql, args...)
	return tag.RowsAffected() == 1, mark(err)
}

func (q querier) Exec(ctx context.Context, sql string, args ...any) error {
	_, err := q.db.Exec(ctx, sql, args...)
	return mark(err)
}

func (querier) Describe(err error) (engine.ServerError, bool) { return describe(err) }

// mark tells the engine what certainly never left this process. That holds for
// single statements; the reply to a COMMIT must not be judged by it.
func mark(err error) error {
	if err != nil && (pgconn.SafeToRetry(err) || errors.Is(err, pgx.ErrTxClosed)) {
		return engine.NotSent(err)
	}
	return err
}

func describe(err error) (engine.ServerError, bool) {
	report, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return engine.ServerError{}, false
	}
	subject := report.ConstraintName
	if subject == "" {
		subject = report.ColumnName
	}
	return engine.ServerError{
		Code:    report.Code,
		Message: report.Message,
		Detail:  report.Detail,
		Subject: subject,
		Table:   report.TableName,
		Where:   report.Where,
		Routine: report.Routine,
		Fatal:   report.SeverityUnlocalized == "FATAL" || report.SeverityUnlocalized == "PANIC",
	}, true
}
