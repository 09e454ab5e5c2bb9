package adopt

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// GuardPlan is what [Guard] would do.
type GuardPlan struct {
	// Table is the table, as configured.
	Table string `json:"table"`
	// Steps are run in this order. There are none when the guard stands.
	Steps []Step `json:"steps"`
	// Blocked says what stops Guard until it is resolved, such as duplicates.
	Blocked []Finding `json:"blocked,omitempty"`
}

// PlanGuard returns the steps that [Guard] would take if it ran now. It reads
// one snapshot in a READ ONLY transaction, blocks nobody, and needs the right to
// SELECT.
func PlanGuard(ctx context.Context, pool *pgxpool.Pool, opts *Options) (GuardPlan, error) {
	s, err := opts.settle()
	if err != nil {
		return GuardPlan{}, err
	}
	var plan GuardPlan
	err = snapshot(ctx, pool, func(tx pgx.Tx) error {
		t, err := lookup(ctx, tx, s)
		if err != nil {
			return err
		}
		plan, err = planGuard(ctx, tx, s, t)
		return err
	})
	if err != nil {
		return GuardPlan{}, fmt.Errorf("plan guard: %w", err)
	}
	return plan, nil
}

// planGuard compares what is there with what should be. Guard runs the steps
// and plans again until none is left, so an interrupted run is continued by
// the next, and a dry run shows what would happen.
func planGuard(ctx context.Context, tx pgx.Tx, s *settings, t *table) (GuardPlan, error) {
	plan := GuardPlan{Table: s.table.String(), Steps: []Step{}}
	j, err := newJudge(ctx, tx, s)
	if err != nil {
		return plan, err
	}
	p := &planner{judge: j, plan: &plan}
	root, err := p.node(ctx, t)
	if err != nil {
		return plan, err
	}
	plan.Steps = slices.Concat(plan.Steps, p.waits, p.first)
	if ready, err := p.planDuplicates(ctx, t, root.steps); err != nil {
		return plan, err
	} else if ready {
		plan.Steps = slices.Concat(plan.Steps, root.steps, p.last)
	}
	err = p.planNotNull(ctx, t)
	return plan, err
}

// planner collects steps: leftovers go first, so that their names are free;
// wrong indexes go last, so that the slot is never without a guard that it had.
type planner struct {
	judge
	plan               *GuardPlan
	waits, first, last []Step
}

// planDuplicates looks for what a build would stumble over, and has it
// repaired if that is allowed. It reports whether the build can be tried.
func (p *planner) planDuplicates(ctx context.Context, t *table, steps []Step) (ready bool, err error) {
	if !slices.ContainsFunc(steps, func(s Step) bool { return s.build }) {
		return true, nil
	}
	plain := *p.settings
	plain.repair.Rewrite, plain.repair.NullStatus = nil, ""
	groups, err := reader{&plain, t}.suspects(ctx, p.tx)
	switch {
	case err != nil || len(groups) == 0:
		return err == nil, err
	case p.Repair == nil:
		p.plan.Blocked = append(p.plan.Blocked, Finding{
			Kind: KindDuplicates, Remedy: ByRepair, Command: p.repairCommand(t), problem: assignment.GuardMissing,
			Detail: fmt.Sprintf("%d slots are held more than once; repair them before the unique index can be built", len(groups)),
		})
		return false, nil
	default:
		if err := (reader{p.settings, t}).preview(ctx, p.tx, groups, func([]Group, []Change) {}); err != nil {
			return false, err
		}
		p.plan.Steps = append(p.plan.Steps, Step{
			Action: fmt.Sprintf("repair: %d slots are held more than once, keep the %s", len(groups), p.repair.Policy),
			Locks:  locksRows, repair: true,
		})
		return true, nil
	}
}

// guardNode is the guard of a table or partition: its name, whether it is
// there and valid, and the steps that make it so.
type guardNode struct {
	name   string
	exists bool
	valid  bool
	parent uint32
	oid    uint32
	steps  []Step
}

