package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/schema"
)

func check(ctx context.Context, c *command) (int, error) {
	opts, err := c.options()
	if err != nil {
		return 0, err
	}
	pool, err := c.connect(ctx)
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
	translate(report.Findings)
	translate(report.Warnings)
	if err := c.print(report, func() { c.printReport(report) }); err != nil {
		return 0, err
	}
	return codeOf(len(report.Findings)), nil
}

// codeOf is the exit code when so many things are left to do.
func codeOf(left int) int {
	if left == 0 {
		return exitFine
	}
	return exitFindings
}

// print writes JSON if that was asked for, else what text prints.
func (c *command) print(value any, text func()) error {
	if !c.json {
		text()
		return nil
	}
	encoder := json.NewEncoder(c.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func (c *command) printReport(r adopt.Report) {
	fmt.Fprintf(c.out, "table %s: %d findings\n", r.Table, len(r.Findings))
	if r.Guard != nil {
		fmt.Fprintf(c.out, "  %s\n", r.Guard)
	}
	c.printFindings(r.Findings)
	for _, w := range r.Warnings {
		c.printNote(string(w.Kind), w.Detail)
	}
	for _, s := range r.Statuses {
		fmt.Fprintf(c.out, "  %10d rows with status %s\n", s.Rows, name(s.Status))
	}
	if len(r.Sample) > 0 {
		fmt.Fprintf(c.out, "  the first %d of %d slots that are held more than once:\n", len(r.Sample), r.DuplicateGroups)
	}
	for _, g := range r.Sample {
		fmt.Fprintf(c.out, "    %s:", g.Key)
		for _, row := range g.Rows {
			fmt.Fprintf(c.out, " %s (%s)", row.ID, row.Status)
		}
		fmt.Fprintln(c.out)
	}
}

func (c *command) printFindings(findings []adopt.Finding) {
	for i, f := range findings {
		fmt.Fprintf(c.out, "%d. %s (%s): %s\n", i+1, f.Kind, f.Remedy, f.Detail)
		if f.Command != "" {
			fmt.Fprintf(c.out, "     run: %s\n", c.repeated(f.Command))
			continue
		}
		for _, statement := range f.SQL {
			fmt.Fprintf(c.out, "     sql: %s\n", statement)
		}
	}
}

// printNote shows what stands in nobody's way but has a consequence.
func (c *command) printNote(kind, detail string) {
	fmt.Fprintf(c.out, "note: %s: %s\n", kind, flagOf().Replace(detail))
}

// repeated puts the flags that were given before those of the advice, which
// win.
func (c *command) repeated(advice string) string {
	if c.spoken == "" {
		return advice
	}
	words := strings.SplitN(advice, " ", 3) // assignment, the command, its flags
	return strings.Join(slices.Insert(words, 2, c.spoken), " ")
}

func name(s *assignment.Status) string {
	if s == nil {
		return "NULL"
	}
	return string(*s)
}
