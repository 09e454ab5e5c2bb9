package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// querier runs statements on whatever pgx calls a connection.
type querier struct {
	db executor
	// mode takes the place of the connection's own; zero leaves it.
	mode pgx.QueryExecMode
}

// executor is what runs statements, in pgx.
type executor interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// options puts the mode in front of the arguments, where pgx looks for it.
func (q querier) options(args []any) []any {
	if q.mode == 0 {
		return args
	}
	return append([]any{q.mode}, args...)
}

func (q querier) Rows(ctx context.Context, sql string, args ...any) ([]pgdb.Row, error) {
	rows, err := q.db.Query(ctx, sql, q.options(args)...)
	if err != nil {
		return nil, q.unsent(err)
	}
	defer rows.Close()
	var found []pgdb.Row
	var s *scanner
	for rows.Next() {
		if s == nil {
			s = newScanner()
		}
		row, err := s.scan(rows)
		if err != nil {
			return nil, q.unread(err)
		}
		found = append(found, row)
	}
	return found, mark(rows.Err())
}

func (q querier) Text(ctx context.Context, sql string, args ...any) (string, error) {
	rows, err := q.db.Query(ctx, sql, q.options(args)...)
	if err != nil {
		return "", q.unsent(err)
	}
	text, err := pgx.CollectOneRow(rows, pgx.RowTo[*string])
	if errors.Is(err, pgx.ErrNoRows) || err == nil && text == nil {
		return "", nil
	}
	if err != nil {
		return "", q.unread(err)
	}
	return *text, nil
}

func (q querier) Insert(ctx context.Context, sql string, args ...any) (bool, error) {
	tag, err := q.db.Exec(ctx, sql, q.options(args)...)
	return tag.RowsAffected() == 1, q.unsent(err)
}

func (q querier) Exec(ctx context.Context, sql string, args ...any) error {
	_, err := q.db.Exec(ctx, sql, q.options(args)...)
	return q.unsent(err)
}

func (querier) Describe(err error) (pgdb.ServerError, bool) { return describe(err) }

// mark marks for the engine what certainly never left this process. That holds for
// single statements, not for the reply to a COMMIT.
func mark(err error) error {
	if neverSent(err) {
		return pgdb.NotSent(err)
	}
	return err
}

func neverSent(err error) bool {
	return err != nil && (pgconn.SafeToRetry(err) || errors.Is(err, pgx.ErrTxClosed))
}

func describe(err error) (pgdb.ServerError, bool) {
	report, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return pgdb.ServerError{}, false
	}
	subject := report.ConstraintName
	if subject == "" {
		subject = report.ColumnName
	}
	return pgdb.ServerError{
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
