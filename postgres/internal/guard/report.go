package guard

import (
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Report is what an inspection found.
type Report struct {
	// Table is that of the Spec, with the schema that the name resolved to.
	Table schema.Table
	// Catalog is nil when there is no such table.
	Catalog *Catalog
	// Findings break the guarantee: a store must reject the table.
	Findings []assignment.GuardFinding
	// Warnings don't break it, but have a consequence that the host should know.
	Warnings []assignment.GuardFinding
	// Buildable is false when no index could guard the table as it is.
	Buildable bool
	// Nullable are the required columns that accept NULL and need no more than
	// SET NOT NULL: nothing depends on the NULLs.
	Nullable []string
	// Verdicts are about the indexes, in the order of the catalog. There are none
	// unless Buildable.
	Verdicts []Verdict
	// Guard is the index that keeps the guarantee, nil without one. It is set
	// even when something else is wrong.
	Guard *schema.Guard
	// ConflictPredicate is what an ON CONFLICT clause must name for the server to
	// infer the guard.
	ConflictPredicate string
	// Create is the statement that builds a guard under a name that is free,
	// empty unless Buildable.
	Create string
	// IDAlone means that an index makes the ID alone unique. On a partitioned table
	// it is unique only together with key columns.
	IDAlone bool
}

// Err returns a *assignment.GuardError with the findings, and nil when there are
// none.
func (r *Report) Err(configured schema.Table) error {
	if len(r.Findings) == 0 {
		return nil
	}
	return &assignment.GuardError{Table: configured.String(), Findings: r.Findings}
}

// Finer returns the verdict on a unique index of the host's that distinguishes
// rows which are one slot to the mapping: one on the key and more columns, or one
// whose predicate excludes rows by a column that is not mapped, such as the mark
// of a soft delete. Rows that are valid to their owner then look like duplicates.
// With a guard in place there is no such index that matters.
func (r *Report) Finer() (Verdict, bool) {
	if r.Guard != nil {
		return Verdict{}, false
	}
	for _, v := range r.Verdicts {
		if len(v.Distinguishes) > 0 {
			return v, true
		}
	}
	return Verdict{}, false
}

func (r *Report) findf(p assignment.GuardProblem, fix []string, format string, args ...any) {
	r.Findings = append(r.Findings, assignment.GuardFinding{Problem: p, Detail: fmt.Sprintf(format, args...), Fix: fix})
}

func (r *Report) warnf(p assignment.GuardProblem, fix []string, format string, args ...any) {
	r.Warnings = append(r.Warnings, assignment.GuardFinding{Problem: p, Detail: fmt.Sprintf(format, args...), Fix: fix})
}

// blockf is a finding after which no index could guard the table.
func (r *Report) blockf(p assignment.GuardProblem, fix []string, format string, args ...any) {
	r.Buildable = false
	r.findf(p, fix, format, args...)
}
