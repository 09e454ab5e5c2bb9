package guard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// columnCheck compares the mapping with the columns of the table.
type columnCheck struct {
	fixes
	report *Report
}

func (c *columnCheck) run() {
	for _, a := range Attributes(c.table().Columns) {
		if a.Column != "" {
			c.attribute(a)
		}
	}
	for _, extra := range c.table().Extra {
		if _, ok := c.catalog.Column(extra.Column); !ok {
			c.report.findf(schema.GuardNoColumn, nil,
				"column %s, which Table.Extra fills, does not exist", sqltext.Quote(extra.Column))
		}
	}
	c.required()
	c.statuses()
	c.ids()
	c.completion()
	c.fingerprint()
}

// attribute checks the column of one attribute.
func (c *columnCheck) attribute(a Attribute) {
	name := sqltext.Quote(a.Column)
	col, ok := c.catalog.Column(a.Column)
	if !ok {
		c.rejectf(a, schema.GuardNoColumn, nil, "column %s does not exist", name)
		return
	}
	if a.Required && !col.NotNull && !col.Generated {
		c.nullable(col)
	}
	switch {
	case col.Generated:
		c.rejectf(a, schema.GuardColumnType, nil,
			"column %s is computed by the database and can't be written: map the column that it is computed from", name)
	case a.Name == "Version" && col.PGType == Smallint:
		c.rejectf(a, schema.GuardColumnType, c.alter(a.Column, "TYPE bigint"),
			"column %s is a smallint: after 32767 changes a row could never be changed again; make it integer or bigint "+
				"(the change rewrites the table)", name)
	case !slices.Contains(a.Types, col.PGType):
		c.rejectf(a, schema.GuardColumnType, nil, "column %s is of type %s, which is not supported for %s: %s",
			name, col.Type, a.Name, supported(a.Types))
	case a.Required && !col.Deterministic:
		c.rejectf(a, schema.GuardColumnType, c.alter(a.Column, fmt.Sprintf(`TYPE %s COLLATE "C"`, col.Type)),
			"column %s has a collation under which different values are equal", name)
	}
}

// rejectf reports a finding that rules out any guard when the column is required.
func (c *columnCheck) rejectf(a Attribute, p assignment.GuardProblem, fix []string, format string, args ...any) {
	if a.Required {
		c.report.Buildable = false
	}
	c.report.findf(p, fix, format, args...)
}

// nullable proposes SET NOT NULL unless something depends on the NULLs. Where a
// foreign key sets the column to NULL the owner has to decide: with NOT NULL the
// referenced row could no longer be deleted.
func (c *columnCheck) nullable(col Column) {
	details := []string{fmt.Sprintf("column %s accepts NULL, and a row with NULL evades the index", sqltext.Quote(col.Name))}
	fix := c.alter(col.Name, "SET NOT NULL")
	if len(col.NulledBy) > 0 {
		fix = nil
		details = append(details, fmt.Sprintf("Foreign key %s sets it to NULL when the row that it references is deleted or "+
			"gets another key: once the column is NOT NULL, that row can't be deleted or get another key. Decide first what "+
			"happens to its assignments (ON DELETE CASCADE, RESTRICT, or retire them before), and change the foreign key",
			sqltext.Columns(col.NulledBy...)))
	}
	for _, i := range c.catalog.Indexes {
		if i.Unique && i.NullsNotDistinct && slices.Contains(i.Columns, col.Name) {
			fix = nil
			details = append(details, fmt.Sprintf("Index %s is NULLS NOT DISTINCT, so NULL is a key to it, and the SDK has no such "+
				"key: give the rows with NULL a value first", sqltext.Quote(i.Name)))
		}
	}
	if fix != nil {
		c.report.Nullable = append(c.report.Nullable, col.Name)
	}
	c.report.findf(schema.GuardNullable, fix, "%s", strings.Join(details, ". "))
}

func supported(types []PGType) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.String()
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " are"
}

// required reports columns that every insert must set and that nothing sets.
func (c *columnCheck) required() {
	t := c.table()
	filled := mapped(t.Columns)
	for _, extra := range t.Extra {
		filled = append(filled, extra.Column)
	}
	for _, col := range c.catalog.Columns {
		if col.Required && !slices.Contains(filled, col.Name) {
			c.report.findf(schema.GuardColumnRequired, nil,
				"column %s is NOT NULL and has no default: fill it with Table.Extra, or give it a default", sqltext.Quote(col.Name))
		}
	}
}
