// Package guard decides whether a table keeps the guarantee. It reads the
// catalog, checks the table and its columns, finds the role of every index, has
// the planner prove which predicates are equivalent, and renders the SQL that
// fixes what is wrong. The store and package adopt both use it, so that they
// accept the same tables.
//
// It changes nothing and needs no more rights than a store: it reads the catalog
// once, and beyond that only runs EXPLAIN.
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
	// SQLState returns the code that the server reported, and the empty string
	// when err did not come from the server.
	SQLState(err error) string
}

// Spec is what a table is inspected for.
type Spec struct {
	// Table is as configured, with Name and Columns set.
	Table schema.Table
	// Lifecycle says which statuses hold the slot.
	Lifecycle assignment.Lifecycle
}

// slot returns the columns that no two active rows may have the same values in.
func (s Spec) slot() []string {
	return []string{s.Table.Columns.AssigneeID, s.Table.Columns.SubjectID}
}

// active is the condition under which a row holds its slot.
func (s Spec) active() string { return sqltext.Active(s.Table.Columns.Status, s.Lifecycle) }

// Inspect checks the table, its columns and all of its indexes. A missing right
// is a finding, after which the transaction can only be rolled back.
func Inspect(ctx context.Context, q Querier, spec Spec) (*Report, error) {
	r, err := inspect(ctx, q, spec)
	const forbidden = "42501"
	if err != nil && q.SQLState(err) == forbidden {
		r = &Report{Table: spec.Table}
		r.findf(schema.GuardUnverifiable, nil, "the role is not permitted to inspect the table: %v", err)
		return r, nil
	}
	return r, err
}

func inspect(ctx context.Context, q Querier, spec Spec) (*Report, error) {
	c, err := Read(ctx, q, spec.Table)
	if err != nil {
		return nil, err
	}
	r := checkCatalog(spec, c)
	if !r.Buildable {
		return r, nil
	}
	spec.Table = r.Table
	v := &verifier{prover: prover{fixes: fixes{spec, c}, q: q}, report: r}
	if err := v.run(ctx); err != nil {
		return nil, fmt.Errorf("inspect %s: %w", spec.Table, err)
	}
	return r, nil
}

// checkCatalog reports what the catalog alone shows: everything except what
// depends on the meaning of a predicate. The catalog is nil when there is no such
// table.
func checkCatalog(spec Spec, c *Catalog) *Report {
	r := &Report{Table: spec.Table, Catalog: c}
	if c == nil {
		r.findf(schema.GuardNoTable, nil, "table %s does not exist, or its schema is not in the search_path", spec.Table)
		return r
	}
	r.Table.Schema, r.Table.Name = c.Schema, c.Name
	r.Buildable = true
	spec.Table = r.Table
	f := fixes{spec, c}
	(&tableCheck{f, r}).run()
	if !c.isTable() {
		return r
	}
	(&columnCheck{f, r}).run()
	if r.Buildable {
		r.Create = f.create()
	}
	return r
}
