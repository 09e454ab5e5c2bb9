package main

import (
	"context"
	"fmt"

	"github.com/assignment-go/assignment/postgres/adopt"
)

// shownChanges is how many changes a dry run shows unless all are asked for.
const shownChanges = 20

func repair(ctx context.Context, c *command) (int, error) {
	opts, err := c.options()
	if err != nil {
		return 0, err
	}
	pool, err := c.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	if !c.apply {
		plan, err := adopt.Plan(ctx, pool, opts)
		if err != nil {
			return 0, err
		}
		code := codeOf(len(plan.Changes) + len(plan.LeftAlone))
		if !c.all {
			plan.Changes = plan.Changes[:min(len(plan.Changes), shownChanges)]
		}
		return code, c.print(plan, func() { c.printPlan(plan) })
	}
	m := &meter{streams: c.streams}
	opts.Progress = m.show
	result, err := adopt.Repair(ctx, pool, opts)
	m.end()
	// a run that failed before its first change counted nothing
	if result.RunID != "" && (err == nil || result.Retired+result.Rewritten > 0) {
		if err := c.print(result, func() { c.printRepair(result) }); err != nil {
			return 0, err
		}
	}
	return codeOf(result.Remaining + len(result.LeftAlone)), err
}

func (c *command) printPlan(p adopt.RepairPlan) {
	for _, change := range p.Changes {
		fmt.Fprintf(c.out, "%s of %s: %s -> %s (%s", change.ID, change.Key, name(change.OldStatus), change.NewStatus, change.Reason)
		if change.KeptID != "" {
			fmt.Fprintf(c.out, " keeps %s", change.KeptID)
		}
		fmt.Fprintln(c.out, ")")
	}
	total := p.Retired + p.Rewritten
	if rest := total - len(p.Changes); rest > 0 {
		fmt.Fprintf(c.out, "… and %d more; -all shows them\n", rest)
	}
	fmt.Fprintf(c.out, "table %s: %d rows of %d slots would change: %d retired, %d rewritten\n",
		p.Table, total, p.Groups, p.Retired, p.Rewritten)
	c.printLeftAlone(p.LeftAlone)
	if len(p.Changes) > 0 {
		fmt.Fprintln(c.out, "nothing was written; add -apply to do it")
	}
}

func (c *command) printRepair(r adopt.RepairResult) {
	fmt.Fprintf(c.out, "run %s: %d retired, %d rewritten, %d slots left to repair\n", r.RunID, r.Retired, r.Rewritten, r.Remaining)
	c.printLeftAlone(r.LeftAlone)
	if r.Remaining > 0 {
		fmt.Fprintln(c.out, "the writers are adding duplicates; guard -apply repairs the last of them while it builds the index")
	}
}

// printLeftAlone names what no flag says anything about.
func (c *command) printLeftAlone(left []adopt.StatusCount) {
	for _, s := range left {
		if s.Status == nil {
			fmt.Fprintf(c.out, "left alone: %d rows without a status, which evade the index; -null-status gives them one\n", s.Rows)
			continue
		}
		fmt.Fprintf(c.out, "left alone: %d rows with status %q, which the lifecycle does not know: they hold their slots; "+
			"-rewrite-status replaces it\n", s.Rows, *s.Status)
	}
}
