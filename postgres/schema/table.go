// Package schema describes the table that the PostgreSQL drivers work on: its
// name, its embedded migrations, and the SQL of the index that guards it.
package schema

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/assignment-go/assignment"
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

// TableOrDefault is what the drivers apply to their optional table: a
// validated copy in which Name and Columns are set; nil means the zero Table.
// What is missing, not an acceptable identifier or used twice is an
// [*assignment.InvalidError].
func TableOrDefault(t *Table) (Table, error) {
	if t == nil {
		t = &Table{}
	}
	table := t.clone()
	if table.Name == "" {
		table.Name = DefaultTable
	}
	if table.Columns == (Columns{}) {
		table.Columns = DefaultColumns()
	}
	if err := checkIdentifier("Table.Name", table.Name); err != nil {
		return Table{}, err
	}
	if err := checkIdentifier("Table.Schema", table.Schema); err != nil {
		return Table{}, err
	}
	if err := table.checkColumns(); err != nil {
		return Table{}, err
	}
	return table, nil
}

// String returns the name quoted for SQL, with the schema if there is one.
func (t Table) String() string {
	if t.Schema == "" {
		return Quote(t.Name)
	}
	return Quote(t.Schema) + "." + Quote(t.Name)
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

// Quote returns the identifier in double quotes.
func Quote(identifier string) string {
	return `"` + strings.ReplaceAll(identifier, `"`, `""`) + `"`
}

// Literal returns s as a string literal for any setting of
// standard_conforming_strings; it must not hold a backslash, which the names
// that the SDK renders never do.
func Literal(s string) string {
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// checkIdentifier refuses what PostgreSQL would accept when quoted but what is
// far more likely a mistake or an attack than a name.
func checkIdentifier(field, name string) error {
	refuse := func(reason string) error {
		return &assignment.InvalidError{Field: field, Reason: reason}
	}
	switch {
	case len(name) > maxIdentifierBytes:
		return refuse(fmt.Sprintf("is longer than %d bytes", maxIdentifierBytes))
	case !utf8.ValidString(name):
		return refuse("is not valid UTF-8")
	case strings.ContainsAny(name, `"'\`):
		return refuse("holds a quote or a backslash; give the bare name, it is quoted for you")
	case strings.ContainsFunc(name, unicode.IsControl):
		return refuse("holds a control character")
	default:
		return nil
	}
}
