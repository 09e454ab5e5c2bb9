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
	// Schema qualifies Name. Default: empty, which leaves it to search_path.
	Schema string
	// Name is the table, case-sensitive as all quoted identifiers are. Default:
	// DefaultTable.
	Name string
}

// TableOrDefault is what the drivers apply to their optional table: a
// validated copy in which Name is set; nil means the zero Table. What is not an
// acceptable identifier is an [*assignment.InvalidError].
func TableOrDefault(t *Table) (Table, error) {
	if t == nil {
		return Table{Name: DefaultTable}, nil
	}
	table := *t
	if table.Name == "" {
		table.Name = DefaultTable
	}
	if err := checkIdentifier("Table.Name", table.Name); err != nil {
		return Table{}, err
	}
	if err := checkIdentifier("Table.Schema", table.Schema); err != nil {
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
