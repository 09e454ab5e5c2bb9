package main

import (
	"context"
	"fmt"

	"github.com/assignment-go/assignment/internal/plural"
	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/schema"
)

func check(ctx context.Context, c *command) (int, error) {
	opts, pool, err := c.open(ctx)
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	report, err := adopt.Check(ctx, pool, opts)
	if err != nil {
		return 0, err
	}
	if report.Has(adopt.Kind(schema.GuardNoTable)) {
		return 0, fmt.Errorf("%s: %s", report.Findings[0].Kind, report.Findings[0].Detail)
	}
	useFlagNames(report.Findings)
	useFlagNames(report.Warnings)
	if err := c.print(report, func() { c.printReport(report) }); err != nil {
		return 0, err
	}
	return exitCode(len(report.Findings)), nil
}

func (c *command) printReport(r adopt.Report) {
	fmt.Fprintf(c.out, "table %s: %s\n", r.Table, plural.Of(len(r.Findings), "finding", "findings"))
	if r.Guard != nil {
		fmt.Fprintf(c.out, "  %s\n", r.Guard)
	}
	c.printFindings(r.Findings)
	for _, w := range r.Warnings {
		c.printNote(string(w.Kind), w.Detail)
	}
	for _, s := range r.Statuses {
		fmt.Fprintf(c.out, "  status %s: %s\n", name(s.Status), plural.Of(s.Rows, "row", "rows"))
	}
	if len(r.Sample) > 0 {
		fmt.Fprintf(c.out, "  slots that are held more than once, %d of %d:\n", len(r.Sample), r.DuplicateGroups)
	}
	for _, g := range r.Sample {
		fmt.Fprintf(c.out, "    %s:", g.Key)
		for _, row := range g.Rows {
			fmt.Fprintf(c.out, " %s (%s)", row.ID, row.Status)
		}
		fmt.Fprintln(c.out)
	}
}
