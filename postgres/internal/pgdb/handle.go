// Package pgdb is the PostgreSQL store's view of a connection: the handles
// that the public drivers adapt pgx and database/sql to, the rows that statements
// return, and what an error means for the statement that it ended.
package pgdb

import "context"

// Querier runs single statements.
type Querier interface {
	// Rows runs a statement that returns rows in the shape of [Row].
	Rows(ctx context.Context, sql string, args ...any) ([]Row, error)
	// Text returns the first column of the first row as text, and the empty
	// string when there is no row or the value is NULL.
	Text(ctx context.Context, sql string, args ...any) (string, error)
	// Insert runs an insert of one row and reports whether the row was inserted.
	Insert(ctx context.Context, sql string, args ...any) (bool, error)
	// Exec runs one or, without args, several statements for their effect.
	Exec(ctx context.Context, sql string, args ...any) error
}

// DB is the host's handle. It marks its errors with what is certain about them: see
// [NotSent], [InClient] and [Unreadable].
type DB interface {
	Querier
	// Begin starts a transaction, or a savepoint when Joined.
	Begin(ctx context.Context) (Tx, error)
	// Joined reports whether statements run inside a transaction that the host
	// opened. The host repeats what fails there.
	Joined() bool
	// Pooled reports whether the handle is a pool of many connections: calls may
	// then run side by side, and one that is sent again travels on another
	// connection. A single connection that broke stays broken.
	Pooled() bool
	// Connection identifies the single connection of the handle: equal
	// for all handles on it, comparable, and nil for a pool.
	Connection() any
	// Hold runs fn on one connection. Its error is that of fn, unless none could be
	// had.
	Hold(ctx context.Context, fn func(Querier) error) error
	// Describe extracts what the server reported; false when err is not an
	// error report of the server.
	Describe(err error) (ServerError, bool)
}

// Tx is a transaction or savepoint. Rollback after Commit does nothing.
type Tx interface {
	Querier
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
}

// Inspector is a transaction that knows the SQLSTATEs of its errors, as package guard
// needs it.
type Inspector struct {
	Tx
	DB DB
}

// SQLState returns the SQLSTATE of an error; empty when the server did not report it.
func (i Inspector) SQLState(err error) string {
	report, _ := i.DB.Describe(err)
	return report.Code
}
