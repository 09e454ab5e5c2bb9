// Package sqltext renders the parts of SQL that the packages of the PostgreSQL
// store share: names, literals, and the conditions on the status of a row.
package sqltext

import "strings"

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

// Columns renders the names as a comma-separated list, each in quotes.
func Columns(names ...string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = Quote(name)
	}
	return strings.Join(quoted, ", ")
}
