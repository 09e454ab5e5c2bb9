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
	"log/slog"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/engine"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

var (
	_ assignment.Store        = (*Store)(nil)
	_ assignment.Replacer     = (*Store)(nil)
	_ assignment.BatchCreator = (*Store)(nil)
	_ assignment.NewIDCreator = (*Store)(nil)
	_ assignment.IDMaker      = (*Store)(nil)
)

// Store keeps assignments in one PostgreSQL table. It is safe for concurrent
// use: on a pool calls run side by side, on a single connection or a
// transaction one after the other, also those of several stores on it.
type Store struct {
	engine *engine.Engine
}

// Options configures [New] and [Migrate]. The zero value, and nil, mean the
// defaults.
type Options struct {
	// Policy is what the store enforces and what the guard's predicate is rendered
	// from. Default: the zero Policy, which has the default lifecycle.
	Policy assignment.Policy
	// Table names the table and its columns. Default: schema.DefaultTable, found
	// through the search_path of the connection, as Migrate makes it.
	Table *schema.Table
	// DeferVerify makes New return without looking at the database; call
	// [Store.Verify] before the store serves anything. It also learns the types
	// of the columns, which are taken to be those of the migrated table until
	// then. Default: New verifies.
	DeferVerify bool
	// Coalesce lets more than four Creates at the same time share statements and
	// commits, which is faster with many callers; docs/postgres.md tells what it
	// costs. It needs a *sql.DB or *sqlx.DB. Set it only where what a session sees
	// does not depend on the context with which it leaves the pool, which
	// database/sql does not tell: through stdlib.OptionResetSession, for one, hosts
	// enter a tenant. Default: every call sends its own.
	Coalesce bool
	// Logger is told about the warnings of [schema.Guard], and about a guard that is
	// equivalent to the expected one but worded differently. Default: nothing is
	// logged.
	Logger *slog.Logger
}

// New returns a store on db: a *sql.DB, *sql.Conn, *sql.Tx, *sqlx.DB, *sqlx.Conn
// or *sqlx.Tx. It verifies the guard first and refuses to start without it: see
// [Store.Verify]. New starts nothing that would have to be closed; db stays the
// caller's.
//
// New also sends a row of sample values and reads it back, and provokes one error
// of the server, which shows in its log (22P02): what a driver or a session gets
// wrong would make outcomes unknown later.
//
// Errors: [assignment.ErrInvalid] for a nil or unknown db, one whose sessions or
// driver the store can't work with or that Coalesce is not for, an invalid
// lifecycle or identifier; [assignment.ErrUnguarded]; [assignment.ErrContended];
// [assignment.ErrUnavailable]; the context's.
func New(ctx context.Context, db DB, opts *Options) (*Store, error) {
	if opts == nil {
		opts = &Options{}
	}
	s, err := open(db, opts)
	if err != nil {
		return nil, err
	}
	if opts.Coalesce {
		if err := s.coalesce(db); err != nil {
			return nil, err
		}
	}
	if opts.DeferVerify {
		return s, nil
	}
	found, err := s.Verify(ctx)
	if err != nil {
		return nil, err
	}
	guard.Log(ctx, opts.Logger, found)
	return s, nil
}

// Migrate brings the default table up to date: it applies the embedded
// migrations that the database does not have yet, in one transaction under an
// advisory lock, so that any number of processes may call it at their start. The
// guard is rendered from the lifecycle of opts when it is created; a guard that
// exists is left alone, and reported as [assignment.ErrUnguarded] if it does not
// fit. On a schema that is up to date a role needs no more than a store does, and
// SELECT on assignment_migrations.
//
// To adopt a table that exists already, do not migrate: package postgres/adopt
// and the command assignment build its guard while it is in use. Or create it
// yourself, as [assignment.GuardError] tells. To run the migrations with
// another tool, take them from [schema.Files].
//
// Errors: [assignment.ErrInvalid], also for a table of that name that Migrate
// did not make; [assignment.ErrUnguarded], [assignment.ErrUnavailable],
// [assignment.ErrContended], the context's; [assignment.ErrUnknownOutcome] when the reply to
// COMMIT was lost, which calling Migrate again settles.
func Migrate(ctx context.Context, db DB, opts *Options) error {
	if opts == nil {
		opts = &Options{}
	}
	s, err := open(db, opts)
	if err != nil {
		return err
	}
	return s.engine.Migrate(ctx)
}

