package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
)

// exitCode is the exit code when so many things are left to do.
func exitCode(left int) int {
	if left == 0 {
		return exitFine
	}
	return exitFindings
}

// print writes JSON if -json is given, else what text prints.
func (c *command) print(value any, text func()) error {
	if !c.json {
		text()
		return nil
	}
	encoder := json.NewEncoder(c.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func (c *command) printFindings(findings []adopt.Finding) {
	for i, f := range findings {
		fmt.Fprintf(c.out, "%d. %s (%s): %s\n", i+1, f.Kind, f.Remedy, f.Detail)
		if f.Command != "" {
			fmt.Fprintf(c.out, "     run: %s\n", c.withFlags(f.Command))
			continue
		}
		for _, statement := range f.SQL {
			fmt.Fprintf(c.out, "     sql: %s\n", statement)
		}
	}
}

// printNote prints what blocks nothing but has a consequence.
func (c *command) printNote(kind, detail string) {
	fmt.Fprintf(c.out, "note: %s: %s\n", kind, flagNames().Replace(detail))
}

// withFlags adds the flags that were given, before those of the proposed command,
// which override them.
func (c *command) withFlags(proposed string) string {
	if c.given == "" {
		return proposed
	}
	words := strings.SplitN(proposed, " ", 3) // assignment, the command, its flags
	return strings.Join(slices.Insert(words, 2, c.given), " ")
}

func name(s *assignment.Status) string {
	if s == nil {
		return "NULL"
	}
	return string(*s)
}
