// Package schema describes the table that the PostgreSQL drivers work on: its
// name, its embedded migrations, and the SQL of the index that guards it.
package schema

import (
	"unicode/utf8"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// DefaultTable is the name of the table that the migrations create.
const DefaultTable = "assignments"

// maxIdentifierBytes is NAMEDATALEN-1: PostgreSQL truncates longer names, after
// which two tables could be one.
const maxIdentifierBytes = 63

// Table names the table that holds the assignments. The zero value means
// [DefaultTable], found through the connection's search_path.
type Table struct {
	// Schema qualifies Name. Default: empty, which leaves it to the search_path of
	// the session that verifies the table; from then on a store names it with the
	// schema that was found. A host with a schema for each tenant opens a store for
	// each.
	Schema string
	// Name is the table, case-sensitive as all quoted identifiers are. Default:
	// DefaultTable.
	Name string
	// Columns names the columns. Default: DefaultColumns.
	Columns Columns
	// DatabaseIDs says that the database makes the IDs, by an identity or a
	// default of the ID column. A Create can then not bring an ID of its own
	// and a retry can't be recognised: a lost reply leaves the outcome unknown,
	// and FindActive tells who holds the slot. Batches take one round trip or
	// more per row. See [assignment.IDMaker]. Default: the client makes the IDs.
	DatabaseIDs bool
	// Extra are columns of the host's own that every insert has to fill.
	// Default: none.
	Extra []Extra
}

// WithDefaults returns the table with the defaults of Name and Columns where they
// are left out.
func (t Table) WithDefaults() Table {
	if t.Name == "" {
		t.Name = DefaultTable
	}
	if t.Columns == (Columns{}) {
		t.Columns = DefaultColumns()
	}
	return t
}

// String returns the name quoted for SQL, with the schema if there is one.
func (t Table) String() string {
	if t.Schema == "" {
		return sqltext.Quote(t.Name)
	}
	return sqltext.Quote(t.Schema) + "." + sqltext.Quote(t.Name)
}

// GuardName is the name that the index is given when the SDK creates it. The
// SDK never relies on it: partitions, shards and rebuilt indexes are called
// otherwise.
func (t Table) GuardName() string {
	const suffix = "_active_key"
	name := t.Name
	for len(name)+len(suffix) > maxIdentifierBytes {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name + suffix
}
