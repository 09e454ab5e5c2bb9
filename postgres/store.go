// Package postgres is the [assignment.Store] for PostgreSQL on pgx v5. It owns
// the partial unique index that guards the active slot, and verifies it before
// it serves anything.
//
// Create is usually one round trip, conflict or not; docs/postgres.md has the
// exceptions. Inside the caller's transaction it takes two more, for a savepoint.
// Every other single change is one statement, too, and so atomic without a
// transaction of its own, except on tables with AFTER triggers. On a pool the store
// survives broken connections. After a lost reply a creation is sent again under the
// same ID until its outcome is known; a change is never sent again: its row is read.
//
// The same store on database/sql is package
// github.com/assignment-go/assignment/postgres/databasesql.
package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

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
	if opts != nil && opts.Coalesce {
		if err := checkCoalesce(db); err != nil {
			return nil, err
		}
	}
	return open(ctx, newPoolHandle(db), opts)
}

// NewConn is [New] for a single connection: calls follow each other, also those of
// several stores on it, and a connection that broke stays broken. For a
// *pgxpool.Conn, pass its Conn(). In a transaction that was begun by hand the store behaves as one
// made by [Store.WithTx].
func NewConn(ctx context.Context, conn *pgx.Conn, opts *Options) (*Store, error) {
	if err := pgdb.CheckHandle("conn", conn); err != nil {
		return nil, err
	}
	return open(ctx, newConnHandle(conn), opts)
}

// NewTx is [New] inside the caller's transaction, for when there is no store yet to
// call [Store.WithTx] on.
func NewTx(ctx context.Context, tx pgx.Tx, opts *Options) (*Store, error) {
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
// if s is. WithTx panics with an [*assignment.InvalidError] when tx is nil.
func (s *Store) WithTx(tx pgx.Tx) *Store {
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
