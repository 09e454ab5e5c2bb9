package assignment

import (
	"fmt"
	"slices"
	"strings"
)

// GuardProblem classifies what is wrong with the guard of the active slot.
// Package postgres/schema lists those of a table in PostgreSQL.
type GuardProblem string

// GuardFinding is one problem and the way to fix it. A finding of a [GuardError]
// breaks the guarantee; one that a store reports as a warning does not, but has
// the consequence that its Detail names.
type GuardFinding struct {
	// Problem classifies it.
	Problem GuardProblem
	// Detail says in words what was found, with the names involved.
	Detail string
	// Fix is the SQL that fixes it: statements for an operator to read, and to
	// run one by one outside a transaction. It is empty when SQL alone does not
	// fix it, and when it is for the owner of the table to decide. No statement
	// drops an index that the SDK did not build, unless a failed build left it.
	Fix []string
}

// GuardError reports that a store can't keep the guarantee. It is
// [ErrUnguarded].
type GuardError struct {
	// Table is the table that was inspected, as configured.
	Table string
	// Findings has at least one element.
	Findings []GuardFinding
}

// Error lists every finding with its fix.
func (e *GuardError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v on table %s", ErrUnguarded, e.Table)
	for _, f := range e.Findings {
		fmt.Fprintf(&b, "; %s: %s", f.Problem, f.Detail)
		if len(f.Fix) > 0 {
			fmt.Fprintf(&b, " (fix: %s)", strings.Join(f.Fix, " "))
		}
	}
	return b.String()
}

// Is reports whether target is [ErrUnguarded].
func (e *GuardError) Is(target error) bool { return target == ErrUnguarded }

// Has reports whether one of the findings is of the given problem.
func (e *GuardError) Has(p GuardProblem) bool {
	return slices.ContainsFunc(e.Findings, func(f GuardFinding) bool { return f.Problem == p })
}
