package main

import (
	"context"
	"fmt"

	"github.com/assignment-go/assignment/internal/plural"
	"github.com/assignment-go/assignment/postgres/adopt"
)

// shownChanges is how many changes a dry run shows without -all.
const shownChanges = 20

func repair(ctx context.Context, c *command) (int, error) {
	opts, pool, err := c.open(ctx)
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	if !c.apply {
		plan, err := adopt.Plan(ctx, pool, opts)
		if err != nil {
			return 0, err
		}
		code := exitCode(len(plan.Changes) + len(plan.LeftAlone))
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
	return exitCode(result.Remaining + len(result.LeftAlone)), err
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
	fmt.Fprintf(c.out, "table %s: %s of %s would change: %d retired, %d rewritten\n", p.Table,
		plural.Of(total, "row", "rows"), plural.Of(p.Groups, "slot", "slots"), p.Retired, p.Rewritten)
	c.printLeftAlone(p.LeftAlone)
	if len(p.Changes) > 0 {
		fmt.Fprintln(c.out, "nothing was done; add -apply to do it")
	}
}

func (c *command) printRepair(r adopt.RepairResult) {
	fmt.Fprintf(c.out, "run %s: %d retired, %d rewritten, %s left to repair\n", r.RunID, r.Retired, r.Rewritten,
		plural.Of(r.Remaining, "slot", "slots"))
	c.printLeftAlone(r.LeftAlone)
	if r.Remaining > 0 {
		fmt.Fprintln(c.out, "writers keep adding duplicates; guard -apply repairs the last of them while it builds the index")
	}
}

// printLeftAlone names the statuses that need a flag.
func (c *command) printLeftAlone(left []adopt.StatusCount) {
	for _, s := range left {
		if s.Status == nil {
			fmt.Fprintf(c.out, "left alone: %s a status, which evades the index; set one with -null-status\n",
				plural.Of(s.Rows, "row without", "rows without"))
			continue
		}
		fmt.Fprintf(c.out, "left alone: %s with status %q, which is not in the lifecycle and therefore holds the slot; "+
			"replace it with -rewrite-status\n", plural.Of(s.Rows, "row", "rows"), *s.Status)
	}
}
