package guard

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Configured is what the drivers apply to their optional table: a validated copy
// in which Name and Columns are set; nil means the zero Table. What is missing,
// not an acceptable identifier or used twice is an [*assignment.InvalidError].
func Configured(t *schema.Table) (schema.Table, error) {
	if t == nil {
		t = &schema.Table{}
	}
	table := t.WithDefaults()
	table.Extra = slices.Clone(t.Extra)
	if err := checkIdentifier("Table.Name", table.Name); err != nil {
		return schema.Table{}, err
	}
	if err := checkIdentifier("Table.Schema", table.Schema); err != nil {
		return schema.Table{}, err
	}
	if err := checkColumns(table); err != nil {
		return schema.Table{}, err
	}
	return table, nil
}

// checkColumns rejects columns that are missing, malformed or used twice.
func checkColumns(t schema.Table) error {
	used := make(map[string]string)
	for _, a := range Attributes(t.Columns) {
		field := "Table.Columns." + strings.TrimPrefix(a.Name, "Key.")
		if a.Column == "" && a.Required {
			return &assignment.InvalidError{Field: field, Reason: "is required once any column is named"}
		}
		if err := claim(used, field, a.Column); err != nil {
			return err
		}
	}
	for i, extra := range t.Extra {
		field := fmt.Sprintf("Table.Extra[%d]", i)
		if extra.Column == "" || extra.Value == nil {
			return &assignment.InvalidError{Field: field, Reason: "needs both Column and Value"}
		}
		if err := claim(used, field, extra.Column); err != nil {
			return err
		}
	}
	return nil
}

func claim(used map[string]string, field, column string) error {
	if column == "" {
		return nil
	}
	if err := checkIdentifier(field, column); err != nil {
		return err
	}
	if other, taken := used[column]; taken {
		return &assignment.InvalidError{Field: field, Reason: fmt.Sprintf("is the column of %s already", other)}
	}
	used[column] = field
	return nil
}

// checkIdentifier rejects what PostgreSQL would accept when quoted but what is
// far more likely a mistake or an attack than a name.
func checkIdentifier(field, name string) error {
	reject := func(reason string) error {
		return &assignment.InvalidError{Field: field, Reason: reason}
	}
	switch {
	case len(name) > maxIdentifierBytes:
		return reject(fmt.Sprintf("is longer than %d bytes", maxIdentifierBytes))
	case !utf8.ValidString(name):
		return reject("is not valid UTF-8")
	case strings.ContainsAny(name, `"'\`):
		return reject("holds a quote or a backslash; give the bare name, it is quoted for you")
	case strings.ContainsFunc(name, unicode.IsControl):
		return reject("holds a control character")
	default:
		return nil
	}
}

// mapped returns the columns that are in use, in the order of the attributes.
func mapped(c schema.Columns) []string {
	var names []string
	for _, a := range Attributes(c) {
		if a.Column != "" {
			names = append(names, a.Column)
		}
	}
	return names
}
