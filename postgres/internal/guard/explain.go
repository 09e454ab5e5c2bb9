package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// plan is the part of EXPLAIN's output that is of interest.
type plan struct {
	NodeType      string   `json:"Node Type"`
	OneTimeFilter string   `json:"One-Time Filter"`
	Filter        string   `json:"Filter"`
	Arbiters      []string `json:"Conflict Arbiter Indexes"`
}

// impossible means that the planner has proved that there can be no row.
func (p plan) impossible() bool { return p.NodeType == "Result" && p.OneTimeFilter == "false" }

// explainCondition explains the condition on a row of the table's type. OFFSET 0
// keeps the planner from evaluating it on the constant row.
func (p *prover) explainCondition(ctx context.Context, condition string) (plan, error) {
	return p.explain(ctx, fmt.Sprintf("SELECT FROM (SELECT (NULL::%s).* OFFSET 0) AS t WHERE %s", p.spec.Table, condition))
}

func (p *prover) explain(ctx context.Context, sql string) (plan, error) {
	text, err := p.q.Text(ctx, "EXPLAIN (FORMAT JSON) "+sql)
	if err != nil {
		return plan{}, fmt.Errorf("compare predicates: %w", err)
	}
	var plans []struct {
		Plan plan `json:"Plan"`
	}
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		return plan{}, fmt.Errorf("compare predicates: read the plan: %w", err)
	}
	if len(plans) != 1 {
		return plan{}, errors.New("compare predicates: EXPLAIN returned no plan")
	}
	return plans[0].Plan, nil
}

// infers reports whether an insert with the key and the predicate as its conflict
// target infers the index as its arbiter. The insert is only explained.
func (p *prover) infers(ctx context.Context, predicate string, i Index) (bool, error) {
	if err := p.q.Exec(ctx, "SAVEPOINT assignment_probe"); err != nil {
		return false, err
	}
	plan, err := p.explain(ctx, fmt.Sprintf("INSERT INTO %s DEFAULT VALUES ON CONFLICT (%s) WHERE %s DO NOTHING",
		p.spec.Table, sqltext.Columns(p.spec.slot()...), predicate))
	if rollbackErr := p.q.Exec(ctx, "ROLLBACK TO SAVEPOINT assignment_probe"); rollbackErr != nil {
		return false, rollbackErr
	}
	switch p.q.SQLState(err) {
	case "42P10", "42501": // no such index; or the role may not insert, so the server does not say
		return false, nil
	}
	return slices.Contains(plan.Arbiters, i.Name), err
}
