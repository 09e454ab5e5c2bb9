package databasesql

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jmoiron/sqlx"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// querier runs statements on whatever database/sql calls a connection.
type querier struct {
	db executor
	// conn is set outside of transactions. In one, a pooler leaves all statements
	// to the same server.
	conn *sql.Conn
}

// executor is what runs statements, in database/sql.
type executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func onConn(conn *sql.Conn) querier { return querier{db: conn, conn: conn} }

func (q querier) query(ctx context.Context, query string, args []any) (rows *sql.Rows, err error) {
	if query, args, err = q.together(query, args); err != nil {
		return nil, err
	}
	rows, err = q.db.QueryContext(ctx, query, args...)
	return rows, q.unsent(err)
}

func (q querier) exec(ctx context.Context, query string, args []any) (result sql.Result, err error) {
	if query, args, err = q.together(query, args); err != nil {
		return nil, err
	}
	result, err = q.db.ExecContext(ctx, query, args...)
	return result, q.unsent(err)
}

func (q querier) together(query string, args []any) (string, []any, error) {
	if q.conn == nil {
		return query, args, nil
	}
	return inOneExchange(q.conn, query, args)
}

func (q querier) Rows(ctx context.Context, query string, args ...any) ([]pgdb.Row, error) {
	rows, err := q.query(ctx, query, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []pgdb.Row
	if err := sqlx.StructScan(rows, &found); err != nil {
		return nil, unread(err)
	}
	return found, rows.Err()
}

func (q querier) Text(ctx context.Context, query string, args ...any) (string, error) {
	rows, err := q.query(ctx, query, args)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var text sql.NullString
	if rows.Next() {
		if err := rows.Scan(&text); err != nil {
			return "", unread(err)
		}
	}
	return text.String, errors.Join(rows.Err(), rows.Close())
}

func (q querier) Insert(ctx context.Context, query string, args ...any) (bool, error) {
	result, err := q.exec(ctx, query, args)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

func (q querier) Exec(ctx context.Context, query string, args ...any) error {
	_, err := q.exec(ctx, query, args)
	return err
}

func (querier) Describe(err error) (pgdb.ServerError, bool) { return describe(err) }

// mark marks for the engine what certainly never left this process. A driver's
// "bad connection" proves nothing: lib/pq says so after a lost reply, too.
func mark(err error) error {
	if neverSent(err) {
		return pgdb.NotSent(err)
	}
	return err
}

func neverSent(err error) bool {
	if errors.Is(err, sql.ErrTxDone) || errors.Is(err, sql.ErrConnDone) {
		return true
	}
	retry, ok := errors.AsType[interface {
		error
		SafeToRetry() bool
	}](err)
	return ok && retry.SafeToRetry()
}
