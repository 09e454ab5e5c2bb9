package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// prover has the planner prove how predicates relate. It only runs EXPLAIN, on a
// row of the table's type that does not exist, so neither the rows of the table
// nor the rights of the role matter.
type prover struct {
	fixes
	q Querier
	// domain is a condition on the status that every row meets, because an enum or
	// CHECK constraints enforce it; empty when any text is possible.
	domain string
	// enforcedBy says in words what enforces the domain.
	enforcedBy string
	// filter is the expected predicate as the planner words it.
	filter string
}

func (p *prover) prepare(ctx context.Context) error {
	// without it the planner does not look for contradictions
	if err := p.q.Exec(ctx, "SET LOCAL constraint_exclusion = on"); err != nil {
		return fmt.Errorf("compare predicates: %w", err)
	}
	var err error
	if p.filter, err = p.normalise(ctx, p.spec.active()); err != nil {
		return err
	}
	return p.findDomain(ctx)
}

func (p *prover) findDomain(ctx context.Context) error {
	col, _ := p.catalog.Column(p.spec.Table.Columns.Status)
	if !col.NotNull {
		return nil
	}
	name := sqltext.Quote(col.Name)
	if col.PGType == Enum {
		p.domain, p.enforcedBy = name+" IN ("+literals(col.Labels)+")", "the enum "+col.Cast+" has no other values"
		return nil
	}
	checks := p.checksOn(col.Name)
	// the planner would take a policy of row-level security for a constraint
	if len(checks) == 0 || p.catalog.Session.RowSecurity {
		return nil
	}
	known := sqltext.Statuses(p.spec.Lifecycle.Statuses())
	plan, err := p.explain(ctx, fmt.Sprintf("SELECT FROM %s WHERE %s NOT IN (%s)", p.spec.Table, name, known))
	if err == nil && plan.impossible() {
		p.domain = name + " IN (" + known + ")"
		p.enforcedBy = "the CHECK constraints " + strings.Join(checks, ", ") + " allow no other statuses"
	}
	return err
}

func literals(labels []string) string {
	quoted := make([]string, len(labels))
	for i, label := range labels {
		// labels of the host's may contain backslashes
		quoted[i] = "E'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(label) + "'"
	}
	return strings.Join(quoted, ", ")
}

func (p *prover) checksOn(column string) []string {
	var names []string
	for _, c := range p.catalog.Checks {
		if slices.Contains(c.Columns, column) {
			names = append(names, sqltext.Quote(c.Name))
		}
	}
	return names
}

// relate compares the predicate of the index with that of an active row.
func (p *prover) relate(ctx context.Context, i Index) (r relation, err error) {
	filter, err := p.normalise(ctx, i.Predicate)
	if err != nil || filter != "" && filter == p.filter {
		return relation{identical: err == nil}, err
	}
	for _, claim := range []struct {
		proved *bool
		a, b   string
	}{{&r.covers, p.spec.active(), i.Predicate}, {&r.covered, i.Predicate, p.spec.active()}} {
		if *claim.proved, err = p.implies(ctx, claim.a, claim.b); err != nil {
			return r, err
		}
		if *claim.proved || p.domain == "" {
			continue
		}
		if *claim.proved, err = p.implies(ctx, "("+p.domain+") AND ("+claim.a+")", claim.b); err != nil {
			return r, err
		}
		if *claim.proved {
			r.because = p.enforcedBy
		}
	}
	if !r.covers {
		r.disjoint, err = p.disjointFromActive(ctx, i)
	}
	return r, err
}

// implies reports whether every row that meets a meets b. b must be true, not just
// not false: a row for which the predicate of a partial index is NULL is not in
// the index.
func (p *prover) implies(ctx context.Context, a, b string) (bool, error) {
	return p.never(ctx, fmt.Sprintf("(%s) AND (%s) IS NOT TRUE", a, b))
}

// disjointFromActive reports whether no active row is in the index.
func (p *prover) disjointFromActive(ctx context.Context, i Index) (bool, error) {
	if i.Predicate == "" {
		return false, nil
	}
	condition := fmt.Sprintf("(%s) AND (%s)", i.Predicate, p.spec.active())
	if p.domain != "" {
		condition = "(" + p.domain + ") AND " + condition
	}
	return p.never(ctx, condition)
}

// never reports whether no row can meet the condition.
func (p *prover) never(ctx context.Context, condition string) (bool, error) {
	plan, err := p.explainCondition(ctx, condition)
	return err == nil && plan.impossible(), err
}

// normalise returns the condition as the planner words it. Two conditions that are
// the same after that have only been written differently.
func (p *prover) normalise(ctx context.Context, condition string) (string, error) {
	plan, err := p.explainCondition(ctx, condition)
	return plan.Filter, err
}
