package adopt

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// RepairPlan is what [Repair] would do.
type RepairPlan struct {
	// Table is the table, as configured.
	Table string `json:"table"`
	// Policy is the name of the policy.
	Policy string `json:"policy"`
	// Groups is the number of slots that are held more than once or have a row
	// to be rewritten.
	Groups int `json:"groups"`
	// Retired counts the rows that would move to the terminal status.
	Retired int `json:"retired"`
	// Rewritten counts the rows whose NULL or unknown status would be replaced.
	Rewritten int `json:"rewritten"`
	// Changes has an element for each row that would change.
	Changes []Change `json:"changes"`
	// LeftAlone counts the rows with a NULL or unknown status for which the
	// options name no replacement.
	LeftAlone []StatusCount `json:"left_alone,omitempty"`
}

// Plan returns exactly what [Repair] would change if it ran now and alone. It
// reads one snapshot in a READ ONLY transaction, blocks nobody, and needs the
// right to SELECT. The plan is built in memory.
func Plan(ctx context.Context, pool *pgxpool.Pool, opts *Options) (RepairPlan, error) {
	s, err := opts.resolve()
	if err != nil {
		return RepairPlan{}, err
	}
	plan := RepairPlan{Table: s.table.String(), Policy: s.repair.Policy.name, Changes: []Change{}}
	err = snapshot(ctx, pool, func(tx pgx.Tx) error {
		t, err := inspect(ctx, tx, s)
		if err != nil {
			return err
		}
		return plan.fill(ctx, tx, reader{s, t})
	})
	if err != nil {
		return RepairPlan{}, fmt.Errorf("plan repair: %w", err)
	}
	return plan, nil
}

func (p *RepairPlan) fill(ctx context.Context, tx pgx.Tx, r reader) error {
	candidates, err := r.candidates(ctx, tx)
	if err != nil {
		return err
	}
	p.Groups = len(candidates)
	if p.LeftAlone, err = r.leftAlone(ctx, tx); err != nil {
		return err
	}
	err = r.preview(ctx, tx, candidates, func(_ []Group, changes []Change) { p.Changes = append(p.Changes, changes...) })
	for _, c := range p.Changes {
		if c.Reason == reasonRewrite {
			p.Rewritten++
		} else {
			p.Retired++
		}
	}
	return err
}
