// Package guard decides whether a table keeps the guarantee: it reads the
// catalog, judges the columns and every index, has the planner prove which
// predicates are equal, and renders the SQL that fixes what is wrong. The store
// and package adopt both stand on it, so that what one accepts, the other does.
//
// It changes nothing and needs no more rights than a store: it asks the catalog
// once, and for the rest only explains statements.
package guard

import (
	"context"
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Querier runs the statements of an inspection in one transaction, which may be
// READ ONLY.
type Querier interface {
	// Text returns the first column of the first row as text, and the empty
	// string when there is no row or the value is NULL.
	Text(ctx context.Context, sql string, args ...any) (string, error)
	// Exec runs a statement for its effect.
	Exec(ctx context.Context, sql string, args ...any) error
	// SQLState is what the server reported, empty when err is no report of it.
	SQLState(err error) string
}

// Spec is what a table is inspected for.
type Spec struct {
	// Table is as configured, with Name and Columns set.
	Table schema.Table
	// Lifecycle says which statuses hold the slot.
	Lifecycle assignment.Lifecycle
}

// slot returns the columns of which only one active row may have the same values.
func (s Spec) slot() []string {
	return []string{s.Table.Columns.AssigneeID, s.Table.Columns.SubjectID}
}

// active is the condition under which a row holds its slot.
func (s Spec) active() string { return sqltext.Active(s.Table.Columns.Status, s.Lifecycle) }

// Report is what an inspection found.
type Report struct {
	// Table is that of the Spec, with the schema that the name led to.
	Table schema.Table
	// Catalog is nil when there is no such relation.
	Catalog *Catalog
	// Findings break the guarantee: a store must refuse the table.
	Findings []assignment.GuardFinding
	// Warnings don't, but have a consequence that the host should know.
	Warnings []assignment.GuardFinding
	// Buildable is false when no index could guard the table as it is.
	Buildable bool
	// Verdicts are about the indexes, in the order of the catalog. There are none
	// unless Buildable.
	Verdicts []Verdict
	// Guard is the index that keeps the guarantee, nil without one. It is set
	// also when something else is found wrong.
	Guard *schema.Guard
	// ConflictPredicate is what an ON CONFLICT clause must name for the server to
	// find the guard.
	ConflictPredicate string
	// Create is the statement that builds a guard under a name that is free,
	// empty unless Buildable.
	Create string
	// IDAlone means that an index makes the ID alone unique. On a partitioned table
	// it is unique only together with key columns.
	IDAlone bool
}

// Inspect looks at the table and at all of its indexes. That the role may not is a
// finding, after which the transaction can only be rolled back.
func Inspect(ctx context.Context, q Querier, spec Spec) (*Report, error) {
	r, err := inspect(ctx, q, spec)
	const forbidden = "42501"
	if err != nil && q.SQLState(err) == forbidden {
		r = &Report{Table: spec.Table}
		r.findf(assignment.GuardUnverifiable, nil, "the role may not look at the table: %v", err)
		return r, nil
	}
	return r, err
}

func inspect(ctx context.Context, q Querier, spec Spec) (*Report, error) {
	c, err := Read(ctx, q, spec.Table)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return &Report{Table: spec.Table, Findings: []assignment.GuardFinding{{
			Problem: assignment.GuardNoTable,
			Detail:  fmt.Sprintf("table %s does not exist, or its schema is not in the search_path", spec.Table),
		}}}, nil
	}
	spec.Table.Schema, spec.Table.Name = c.Schema, c.Name
	r := &Report{Table: spec.Table, Catalog: c, Buildable: true}
	f := fixes{spec: spec, catalog: c}
	(&tableCheck{fixes: f, report: r}).run()
	if c.Kind != "r" && c.Kind != "p" {
		return r, nil
	}
	(&columnCheck{fixes: f, report: r}).run()
	if !r.Buildable {
		return r, nil
	}
	r.Create = f.create()
	v := &verifier{prover: &prover{fixes: f, q: q}, report: r}
	if err := v.run(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// Err is nil unless there are findings.
func (r *Report) Err(configured schema.Table) error {
	if len(r.Findings) == 0 {
		return nil
	}
	return &assignment.GuardError{Table: configured.String(), Findings: r.Findings}
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
