package guard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// indexCheck turns the verdicts on the indexes into findings and warnings.
type indexCheck struct {
	fixes
	report *Report
}

// run reports each verdict that has something to say. Without a guard the first
// finding has the statement that builds one; what a failed build left is dropped
// only after that.
func (c *indexCheck) run() {
	create := []string{c.report.Create}
	for _, d := range c.report.Verdicts {
		switch {
		case d.Role == RoleBlocking:
			c.report.findf(d.Problem, nil, "%s", c.detail(d))
		case c.report.Guard != nil:
			c.beside(d)
		case d.Role == RoleLeftover:
			c.report.findf(d.Problem, append(create, c.drop(d.Index)...), "%s", c.detail(d)+c.duplicatesHint())
			create = nil
		case d.Role == RoleGuard:
			c.report.findf(schema.GuardInvalid, nil, "%s", c.unusable(d.Index))
			create = nil
		case d.OnKey && (d.Role == RoleStricter || d.Role == RoleLookalike):
			c.instead(d, create)
			create = nil
		case d.Role == RoleStricter:
			c.report.warnf(d.Problem, c.dropOwn(d), "%s", c.detail(d))
		}
	}
	if c.report.Guard == nil && len(create) > 0 {
		c.missing(create)
	}
}

// beside reports an index beside a guard.
func (c *indexCheck) beside(d Verdict) {
	switch {
	case d.Role == RoleStricter:
		c.report.warnf(d.Problem, c.dropOwn(d), "%s", c.detail(d))
	case d.Role == RoleGuard && d.Index.Name == c.report.Guard.Index && d.Because != "":
		c.report.warnf(schema.GuardRests, nil,
			"index %s has the predicate %s, which is equivalent to the expected %s only because %s: "+
				"open the store again when that changes",
			sqltext.Quote(d.Index.Name), d.Index.Predicate, c.spec.active(), d.Because)
	}
}

// instead reports an index on the key that is there instead of a guard. One that
// leaves rows out by a column that is not mapped comes without a statement: a guard
// over all rows is not what the owner wants.
func (c *indexCheck) instead(d Verdict, create []string) {
	switch {
	case len(d.Unmapped) > 0:
		c.report.findf(d.Problem, nil, "%s", c.detail(d))
	case d.Role == RoleStricter && d.Index.Usable(): // then nothing can be active more than once
		c.report.findf(d.Problem, create, "%s; the guard itself is missing, and is built beside it", c.detail(d))
	default:
		c.report.findf(d.Problem, create, "%s", c.detail(d)+c.duplicatesHint())
	}
}

// detail names the index, and what its owner can do about it.
func (c *indexCheck) detail(d Verdict) string {
	if d.Role != RoleStricter {
		return fmt.Sprintf("index %s %s", sqltext.Quote(d.Index.Name), d.Detail)
	}
	what := "unique index " + sqltext.Quote(d.Index.Name)
	if d.Index.Constraint != "" {
		what = "unique constraint " + sqltext.Quote(d.Index.Constraint)
	}
	advice := "It is a rule of the table's owner, who may keep it and accept that, or drop it"
	if d.BuiltBySDK {
		advice = "It is named like a guard of the SDK: drop it once no program uses the lifecycle that it was built for"
	}
	if d.Dependents != "" {
		advice += ", which is not possible while " + d.Dependents
	}
	return fmt.Sprintf("%s is stricter than the policy: it %s. %s", what, d.Detail, advice)
}

// dropOwn proposes to drop only what the SDK built.
func (c *indexCheck) dropOwn(d Verdict) []string {
	if !d.BuiltBySDK || !d.OnKey {
		return nil
	}
	return c.drop(d.Index)
}

func (c *indexCheck) unusable(i Index) string {
	if len(i.Gaps) > 0 {
		return fmt.Sprintf("index %s would be the guard, but is not usable: the partitions (%s) have no valid index attached to it; "+
			"build one concurrently on each of them and attach it, as Guard of package postgres/adopt does",
			sqltext.Quote(i.Name), strings.Join(i.Gaps, ", "))
	}
	return fmt.Sprintf("index %s would be the guard, but is not usable (valid %t, ready %t, live %t)",
		sqltext.Quote(i.Name), i.Valid, i.Ready, i.Live)
}

// missing reports that no index resembles a guard. Where the owner has a rule on
// the key and more columns, the mapping is more likely wrong than the table.
func (c *indexCheck) missing(create []string) {
	detail, hint := "no unique index guards ("+strings.Join(c.spec.slot(), ", ")+")", c.duplicatesHint()
	for _, d := range c.report.Verdicts {
		name := sqltext.Quote(d.Index.Name)
		switch {
		case d.Role == RoleFiner && d.Index.Predicate != "":
			create, hint = nil, ""
			detail += fmt.Sprintf("; index %s %s. Map all columns of the key before you build a guard", name, d.Detail)
		case d.Role == RoleStricter:
			detail += fmt.Sprintf("; index %s does not: it %s", name, d.Detail)
		}
	}
	c.report.findf(schema.GuardMissing, create, "%s", detail+hint)
}

// identity looks for the index that makes the ID unique.
func (c *indexCheck) identity() {
	id, identified := c.table().Columns.ID, false
	for _, i := range c.catalog.Indexes {
		if i.Identifies(c.table().Columns) {
			identified = true
			c.report.IDAlone = c.report.IDAlone || slices.Equal(i.Columns, []string{id})
		}
	}
	if !identified {
		c.report.findf(schema.GuardNoPrimaryKey, []string{c.fixes.identity()},
			"no unique index guards the column %s, so a retry could create a second row", sqltext.Quote(id))
	}
}
