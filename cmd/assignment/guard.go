package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/assignment-go/assignment/internal/plural"
	"github.com/assignment-go/assignment/postgres/adopt"
)

func guard(ctx context.Context, c *command) (int, error) {
	opts, pool, err := c.open(ctx)
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
		useFlagNames(plan.Blocked)
		return exitCode(required(plan.Steps) + len(plan.Blocked)), c.print(plan, func() { c.printGuardPlan(plan) })
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

// required counts the steps that are not optional.
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
	fmt.Fprintf(c.out, "table %s: %s\n", p.Table, plural.Of(len(p.Steps), "step", "steps"))
	for i, step := range p.Steps {
		fmt.Fprintf(c.out, "%d. %s\n     blocks %s\n", i+1, step.Action, step.Locks)
		for _, statement := range step.SQL {
			fmt.Fprintf(c.out, "     %s;\n", statement)
		}
	}
	switch {
	case len(p.Blocked) > 0:
		fmt.Fprintln(c.out, "nothing was done, and -apply does nothing before this is resolved:")
		c.printFindings(p.Blocked)
	case len(p.Steps) > 0:
		fmt.Fprintln(c.out, "nothing was done; add -apply to do it")
	default:
		fmt.Fprintln(c.out, "nothing is left to do; check shows which index is the guard")
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
