package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// GuardPlan is what [Guard] would do.
type GuardPlan struct {
	// Table is the table, as configured.
	Table string `json:"table"`
	// Steps are run in this order. There are none when the guard is in place.
	Steps []Step `json:"steps"`
	// Blocked says what keeps Guard from starting until it is resolved, such as
	// duplicates.
	Blocked []Finding `json:"blocked,omitempty"`
}

// PlanGuard returns the steps that [Guard] would take if it ran now. It reads
// one snapshot in a READ ONLY transaction, blocks nobody, and needs the right to
// SELECT.
func PlanGuard(ctx context.Context, pool *pgxpool.Pool, opts *Options) (GuardPlan, error) {
	s, err := opts.resolve()
	if err != nil {
		return GuardPlan{}, err
	}
	var plan GuardPlan
	err = snapshot(ctx, pool, func(tx pgx.Tx) error {
		t, err := inspect(ctx, tx, s)
		if err != nil {
			return err
		}
		plan, err = planGuard(ctx, tx, s, t)
		return err
	})
	if err == nil && len(plan.Steps) > 0 {
		err = plan.checkPooler(ctx, pool, s)
	}
	if err != nil {
		return GuardPlan{}, fmt.Errorf("plan guard: %w", err)
	}
	return plan, nil
}

// checkPooler blocks the plan when the pool connects through a transaction pooler.
func (p *GuardPlan) checkPooler(ctx context.Context, pool *pgxpool.Pool, s *settings) error {
	conn, err := acquire(ctx, pool)
	if err != nil {
		return err
	}
	probe := &session{settings: s, pool: pool, conn: conn}
	defer probe.close() //nolint:contextcheck // the connection is closed even when the context has ended
	err = probe.detectPooler(ctx)
	if !errors.Is(err, errTransactionPooler) {
		return classify(ctx, err)
	}
	p.Steps = []Step{}
	p.Blocked = append(p.Blocked, Finding{Kind: KindPooler, Remedy: ByOperator, Detail: "the connection " + errTransactionPooler.Reason})
	return nil
}

// planGuard compares the table with what it should be. Guard runs the steps and
// plans again until none is left, so an interrupted run is continued by the next,
// and a dry run shows what would happen.
func planGuard(ctx context.Context, tx pgx.Tx, s *settings, t *table) (GuardPlan, error) {
	p := &planner{settings: s, tx: tx, plan: &GuardPlan{Table: s.table.String(), Steps: []Step{}}}
	p.planOperator(t)
	root, err := p.node(ctx, t.Report)
	if err != nil {
		return *p.plan, err
	}
	steps := root.steps
	if len(steps)+len(p.waits)+len(p.first)+len(p.last)+len(t.Nullable) > 0 && !t.Catalog.Owner {
		p.block(notOwner())
	}
	ready, err := p.planDuplicates(ctx, t, steps)
	if err != nil {
		return *p.plan, err
	}
	if ready {
		p.plan.Steps = slices.Concat(p.waits, p.first, p.plan.Steps, steps, p.last)
	}
	if err := p.planNotNull(ctx, t); err != nil {
		return *p.plan, err
	}
	if len(p.plan.Blocked) > 0 {
		p.plan.Steps = slices.DeleteFunc(p.plan.Steps, func(s Step) bool { return !s.cleanup })
	}
	return *p.plan, nil
}
