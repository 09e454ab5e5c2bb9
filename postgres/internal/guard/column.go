package guard

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// columnCheck compares the mapping with the columns that are there.
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
		if c.catalog.column(extra.Column) == nil {
			c.report.findf(assignment.GuardNoColumn, nil,
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
	name, col := sqltext.Quote(a.Column), c.catalog.column(a.Column)
	if col == nil {
		c.refusef(a, assignment.GuardNoColumn, nil, "column %s does not exist", name)
		return
	}
	if a.Required && !col.NotNull && !col.Generated {
		c.nullable(*col)
	}
	switch {
	case col.Generated:
		c.refusef(a, assignment.GuardColumnType, nil,
			"column %s is computed by the database, so that it can't be written: map the column that it is computed from", name)
	case a.Name == "Version" && col.PGType == Smallint:
		c.refusef(a, assignment.GuardColumnType, c.alter(a.Column, "TYPE bigint"),
			"column %s is a smallint: a row that was changed 32767 times could never be changed again; "+
				"integer and bigint are supported (the change rewrites the table)", name)
	case !slices.Contains(a.Types, col.PGType):
		c.refusef(a, assignment.GuardColumnType, nil, "column %s is of type %s, which is not supported for %s: %s",
			name, col.Type, a.Name, allowed(a.Types))
	case a.Required && !col.Deterministic:
		c.refusef(a, assignment.GuardColumnType, c.alter(a.Column, fmt.Sprintf(`TYPE %s COLLATE "C"`, col.Type)),
			"column %s has a collation under which distinct values are equal", name)
	}
}

// refusef reports what no index can stand on when the column is required.
func (c *columnCheck) refusef(a Attribute, p assignment.GuardProblem, fix []string, format string, args ...any) {
	if a.Required {
		c.report.Buildable = false
	}
	c.report.findf(p, fix, format, args...)
}

// nullable leaves it to the owner what should happen to the rows of a parent
// that goes: with NOT NULL the parent could no longer be deleted.
func (c *columnCheck) nullable(col Column) {
	details := []string{fmt.Sprintf("column %s accepts NULL, and a row with NULL evades the index", sqltext.Quote(col.Name))}
	fix := c.alter(col.Name, "SET NOT NULL")
	if len(col.NulledBy) > 0 {
		fix = nil
		details = append(details, fmt.Sprintf("The foreign key %s sets it to NULL when its parent goes: once it is NOT NULL, such a "+
			"parent can't be deleted any more. Decide first what shall become of the assignments of a parent that goes "+
			"(ON DELETE CASCADE, RESTRICT, or retire them before), and change the foreign key",
			strings.Join(quoteAll(col.NulledBy), ", ")))
	}
	for _, i := range c.catalog.Indexes {
		if i.Unique && i.NullsNotDistinct && slices.Contains(i.Columns, col.Name) {
			fix = nil
			details = append(details, fmt.Sprintf("To the index %s NULL is a value like any other, which the SDK has no key for: "+
				"give those rows a value first", sqltext.Quote(i.Name)))
		}
	}
	c.report.findf(assignment.GuardNullable, fix, "%s", strings.Join(details, ". "))
}

func allowed(types []PGType) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.String()
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " are"
}

// required looks for columns that nobody fills.
func (c *columnCheck) required() {
	t := c.table()
	filled := mapped(t.Columns)
	for _, extra := range t.Extra {
		filled = append(filled, extra.Column)
	}
	for _, col := range c.catalog.Columns {
		if col.Required && !slices.Contains(filled, col.Name) {
			c.report.findf(assignment.GuardColumnRequired, nil,
				"column %s must be given on insert: fill it with Table.Extra, or give it a default", sqltext.Quote(col.Name))
		}
	}
}

// statuses makes sure that the column can hold every status of the lifecycle.
func (c *columnCheck) statuses() {
	col := c.catalog.column(c.table().Columns.Status)
	switch {
	case col == nil:
	case col.PGType == Enum:
		c.labels(*col)
	case col.Limit > 0:
		c.lengths(*col)
	}
}

func (c *columnCheck) labels(col Column) {
	var missing, fix []string
	for _, status := range c.spec.Lifecycle.Statuses() {
		if !slices.Contains(col.Labels, string(status)) {
			missing = append(missing, string(status))
			fix = append(fix, fmt.Sprintf("ALTER TYPE %s ADD VALUE %s;", col.Cast, sqltext.Literal(string(status))))
		}
	}
	if len(missing) > 0 {
		c.report.blockf(assignment.GuardColumnType, fix,
			"column %s is an enum that lacks the statuses %q of the lifecycle", sqltext.Quote(col.Name), missing)
	}
}

func (c *columnCheck) lengths(col Column) {
	for _, status := range c.spec.Lifecycle.Statuses() {
		if utf8.RuneCountInString(string(status)) > col.Limit {
			c.report.findf(assignment.GuardColumnType, c.alter(col.Name, "TYPE text"),
				"column %s can't hold the status %q: it keeps %d characters", sqltext.Quote(col.Name), status, col.Limit)
		}
	}
}

// ids compares who makes the IDs with what the column does by itself.
func (c *columnCheck) ids() {
	t := c.table()
	col := c.catalog.column(t.Columns.ID)
	if col == nil {
		return
	}
	name := sqltext.Quote(col.Name)
	sequence := col.Identity || col.PGType.IsInteger() && strings.HasPrefix(col.Default, "nextval(")
	switch {
	case t.DatabaseIDs && !col.Identity && col.Default == "":
		c.report.findf(assignment.GuardIDOrigin, nil,
			"Table.DatabaseIDs is set, but column %s has neither a default nor an identity that would make an ID", name)
	case !t.DatabaseIDs && sequence:
		c.report.findf(assignment.GuardIDOrigin, nil,
			"column %s gets its values from a sequence, which IDs of clients would collide with: set Table.DatabaseIDs", name)
	}
}

// completion makes sure that an assignment can be without CompletedAt.
func (c *columnCheck) completion() {
	col := c.catalog.column(c.table().Columns.CompletedAt)
	if col != nil && col.NotNull {
		c.report.findf(assignment.GuardColumnRequired, c.alter(col.Name, "DROP NOT NULL"),
			"column %s accepts no NULL, but an active assignment has no CompletedAt", sqltext.Quote(col.Name))
	}
}

// fingerprintLength is that of the text that Service makes.
const fingerprintLength = 22

// fingerprint makes sure that the column can hold one.
func (c *columnCheck) fingerprint() {
	col := c.catalog.column(c.table().Columns.Request)
	if col != nil && col.PGType == Varchar && col.Limit > 0 && col.Limit < fingerprintLength {
		c.report.findf(assignment.GuardColumnType, c.alter(col.Name, "TYPE text"),
			"column %s can't hold a fingerprint, which has %d characters: it keeps %d",
			sqltext.Quote(col.Name), fingerprintLength, col.Limit)
	}
}
