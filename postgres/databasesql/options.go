package databasesql

import (
	"log/slog"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Options configures a store, and [Migrate]. The zero value, and nil, mean the
// defaults.
type Options struct {
	// Policy is what the store enforces and what the guard's predicate is rendered
	// from. Default: the zero Policy, which has the default lifecycle.
	Policy assignment.Policy
	// Table names the table and its columns. Default: the table that Migrate makes,
	// schema.DefaultTable in the search_path of the connection.
	Table *schema.Table
	// DeferVerify makes New return without any statement; call [Store.Verify] before
	// the store is used. Until then the columns are taken to have the types of the
	// migrated table. Default: New verifies.
	DeferVerify bool
	// Coalesce lets Creates that come while four inserts are in progress share one,
	// which is faster with many callers; docs/postgres.md has the price. It needs a
	// pool, on which no session depends on the context of the call that takes it out.
	// database/sql can't check that: stdlib.OptionResetSession, for one, is where hosts
	// enter a tenant. Default: each Create sends its own insert.
	Coalesce bool
	// Logger logs the warnings of [schema.Guard], and a guard that is equivalent to
	// the expected one but worded differently. Default: nothing is logged.
	Logger *slog.Logger
}
