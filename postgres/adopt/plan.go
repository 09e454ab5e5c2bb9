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
	// Retired and Rewritten count the changes of either kind.
	Retired int `json:"retired"`
	// Rewritten is as Retired.
	Rewritten int `json:"rewritten"`
	// Changes has an element per row that would change.
	Changes []Change `json:"changes"`
	// LeftAlone counts the rows without a status or with one that the lifecycle
	// does not know, for which the options name no other.
	LeftAlone []StatusCount `json:"left_alone,omitempty"`
}

// Plan returns exactly what [Repair] would change if it ran now and alone. It
// reads one snapshot in a READ ONLY transaction, blocks nobody, and needs the
// right to SELECT. The plan is held in memory.
func Plan(ctx context.Context, pool *pgxpool.Pool, opts *Options) (RepairPlan, error) {
	s, err := opts.settle()
	if err != nil {
		return RepairPlan{}, err
	}
	plan := RepairPlan{Table: s.table.String(), Policy: s.repair.Policy.name, Changes: []Change{}}
	err = snapshot(ctx, pool, func(tx pgx.Tx) error {
		t, err := lookup(ctx, tx, s)
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
	suspects, err := r.suspects(ctx, tx)
	if err != nil {
		return err
	}
	p.Groups = len(suspects)
	if p.LeftAlone, err = r.leftAlone(ctx, tx); err != nil {
		return err
	}
	err = r.preview(ctx, tx, suspects, func(_ []Group, changes []Change) { p.Changes = append(p.Changes, changes...) })
	for _, c := range p.Changes {
		if c.Reason == reasonRewrite {
			p.Rewritten++
		} else {
			p.Retired++
		}
	}
	return err
}

// snapshot runs fn in a transaction that sees one moment and can't write.
func snapshot(ctx context.Context, pool *pgxpool.Pool, fn func(pgx.Tx) error) error {
	conn, err := acquire(ctx, pool)
	if err != nil {
		return err
	}
	defer conn.Release()
	mode := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return classify(ctx, pgx.BeginTxFunc(ctx, conn, mode, func(tx pgx.Tx) error {
		// the casts of times without zone depend on TimeZone; row_security makes
		// the server raise an error instead of hiding rows
		if _, err := tx.Exec(ctx, "SET LOCAL TimeZone = 'UTC'; SET LOCAL row_security = off"); err != nil {
			return err
		}
		return fn(tx)
	}))
}

// batches joins groups until a batch has enough rows. A group is never split:
// its decision needs all of it.
func batches(groups [][]string, rows int) func(yield func([][]string) bool) {
	return func(yield func([][]string) bool) {
		for start := 0; start < len(groups); {
			end, n := start, 0
			for end < len(groups) && (end == start || n+len(groups[end]) <= rows) {
				n += len(groups[end])
				end++
			}
			if !yield(groups[start:end]) {
				return
			}
			start = end
		}
	}
}
