package assignment

import (
	"fmt"
	"slices"
	"strings"
)

// GuardError reports that a store can't keep the guarantee. It is
// [ErrUnguarded].
type GuardError struct {
	Table    string         // the table that was inspected, as configured
	Findings []GuardFinding // at least one
}

// GuardFinding is one problem and the way to fix it. As a warning it does not
// break the guarantee, but has the consequence that Detail names.
type GuardFinding struct {
	Problem GuardProblem // classifies it
	Detail  string       // says in words what was found, with the names involved
	// Fix is the SQL that fixes it, to be read, and run statement by statement
	// outside a transaction; empty when the owner of the table has to decide.
	Fix []string
}

// GuardProblem classifies what is wrong with the guard of the active slot.
// Package postgres/schema lists those of a table in PostgreSQL.
type GuardProblem string

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
