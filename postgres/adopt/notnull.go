package adopt

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// planNotNull makes the required columns NOT NULL, or reports the NULLs in them. A
// column whose NULLs something depends on is a finding already.
func (p *planner) planNotNull(ctx context.Context, t *table) error {
	var clean []string
	for _, name := range t.Nullable {
		found, err := p.hasNull(ctx, t, name)
		if err != nil {
			return err
		}
		fixes := name == p.table.Columns.Status && p.Repair != nil && p.repair.NullStatus != ""
		switch {
		case found && !fixes:
			p.block(p.nullsFinding(t, name))
			continue
		case found:
			p.plan.Steps = append(p.plan.Steps, repairStep(fmt.Sprintf("give the status %s to rows without one", p.repair.NullStatus)))
		}
		clean = append(clean, name)
	}
	if len(clean) > 0 && len(p.plan.Blocked) == 0 {
		p.plan.Steps = append(p.plan.Steps, t.notNull(clean)...)
		return nil
	}
	if t.Catalog.HasCheck(t.checkName()) {
		p.plan.Steps = append(p.plan.Steps, t.dropCheck())
	}
	return nil
}

func (p *planner) hasNull(ctx context.Context, t *table, name string) (found bool, err error) {
	err = p.tx.QueryRow(ctx, fmt.Sprintf("SELECT EXISTS (SELECT FROM %s WHERE %s IS NULL)",
		t.Table, sqltext.Quote(name))).Scan(&found)
	return found, err
}

func (s *settings) nullsFinding(t *table, name string) Finding {
	f := Finding{
		Kind: KindNullKeys, Remedy: ByOperator, problem: schema.GuardNullable,
		Detail: fmt.Sprintf("column %s contains NULLs, which evade the index; give those rows a value first", sqltext.Quote(name)),
	}
	if name == s.table.Columns.Status {
		f.Kind, f.Remedy, f.Command = KindNullStatus, ByRepair, s.nullStatusCommand(t)
	}
	return f
}

// ownCheckPrefix begins the names of the constraints that Guard adds for a while.
const ownCheckPrefix = "assignment_guard_not_null_"

func (t *table) checkName() string {
	return ownCheckPrefix + strconv.FormatUint(uint64(t.Catalog.OID), 10)
}

// notNull makes columns NOT NULL without a scan under a lock that blocks writers: a
// constraint that is validated while they continue proves what SET NOT NULL would
// have to scan for. It must be dropped after that, and not by the same ALTER TABLE,
// which drops first.
func (t *table) notNull(columns []string) []Step {
	conditions, alters := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		conditions[i] = sqltext.Quote(c) + " IS NOT NULL"
		alters[i] = "ALTER COLUMN " + sqltext.Quote(c) + " SET NOT NULL"
	}
	alter, check := fmt.Sprintf("ALTER TABLE %s ", t.Table), sqltext.Quote(t.checkName())
	return []Step{
		{
			Action: "reject new NULLs", Locks: locksBrief, brief: true,
			SQL: []string{
				alter + "DROP CONSTRAINT IF EXISTS " + check,
				alter + "ADD CONSTRAINT " + check + " CHECK (" + strings.Join(conditions, " AND ") + ") NOT VALID",
			},
		},
		{Action: "check the rows for NULLs", Locks: locksNobody, SQL: []string{alter + "VALIDATE CONSTRAINT " + check}},
		{
			Action: "set NOT NULL", Locks: locksBrief, brief: true,
			SQL: slices.Concat([]string{alter + strings.Join(alters, ", ")}, []string{alter + "DROP CONSTRAINT " + check}),
		},
	}
}

// dropCheck removes the constraint of a run that was stopped before it could set
// NOT NULL: it would reject updates of the rows with NULL.
func (t *table) dropCheck() Step {
	return Step{
		Action: "drop the CHECK constraint against NULLs that an interrupted run left", Locks: locksBrief, brief: true, cleanup: true,
		SQL: []string{fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT %s", t.Table, sqltext.Quote(t.checkName()))},
	}
}
