package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/assignment-go/assignment/postgres/adopt"
)

func guard(ctx context.Context, c *command) (int, error) {
	opts, err := c.options()
	if err != nil {
		return 0, err
	}
	pool, err := c.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	if c.noRepair {
		opts.Repair = nil
	}
	if !c.apply {
		plan, err := adopt.PlanGuard(ctx, pool, opts)
		if err != nil {
			return 0, err
		}
		translate(plan.Blocked)
		return codeOf(required(plan.Steps) + len(plan.Blocked)), c.print(plan, func() { c.printGuardPlan(plan) })
	}
	m := &meter{streams: c.streams}
	opts.Progress = m.show
	result, err := adopt.Guard(ctx, pool, opts)
	m.end()
	if err := c.print(result, func() { c.printGuard(result) }); err != nil {
		return 0, err
	}
	return exitFine, err
}

// required counts the steps without which the table is not good.
func required(steps []adopt.Step) int {
	n := 0
	for _, step := range steps {
		if !step.Optional {
			n++
		}
	}
	return n
}

func (c *command) printGuardPlan(p adopt.GuardPlan) {
	fmt.Fprintf(c.out, "table %s: %d steps\n", p.Table, len(p.Steps))
	for i, step := range p.Steps {
		fmt.Fprintf(c.out, "%d. %s\n     keeps waiting: %s\n", i+1, step.Action, step.Locks)
		for _, statement := range step.SQL {
			fmt.Fprintf(c.out, "     %s;\n", statement)
		}
	}
	switch {
	case len(p.Blocked) > 0:
		fmt.Fprintln(c.out, "nothing was done, and -apply begins nothing before this is resolved:")
		c.printFindings(p.Blocked)
	case len(p.Steps) > 0:
		fmt.Fprintln(c.out, "nothing was done; add -apply to do it")
	default:
		fmt.Fprintln(c.out, "nothing is left to do; check tells which index guards it")
	}
}

func (c *command) printGuard(r adopt.GuardResult) {
	for _, step := range r.Done {
		fmt.Fprintf(c.out, "done: %s\n", strings.Join(append([]string{step.Action}, step.SQL...), "; "))
	}
	if r.Repaired.RunID != "" {
		c.printRepair(r.Repaired)
	}
	if r.Guard != nil {
		fmt.Fprintln(c.out, r.Guard)
		for _, w := range r.Guard.Warnings {
			c.printNote(string(w.Problem), w.Detail)
		}
	}
}
