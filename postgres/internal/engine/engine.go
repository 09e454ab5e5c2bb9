// Package engine is the PostgreSQL store written once: it sends statements until they
// resolve a call, and explains failures. The public drivers adapt pgx and database/sql
// to [pgdb.DB] and add nothing to the semantics.
package engine

import (
	"sync/atomic"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/hints"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Engine implements the Store contract on a [pgdb.DB]. It is safe for concurrent use
// as far as its DB is. The stores of the public packages embed it: an exported method
// is one that hosts may call; everything else is a function or not exported.
type Engine struct {
	db        pgdb.DB
	table     schema.Table
	lifecycle assignment.Lifecycle
	// rendered is shared by the engines on all handles, so that verifying one of
	// them is enough for all to know the columns.
	rendered *atomic.Pointer[sqlgen.Statements]
	// hints and driver are shared by them as well.
	hints  *hints.Hints
	driver *pgdb.DriverCheck
	// inserter is nil unless the host wants one, and on every other handle than its
	// pool.
	inserter inserter
}

// New validates the configuration and renders the SQL. It does not touch the
// database.
func New(db pgdb.DB, table *schema.Table, policy assignment.Policy) (*Engine, error) {
	t, err := guard.Configured(table)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		table: t, lifecycle: policy.Lifecycle, rendered: &atomic.Pointer[sqlgen.Statements]{},
		hints: hints.New(), driver: new(pgdb.DriverCheck),
	}
	e.rendered.Store(sqlgen.New(t, policy.Lifecycle))
	return WithDB(e, db), nil
}

// plan is what a call works by, from its begin to its end: a Verify meanwhile may
// replace it.
func (e *Engine) plan() *sqlgen.Statements { return e.rendered.Load() }

// MakesIDs implements assignment.IDMaker: it reports whether the table has DatabaseIDs.
func (e *Engine) MakesIDs() bool { return e.table.DatabaseIDs }

// WithDB returns the same engine on another handle.
func WithDB(e *Engine, db pgdb.DB) *Engine {
	bound := *e
	bound.db, bound.inserter = db, nil
	return &bound
}

// Policy implements assignment.Store.
func (e *Engine) Policy() assignment.Policy { return assignment.Policy{Lifecycle: e.lifecycle} }
