// Package databasesql is the [assignment.Store] for PostgreSQL on database/sql
// and sqlx, with github.com/lib/pq or github.com/jackc/pgx/v5/stdlib as the
// driver, which the host imports. It is the store of package
// github.com/assignment-go/assignment/postgres on other handles: same table,
// same statements, same errors.
//
// With lib/pq a call can outlast its context: when the network swallows
// packets silently, the driver waits for the operating system to notice. Set
// tcp_user_timeout in its DSN, or use pgx/stdlib, which keeps to the deadline.
package databasesql

import (
	"context"
	"database/sql"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/engine"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/schema"
)

var (
	_ assignment.Store        = (*Store)(nil)
	_ assignment.Replacer     = (*Store)(nil)
	_ assignment.BatchCreator = (*Store)(nil)
	_ assignment.NewIDCreator = (*Store)(nil)
	_ assignment.IDMaker      = (*Store)(nil)
)

// Store keeps assignments in one PostgreSQL table. Its methods are those of
// [assignment.Store] (Create, Update, Get, FindActive, List, Count, Policy),
// [assignment.Replacer], [assignment.BatchCreator], [assignment.NewIDCreator] and
// [assignment.IDMaker], which document them; hosts use them through
// [assignment.Service]. It is safe for concurrent use: on a pool calls run side by
// side, on a single connection or a transaction one after the other, also those of
// several stores on it.
type Store struct{ *backend }

// backend has the methods that this package shares with its sibling.
type backend = engine.Engine

// New returns a store on a pool, which is what a service uses: calls run side by
// side, and one whose connection breaks continues on another one. It verifies the
// guard first, and fails without it: see [Store.Verify]. New starts nothing that would
// have to be closed; the pool stays the caller's.
//
// New also sends a row of sample values and reads it back, and provokes one error
// of the server, which shows in its log (22P02): what a driver or a session gets
// wrong would make outcomes unknown later.
//
// Errors: [assignment.ErrInvalid] for a nil pool, one whose sessions or driver the
// store can't work with or that Coalesce is not for, an invalid policy or identifier;
// [assignment.ErrUnguarded]; [assignment.ErrContended]; [assignment.ErrUnavailable];
// the context's.
func New(ctx context.Context, db Pool, opts *Options) (*Store, error) {
	if err := pgdb.CheckHandle("db", db); err != nil {
		return nil, err
	}
	return open(ctx, newPoolHandle(db), opts)
}

// NewConn is [New] for a single connection: calls follow each other, also those of
// several stores on it, and a connection that broke stays broken. Of an *sqlx.Conn pass
// its Conn. A transaction must be passed to [NewTx] or [Store.WithTx]: one that was
// begun by hand can't be seen through database/sql, and a call that fails could abort
// it.
func NewConn(ctx context.Context, conn *sql.Conn, opts *Options) (*Store, error) {
	if err := pgdb.CheckHandle("conn", conn); err != nil {
		return nil, err
	}
	return open(ctx, newConnHandle(conn), opts)
}

// NewTx is [New] inside the caller's transaction, for when there is no store yet to
// call [Store.WithTx] on. Of an *sqlx.Tx pass its Tx.
func NewTx(ctx context.Context, tx *sql.Tx, opts *Options) (*Store, error) {
	if err := pgdb.CheckHandle("tx", tx); err != nil {
		return nil, err
	}
	return open(ctx, newTxHandle(tx), opts)
}

func open(ctx context.Context, db pgdb.DB, opts *Options) (*Store, error) {
	e, err := engine.Open(ctx, db, (*engine.Options)(opts))
	if err != nil {
		return nil, err
	}
	return &Store{e}, nil
}

// WithTx returns the same store inside the caller's transaction: use it with
// [assignment.Service.WithStore]. It commits nothing by itself, and neither a
// conflict nor any other error of the contract aborts the transaction. It is verified
// if s is. Of an *sqlx.Tx pass its Tx. WithTx panics with an [*assignment.InvalidError] when tx is nil.
func (s *Store) WithTx(tx *sql.Tx) *Store {
	if err := pgdb.CheckHandle("tx", tx); err != nil {
		panic(err)
	}
	return &Store{engine.WithDB(s.backend, newTxHandle(tx))}
}

// Verify checks that the table and its guard keep the guarantee; what breaks it is an
// [*assignment.GuardError], which names every finding and the SQL that fixes it. What
// only has a consequence is in the Warnings of the [schema.Guard]. Verify reads the
// catalog and explains statements, in a transaction that is rolled back, and needs no
// more rights than the store does.
//
// The store learns from it the schema and the column types of the table, on which
// its statements depend. Stores made by WithTx share that knowledge, before and after.
func (s *Store) Verify(ctx context.Context) (schema.Guard, error) { return s.backend.Verify(ctx) }
