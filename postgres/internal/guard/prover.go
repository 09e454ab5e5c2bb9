package guard

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// prover has the planner prove what predicates say about each other. It only
// has statements explained, on a row of the table's type that does not exist, so
// that neither the rows of the table nor the rights of the role matter.
type prover struct {
	fixes
	q Querier
	// domain says which statuses there can be at all, as far as an enum or a CHECK
	// constraint limits them; empty when any text can be.
	domain string
	// limitedBy says in words what the domain follows from.
	limitedBy string
	active    string // the filter of the expected predicate, normalised
}

func (p *prover) prepare(ctx context.Context) error {
	// without it the planner does not look for contradictions
	if err := p.q.Exec(ctx, "SET LOCAL constraint_exclusion = on"); err != nil {
		return fmt.Errorf("prepare the proofs: %w", err)
	}
	var err error
	if p.active, err = p.normalise(ctx, p.spec.active()); err != nil {
		return err
	}
	return p.limit(ctx)
}

// limit finds the domain of the status.
func (p *prover) limit(ctx context.Context) error {
	col := p.catalog.column(p.spec.Table.Columns.Status)
	if !col.NotNull {
		return nil
	}
	name := sqltext.Quote(col.Name)
	if col.PGType == Enum {
		p.domain, p.limitedBy = name+" IN ("+literals(col.Labels)+")", "the enum "+col.Cast+" has no other values"
		return nil
	}
	known := sqltext.Statuses(p.spec.Lifecycle.Statuses())
	checks := p.checksOn(col.Name)
	// a policy of row-level security would pass for a constraint
	if len(checks) == 0 || p.catalog.Session.RowSecurity {
		return nil
	}
	plan, err := p.explain(ctx, fmt.Sprintf("SELECT FROM %s WHERE %s NOT IN (%s)", p.spec.Table, name, known))
	if err == nil && plan.impossible() {
		p.domain = name + " IN (" + known + ")"
		p.limitedBy = "the CHECK constraints " + strings.Join(checks, ", ") + " allow no other statuses"
	}
	return err
}

func literals(labels []string) string {
	quoted := make([]string, len(labels))
	for i, label := range labels {
		quoted[i] = quoteLiteral(label)
	}
	return strings.Join(quoted, ", ")
}

// quoteLiteral takes labels that others made, which may hold backslashes.
func quoteLiteral(s string) string {
	return "E'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(s) + "'"
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

// implies reports whether every row that meets the condition a meets b, whatever
// statuses there are. b must be true, not just not false: a row for which the
// predicate of a partial index is NULL is not in the index.
func (p *prover) implies(ctx context.Context, a, b string) (bool, error) {
	return p.never(ctx, fmt.Sprintf("(%s) AND (%s) IS NOT TRUE", a, b))
}

// impliesHere is implies for the statuses of the domain.
func (p *prover) impliesHere(ctx context.Context, a, b string) (bool, error) {
	if p.domain == "" {
		return p.implies(ctx, a, b)
	}
	return p.implies(ctx, "("+p.domain+") AND ("+a+")", b)
}

// disjoint reports whether no row can meet both.
func (p *prover) disjoint(ctx context.Context, a, b string) (bool, error) {
	condition := fmt.Sprintf("(%s) AND (%s)", a, b)
	if p.domain != "" {
		condition = "(" + p.domain + ") AND " + condition
	}
	return p.never(ctx, condition)
}

// never asks whether no row can meet the condition.
func (p *prover) never(ctx context.Context, condition string) (bool, error) {
	plan, err := p.onNoRow(ctx, condition)
	return err == nil && plan.impossible(), err
}

// normalise returns the condition as the planner words it: what is the same after
// that has only been written in two ways.
func (p *prover) normalise(ctx context.Context, condition string) (string, error) {
	plan, err := p.onNoRow(ctx, condition)
	return plan.Filter, err
}

// onNoRow explains the condition on a row of the table's type. OFFSET 0 keeps the
// planner from looking through it.
func (p *prover) onNoRow(ctx context.Context, condition string) (plan, error) {
	return p.explain(ctx, fmt.Sprintf("SELECT FROM (SELECT (NULL::%s).* OFFSET 0) AS t WHERE %s", p.spec.Table, condition))
}

// plan is what is of interest in the output of EXPLAIN.
type plan struct {
	NodeType      string   `json:"Node Type"`
	OneTimeFilter string   `json:"One-Time Filter"`
	Filter        string   `json:"Filter"`
	Arbiters      []string `json:"Conflict Arbiter Indexes"`
	Plans         []plan   `json:"Plans"`
}

// impossible means that the planner has proved that there can be no row.
func (p plan) impossible() bool { return p.NodeType == "Result" && p.OneTimeFilter == "false" }

func (p *prover) explain(ctx context.Context, sql string) (plan, error) {
	text, err := p.q.Text(ctx, "EXPLAIN (FORMAT JSON) "+sql)
	if err != nil {
		return plan{}, fmt.Errorf("compare predicates: %w", err)
	}
	var plans []struct {
		Plan plan `json:"Plan"`
	}
	if err := json.Unmarshal([]byte(text), &plans); err != nil || len(plans) != 1 {
		return plan{}, fmt.Errorf("compare predicates: read the plan: %w", err)
	}
	return plans[0].Plan, nil
}

// arbitrates asks whether an insert that names the key and the predicate as its
// conflict target is judged by the index. The insert is only explained.
func (p *prover) arbitrates(ctx context.Context, predicate string, i Index) (bool, error) {
	if err := p.q.Exec(ctx, "SAVEPOINT assignment_probe"); err != nil {
		return false, err
	}
	plan, err := p.explain(ctx, fmt.Sprintf("INSERT INTO %s DEFAULT VALUES ON CONFLICT (%s) WHERE %s DO NOTHING",
		p.spec.Table, strings.Join(quoteAll(p.spec.slot()), ", "), predicate))
	if rollbackErr := p.q.Exec(ctx, "ROLLBACK TO SAVEPOINT assignment_probe"); rollbackErr != nil {
		return false, rollbackErr
	}
	switch p.q.SQLState(err) {
	case "42P10", "42501": // no such index; or the role may not insert, so that the server does not tell
		return false, nil
	}
	return slices.Contains(plan.Arbiters, i.Name), err
}
