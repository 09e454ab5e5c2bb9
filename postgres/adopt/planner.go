package adopt

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/internal/plural"
	"github.com/assignment-go/assignment/postgres/internal/guard"
)

// planner collects steps: leftovers are dropped first, so that their names are free;
// what is superseded is dropped last, so that the slot always has a guard if it had
// one.
type planner struct {
	*settings
	tx                 pgx.Tx
	plan               *GuardPlan
	waits, first, last []Step
}

func (p *planner) block(f Finding) { p.plan.Blocked = append(p.plan.Blocked, f) }

// planOperator blocks the plan by what no step can fix.
func (p *planner) planOperator(t *table) {
	if f, found := t.coarser(); found {
		p.block(f)
	}
	for _, f := range t.Findings {
		if found := findingOf(f); found.Remedy == ByOperator {
			p.block(found)
		}
	}
}

// planDuplicates has duplicates repaired, which a build would fail on, or blocks the
// plan. It reports whether the build can be tried.
func (p *planner) planDuplicates(ctx context.Context, t *table, steps []Step) (ready bool, err error) {
	if len(p.plan.Blocked) > 0 || !slices.ContainsFunc(steps, func(s Step) bool { return s.builds != "" }) {
		return true, nil
	}
	r := reader{p.settings, t}
	slots, err := r.withoutRewriting().candidates(ctx, p.tx)
	switch {
	case err != nil || len(slots) == 0:
		return err == nil, err
	case p.Repair == nil:
		p.block(r.duplicatesFinding(len(slots), len(slices.Concat(slots...))))
		return false, nil
	}
	if err := r.preview(ctx, p.tx, slots, func([]Group, []Change) {}); err != nil {
		return false, err
	}
	p.plan.Steps = append(p.plan.Steps, repairStep(fmt.Sprintf("%s held more than once, keep the %s",
		plural.Of(len(slots), "slot is", "slots are"), p.repair.Policy)))
	return true, nil
}

// guardNode is the guard of a table or partition: its name, whether it exists and
// is valid, and the steps that make it so.
type guardNode struct {
	name   string
	exists bool
	valid  bool
	parent uint32
	oid    uint32
	steps  []Step
}

// node plans one table and, if it is partitioned, all of its partitions.
func (p *planner) node(ctx context.Context, r *guard.Report) (guardNode, error) {
	var n guardNode
	taken := slices.Clone(r.Catalog.Taken)
	for _, v := range r.Verdicts {
		if err := p.consider(ctx, r, v, &n); err != nil {
			return n, err
		}
		if v.Role == guard.RoleLeftover { // it is dropped before the name is used
			taken = slices.DeleteFunc(taken, func(name string) bool { return name == v.Index.Name })
		}
	}
	if !n.exists {
		n.name = guard.FreeName(r.Table.GuardName(), taken)
	}
	if r.Catalog.Partitioned() {
		err := p.partitioned(ctx, r, &n)
		return n, err
	}
	if !n.exists {
		n.steps = append(n.steps, p.create(r.Table, n.name))
	}
	return n, nil
}

// consider plans what happens to an index. One that is attached to an index of the
// parent is dropped with that or not at all.
func (p *planner) consider(ctx context.Context, r *guard.Report, v guard.Verdict, n *guardNode) error {
	i := v.Index
	switch {
	case v.Role == guard.RoleTemporary:
		p.last = append(p.last, dropLast(r.Catalog, i, "the guard is in place, so the temporary index is no longer needed"))
	case v.Role == guard.RoleGuard && (!n.exists || !n.valid && i.Usable()):
		n.name, n.exists, n.valid, n.parent, n.oid = i.Name, true, i.Usable(), i.Parent, i.OID
	case v.Role == guard.RoleLeftover && v.Dependents == "":
		return p.leftover(ctx, r, i)
	case v.Role == guard.RoleSuperseded && v.Dependents == "":
		p.last = append(p.last, dropLast(r.Catalog, i, "another guard of the same slot is in place"))
	}
	return nil
}

// leftover drops an index whose build did not finish, but not while another session
// may be building it.
func (p *planner) leftover(ctx context.Context, r *guard.Report, i guard.Index) error {
	busy, err := builders(ctx, p.tx, r.Catalog.OID)
	if err != nil {
		return err
	}
	if busy != "" {
		p.waits = append(p.waits, waitStep(fmt.Sprintf("index %s is not valid, and %s", i.Name, busy)))
	}
	finished, err := usable(ctx, inspector{p.tx}, r.Table, i.Name)
	if err != nil {
		return err
	}
	if finished { // since the catalog was read: a new plan will use it
		p.waits = append(p.waits, waitStep(fmt.Sprintf("index %s has just become valid", i.Name)))
		return nil
	}
	p.first = append(p.first, drop(r.Catalog, i, "a build that did not finish left it"))
	return nil
}

// builders names a session that may be building or dropping an index of the table:
// any that holds the lock which a concurrent build takes, except vacuums, which
// take it too. It is empty when there is none.
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
	return fmt.Sprintf("server process %d may still be building an index of this table", pids[0]), nil
}
