// Package report writes a result as text, as Markdown, as JSON, and as a page with
// plots.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/assignment-go/assignment/bench/internal/result"
)

// JSON writes the whole result, with the samples of each round.
func JSON(w io.Writer, r *result.Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// Text writes the tables for a terminal.
func Text(w io.Writer, r *result.Report) error {
	var b strings.Builder
	fmt.Fprintln(&b, strings.Join(conditions(r), "\n"))
	for _, t := range tables(r) {
		fmt.Fprintf(&b, "\n%s\n\n", t.title)
		writeAligned(&b, t)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown writes the same tables for a document.
func Markdown(w io.Writer, r *result.Report) error {
	var b strings.Builder
	for _, line := range conditions(r) {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	for _, t := range tables(r) {
		fmt.Fprintf(&b, "\n### %s\n\n", t.title)
		writeMarkdown(&b, t)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// conditions describes in a few lines what the figures were measured on.
func conditions(r *result.Report) []string {
	p := r.Plan
	return []string{
		fmt.Sprintf("Run: %s, %s, took %s: %s", r.Started.Format("2006-01-02 15:04 MST"), extent(p), r.Took, "`"+r.Command+"`"),
		"Machine: " + join(r.Environment.Machine),
		"Versions: " + join(r.Environment.Versions),
		"Server: " + join(r.Environment.Server),
	}
}

func extent(p result.Plan) string {
	rounds := "rounds"
	if p.Rounds == 1 {
		rounds = "round"
	}
	return fmt.Sprintf("%d callers, %d %s of %s, seed %d", p.Callers, p.Rounds, rounds, p.Duration, p.Seed)
}

func join(facts []result.Fact) string {
	words := make([]string, len(facts))
	for i, f := range facts {
		words[i] = f.Name + " " + f.Value
	}
	return strings.Join(words, ", ")
}

func writeAligned(b *strings.Builder, t table) {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range append([][]string{t.head}, t.rows...) {
		var line strings.Builder
		for i, cell := range row {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i < t.words {
				line.WriteString(cell + space + "  ")
			} else {
				line.WriteString(space + cell + "  ")
			}
		}
		fmt.Fprintln(b, "  "+strings.TrimRight(line.String(), " "))
	}
}

func writeMarkdown(b *strings.Builder, t table) {
	rule := make([]string, len(t.head))
	for i := range rule {
		rule[i] = "--:"
		if i < t.words {
			rule[i] = ":--"
		}
	}
	for i, row := range append([][]string{t.head, rule}, t.rows...) {
		cells := make([]string, len(row))
		for j, cell := range row {
			cells[j] = strings.ReplaceAll(cell, "|", `\|`)
		}
		if i == 1 {
			cells = rule
		}
		fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
	}
}
