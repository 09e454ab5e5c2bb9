package guard

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// statuses reports statuses of the lifecycle that the column can't store.
func (c *columnCheck) statuses() {
	col, _ := c.catalog.Column(c.table().Columns.Status)
	switch {
	case col.PGType == Enum:
		c.labels(col)
	case col.Limit > 0:
		c.lengths(col)
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
		c.report.blockf(schema.GuardColumnType, fix,
			"column %s is an enum that lacks the statuses %q of the lifecycle", sqltext.Quote(col.Name), missing)
	}
}

func (c *columnCheck) lengths(col Column) {
	for _, status := range c.spec.Lifecycle.Statuses() {
		if utf8.RuneCountInString(string(status)) > col.Limit {
			c.report.findf(schema.GuardColumnType, c.alter(col.Name, "TYPE text"),
				"column %s can't store the status %q: it is limited to %d characters", sqltext.Quote(col.Name), status, col.Limit)
		}
	}
}

// ids compares who makes the IDs with how the column gets its values.
func (c *columnCheck) ids() {
	t := c.table()
	col, ok := c.catalog.Column(t.Columns.ID)
	if !ok {
		return
	}
	name := sqltext.Quote(col.Name)
	sequence := col.Identity || col.PGType.IsInteger() && strings.HasPrefix(col.Default, "nextval(")
	switch {
	case t.DatabaseIDs && !col.Identity && col.Default == "":
		c.report.findf(schema.GuardIDOrigin, nil,
			"Table.DatabaseIDs is set, but column %s has neither a default nor an identity that would make an ID", name)
	case !t.DatabaseIDs && sequence:
		c.report.findf(schema.GuardIDOrigin, nil,
			"column %s gets its values from a sequence, which would collide with IDs made by clients: set Table.DatabaseIDs", name)
	}
}

// completion reports a CompletedAt column that an active assignment could not be
// stored with.
func (c *columnCheck) completion() {
	col, ok := c.catalog.Column(c.table().Columns.CompletedAt)
	if ok && col.NotNull {
		c.report.findf(schema.GuardColumnRequired, c.alter(col.Name, "DROP NOT NULL"),
			"column %s is NOT NULL, but an active assignment has no CompletedAt", sqltext.Quote(col.Name))
	}
}

// fingerprintLength is the length of the fingerprints that Service makes.
const fingerprintLength = 22

// fingerprint reports a column that is too short for one.
func (c *columnCheck) fingerprint() {
	col, _ := c.catalog.Column(c.table().Columns.Request)
	if col.PGType == Varchar && col.Limit > 0 && col.Limit < fingerprintLength {
		c.report.findf(schema.GuardColumnType, c.alter(col.Name, "TYPE text"),
			"column %s can't store a fingerprint, which has %d characters: it is limited to %d",
			sqltext.Quote(col.Name), fingerprintLength, col.Limit)
	}
}
