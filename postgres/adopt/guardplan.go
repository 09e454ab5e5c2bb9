package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/postgres/internal/guard"
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
	if err == nil && len(plan.Steps) > 0 {
		err = plan.askPooler(ctx, pool, s)
	}
	if err != nil {
		return GuardPlan{}, fmt.Errorf("plan guard: %w", err)
	}
	return plan, nil
}

// askPooler looks whether the way to the server would carry the steps.
func (p *GuardPlan) askPooler(ctx context.Context, pool *pgxpool.Pool, s *settings) error {
	conn, err := acquire(ctx, pool)
	if err != nil {
		return err
	}
	way := &session{settings: s, pool: pool, conn: conn}
	defer way.close() //nolint:contextcheck // the connection goes also when the context has ended
	err = way.detectPooler(ctx)
	if !errors.Is(err, errPooledByTransaction) {
		return classify(ctx, err)
	}
	p.Steps = []Step{}
	p.Blocked = append(p.Blocked, Finding{Kind: KindPooler, Remedy: ByOperator, Detail: "the connection " + errPooledByTransaction.Reason})
	return nil
}

// planGuard compares what is there with what should be. Guard runs the steps
// and plans again until none is left, so an interrupted run is continued by
// the next, and a dry run shows what would happen.
func planGuard(ctx context.Context, tx pgx.Tx, s *settings, t *table) (GuardPlan, error) {
	plan := GuardPlan{Table: s.table.String(), Steps: []Step{}}
	p := &planner{settings: s, tx: tx, plan: &plan}
	p.planOperator(t)
	root, err := p.node(ctx, t.Report)
	if err != nil {
		return plan, err
	}
	steps := root.steps
	if len(steps)+len(p.waits)+len(p.first)+len(p.last) > 0 || len(t.Nullable) > 0 {
		p.planOwner(t)
	}
	ready, err := p.planDuplicates(ctx, t, steps)
	if err != nil {
		return plan, err
	}
	if ready {
		plan.Steps = slices.Concat(p.waits, p.first, plan.Steps, steps, p.last)
	}
	if err := p.planNotNull(ctx, t); err != nil {
		return plan, err
	}
	if len(plan.Blocked) > 0 {
		plan.Steps = slices.DeleteFunc(plan.Steps, func(s Step) bool { return !s.cleanup })
	}
	return plan, nil
}

// planner collects steps: leftovers go first, so that their names are free;
// what is superseded goes last, so that the slot is never without a guard that
// it had.
type planner struct {
	*settings
	tx                 pgx.Tx
	plan               *GuardPlan
	waits, first, last []Step
}

// planOperator reports what no step can fix, so that somebody has to decide.
func (p *planner) planOperator(t *table) {
	if f, found := t.coarser(); found {
		p.plan.Blocked = append(p.plan.Blocked, f)
	}
	for _, f := range t.Findings {
		if found := findingOf(f); found.Remedy == ByOperator {
			p.plan.Blocked = append(p.plan.Blocked, found)
		}
	}
}

func (p *planner) planOwner(t *table) {
	if !t.Catalog.Owner {
		p.plan.Blocked = append(p.plan.Blocked, notOwner())
	}
}

// planDuplicates looks for what a build would stumble over, and has it
// repaired if that is allowed. It reports whether the build can be tried.
func (p *planner) planDuplicates(ctx context.Context, t *table, steps []Step) (ready bool, err error) {
	if len(p.plan.Blocked) > 0 || !slices.ContainsFunc(steps, func(s Step) bool { return s.builds != "" }) {
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
			Kind: KindDuplicates, Remedy: ByRepair, Command: p.repairCommand(t), problem: schema.GuardMissing,
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

// consider sorts an index. One that is attached to an index of the parent is
// kept and dropped with that.
func (p *planner) consider(ctx context.Context, r *guard.Report, v guard.Verdict, n *guardNode) error {
	i := v.Index
	switch {
	case v.Role == guard.RoleTemporary:
		p.last = append(p.last, dropLast(r.Catalog, i, "the guard stands, so the temporary index is no longer needed"))
	case v.Role == guard.RoleGuard && (!n.exists || !n.valid && i.Usable()):
		n.name, n.exists, n.valid, n.parent, n.oid = i.Name, true, i.Usable(), i.Parent, i.OID
	case v.Role == guard.RoleLeftover && v.Dependents == "":
		busy, err := builders(ctx, p.tx, r.Catalog.OID)
		if err != nil {
			return err
		}
		if busy != "" {
			p.waits = append(p.waits, waitStep(fmt.Sprintf("index %s is not valid, and %s", i.Name, busy)))
		}
		built, err := usable(ctx, inspector{p.tx}, r.Table, i.Name)
		if err != nil {
			return err
		}
		if built { // the build ended after the catalog was read: a new plan will use it
			p.waits = append(p.waits, waitStep(fmt.Sprintf("index %s has just become valid", i.Name)))
			return nil
		}
		p.first = append(p.first, drop(r.Catalog, i, "a build that did not end left it behind"))
	case v.Role == guard.RoleSuperseded && v.Dependents == "":
		p.last = append(p.last, dropLast(r.Catalog, i, "another guard of the same slot stands"))
	}
	return nil
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
