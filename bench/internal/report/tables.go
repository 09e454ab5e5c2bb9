package report

import (
	"fmt"
	"strconv"
	"time"

	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/verdict"
)

// table is a table of any report format. The first columns, as many as words, are
// text, the others numbers.
type table struct {
	title string
	head  []string
	rows  [][]string
	words int
}

// tables returns all tables in the order of the report.
func tables(r *result.Report) []table {
	return append(measured(r), verdictTable(r.Verdicts), figureTable(r.Figures))
}

// measured returns the tables of the measured values.
func measured(r *result.Report) []table {
	var all []table
	for i := range r.Workloads {
		all = append(all, workloadTable(&r.Workloads[i]))
	}
	if len(r.Sizes) > 0 {
		all = append(all, sizesTable(r.Sizes))
	}
	if notes := errorTable(r); len(notes.rows) > 0 {
		all = append(all, notes)
	}
	return all
}

func workloadTable(w *result.Workload) table {
	t := table{title: capital(w.Title), words: 1, head: []string{
		"strategy", w.Unit + "/s", "× fix", "× floor", "p50", "p99", "created", "conflicts", "errors", "retries",
		"deadlocks", "trips", "duplicates",
	}}
	for _, row := range w.Rows {
		n := row.Total
		t.rows = append(t.rows, []string{
			row.Title, Count(int64(row.OpsPerSecond)), ratio(row.RatioToFix), ratio(row.RatioToFloor),
			latency(row.P50), latency(row.P99), Count(n.Created), Count(n.Conflicts), Count(n.Errors), Count(n.Retries),
			Count(n.Deadlocks), fmt.Sprintf("%.2f", row.TripsPerCall), Count(n.Duplicates),
		})
	}
	return t
}

func sizesTable(sizes []result.Sizes) table {
	t := table{title: "On disk at the end", words: 1, head: []string{"table", "rows", "active", "table", "all indexes", "guard"}}
	for _, s := range sizes {
		t.rows = append(t.rows, []string{
			s.Table, Count(s.Rows), Count(s.Active),
			verdict.Bytes(s.TableBytes), verdict.Bytes(s.IndexBytes), verdict.Bytes(s.GuardBytes),
		})
	}
	return t
}

func verdictTable(verdicts []result.Verdict) table {
	t := table{title: "Correctness", words: 3, head: []string{"", "claim", "observed"}}
	for _, v := range verdicts {
		t.rows = append(t.rows, []string{mark(v), v.Claim, v.Detail})
	}
	return t
}

func mark(v result.Verdict) string {
	if v.Holds {
		return "holds"
	}
	return "FAILS"
}

func figureTable(figures []result.Figure) table {
	t := table{title: "Figures", words: 4, head: []string{"", "figure", "target", "measured"}}
	for _, f := range figures {
		t.rows = append(t.rows, []string{string(f.State), f.Name, f.Want, f.Measured})
	}
	return t
}

// errorTable shows one error of each strategy that had any.
func errorTable(r *result.Report) table {
	t := table{title: "Errors", words: 3, head: []string{"workload", "strategy", "first error"}}
	for _, w := range r.Workloads {
		for _, row := range w.Rows {
			if row.Total.Errors > 0 {
				t.rows = append(t.rows, []string{w.Title, row.Title, row.Total.FirstError})
			}
		}
	}
	return t
}

// Count formats a number with its digits in groups.
func Count(n int64) string {
	text := strconv.FormatInt(n, 10)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

func latency(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

func ratio(r float64) string {
	if r == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", r)
}

func capital(title string) string {
	if title == "" || title[0] < 'a' || title[0] > 'z' {
		return title
	}
	return string(title[0]-'a'+'A') + title[1:]
}