func open(db DB, opts *Options) (*Store, error) {
	handle, err := adapt(db)
	if err != nil {
		return nil, err
	}
	e, err := engine.New(handle, opts.Table, opts.Policy)
	if err != nil {
		return nil, err
	}
	return &Store{engine: e}, nil
}

// WithTx returns the same store inside the caller's transaction: use it with
// [assignment.Service.WithStore]. It commits nothing by itself, and neither a
// conflict nor any other refused call aborts the transaction. It is verified as
// s is. An *sqlx.Tx is passed as its embedded Tx. WithTx panics with an
// [*assignment.InvalidError] when tx is nil.
func (s *Store) WithTx(tx *sql.Tx) *Store {
	handle, err := adapt(tx)
	if err != nil {
		panic(&assignment.InvalidError{Field: "tx", Reason: "is nil"})
	}
	return &Store{engine: s.engine.WithDB(handle)}
}

// Verify checks that the table and its guard keep the guarantee: that an index
// exists, is unique, valid, ready and live, covers exactly the key, and has the
// predicate of the lifecycle or one that the planner proves to be equal; that the
// ID is unique; that the ID, key and status are not nullable and compare byte by
// byte; that no rows of the table can escape its indexes; and that every column of
// the mapping exists and can hold its attribute. It reads the catalog and explains
// statements, in a transaction that is rolled back, and needs no more rights than
// the store does.
//
// Verify also learns the schema of the table, which every statement names from
// then on, and the types of the columns. Stores made by WithTx share that
// knowledge, before and after.
//
// What breaks the guarantee is an [*assignment.GuardError], which names every
// finding and the SQL that fixes it. What does not, but has a consequence, is in
// the Warnings of the [schema.Guard].
func (s *Store) Verify(ctx context.Context) (schema.Guard, error) {
	return s.engine.Verify(ctx)
}

// Policy implements [assignment.Store].
func (s *Store) Policy() assignment.Policy { return s.engine.Policy() }

// MakesIDs implements [assignment.IDMaker]: it reports whether the table was
// opened with DatabaseIDs.
func (s *Store) MakesIDs() bool { return s.engine.MakesIDs() }

// Create implements [assignment.Store].
func (s *Store) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	return s.engine.Create(ctx, a)
}

// CreateNew implements [assignment.NewIDCreator]. On a pool it begins with what
// lately was the cheapest: a look at the slot, or an insert that looks at nothing.
func (s *Store) CreateNew(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	return s.engine.CreateNew(ctx, a)
}

// Replace implements [assignment.Replacer].
func (s *Store) Replace(ctx context.Context, next assignment.Assignment, retireTo assignment.Status) (assignment.Result, error) {
	return s.engine.Replace(ctx, next, retireTo)
}

// CreateMany implements [assignment.BatchCreator]: one round trip for each
// thousand rows, and for the few that a concurrent winner was not visible to.
// All or nothing adds BEGIN and COMMIT. On tables with DatabaseIDs, Extra or no
// unique index on the ID alone, each row takes a round trip or more.
func (s *Store) CreateMany(
	ctx context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	return s.engine.CreateMany(ctx, batch, opts)
}

// Update implements [assignment.Store].
func (s *Store) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	return s.engine.Update(ctx, id, c)
}

// Get implements [assignment.Store].
func (s *Store) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	return s.engine.Get(ctx, id)
}

// FindActive implements [assignment.Store].
func (s *Store) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	return s.engine.FindActive(ctx, k)
}

// List implements [assignment.Store].
func (s *Store) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	return s.engine.List(ctx, q)
}

// Count implements [assignment.Store].
func (s *Store) Count(ctx context.Context, q assignment.Query) (int64, error) {
	return s.engine.Count(ctx, q)
}