// node plans one table and, if it is partitioned, all below it.
func (p *planner) node(ctx context.Context, t *table) (guardNode, error) {
	indexes, err := t.indexes(ctx, p.tx)
	if err != nil {
		return guardNode{}, err
	}
	var n guardNode
	for _, i := range indexes {
		if err := p.consider(ctx, t, i, &n); err != nil {
			return n, err
		}
	}
	if !n.exists {
		if n.name, err = p.freeName(ctx, t); err != nil {
			return n, err
		}
	}
	if t.Kind == "p" {
		err := p.partitioned(ctx, t, &n)
		return n, err
	}
	if !n.exists {
		n.steps = append(n.steps, p.create(t, n.name))
	}
	return n, nil
}

// consider sorts an index. One that is attached to an index of the parent is
// kept and dropped with that.
func (p *planner) consider(ctx context.Context, t *table, i index, n *guardNode) error {
	r, err := p.role(ctx, t, i)
	if err != nil {
		return err
	}
	switch {
	case r == roleGuard && (!n.exists || !n.valid && i.Usable):
		n.name, n.exists, n.valid, n.parent, n.oid = i.Name, true, i.Usable, i.Parent, i.OID
	case r == roleLeftover:
		busy, err := builders(ctx, p.tx, t.OID)
		if err != nil {
			return err
		}
		if busy != "" {
			p.waits = append(p.waits, waitStep(fmt.Sprintf("index %s is not valid, and %s", i.Name, busy)))
		}
		p.first = append(p.first, p.drop(t, i, "a build that did not end left it behind"))
	case r == roleWrong && i.Parent == 0:
		p.last = append(p.last, p.drop(t, i, why(t, i)))
	}
	return nil
}

// why says what is wrong with an index.
func why(t *table, i index) string {
	switch {
	case i.Name == t.fenceName():
		return "the guard stands, so the fence is no longer needed"
	case i.Predicate == "":
		return "it is not the guard: it has no predicate"
	default:
		return "it is not the guard: its predicate is " + i.Predicate
	}
}

// freeName returns a name that no relation beside the table has.
func (p *planner) freeName(ctx context.Context, t *table) (string, error) {
	base := schema.Table{Name: t.Name}.GuardName()
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			suffix := "_" + strconv.Itoa(n)
			name = strings.ToValidUTF8(base[:min(len(base), 63-len(suffix))], "") + suffix
		}
		var taken bool
		err := p.tx.QueryRow(ctx, `SELECT EXISTS (
			SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			LEFT JOIN pg_index i ON i.indexrelid = c.oid
			WHERE n.nspname = $1 AND c.relname = $2
			  -- a leftover of this table is dropped before the name is used
			  AND (i.indrelid IS DISTINCT FROM $3::oid OR i.indisvalid OR $4))`,
			t.Schema, name, t.OID, t.Kind == "p").Scan(&taken)
		if err != nil || !taken {
			return name, err
		}
	}
}

// builders names a session that may be building or dropping an index of the
// table: all that hold the lock which a concurrent build takes, but for
// vacuums, which take it too.
func builders(ctx context.Context, q querier, oid uint32) (string, error) {
	var pids []int32
	err := q.QueryRow(ctx, `SELECT COALESCE(array_agg(DISTINCT pid), '{}') FROM pg_locks l
		WHERE l.locktype = 'relation' AND l.relation = $1::oid AND l.granted
		  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
		  AND l.mode = 'ShareUpdateExclusiveLock' AND l.pid <> pg_backend_pid()
		  AND NOT EXISTS (SELECT FROM pg_stat_progress_vacuum v WHERE v.pid = l.pid)`, oid).Scan(&pids)
	if err != nil || len(pids) == 0 {
		return "", err
	}
	return fmt.Sprintf("process %d of the server may still be building an index of this table", pids[0]), nil
}
