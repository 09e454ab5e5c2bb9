package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment/bench/internal/race"
	"github.com/assignment-go/assignment/bench/internal/report"
	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/strategy"
)

// sample is a report with a row whose title every format has to escape.
func sample() *result.Report {
	row := func(name string, class result.Class, speed float64) result.Row {
		return result.Row{
			Name: name, Title: name, Class: class, OpsPerSecond: speed,
			P50: 1500 * time.Microsecond, P99: 9 * time.Millisecond, TripsPerCall: 1,
			Total:   result.Tally{Calls: 10_000, Created: 1_000, Conflicts: 9_000},
			Samples: []result.Sample{{Round: 0, OpsPerSecond: speed}, {Round: 1, OpsPerSecond: speed * 1.1}},
		}
	}
	hostile := row(`a|b <script>"&amp;`, result.Vulnerable, 900)
	hostile.Total.Duplicates, hostile.Total.Errors, hostile.Total.FirstError = 250, 1, "</table>"
	return &result.Report{
		Started: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
		Command: "bench -only '<b>'",
		Plan:    result.Plan{Rounds: 2, Duration: time.Second, Callers: 32},
		Environment: result.Environment{
			Machine: []result.Fact{{Name: "cores", Value: "2"}}, Server: []result.Fact{{Name: "fsync", Value: "on"}},
		},
		Workloads: []result.Workload{
			{Name: race.NameNew, Title: "every key new", Unit: "calls", Rows: []result.Row{hostile, row(strategy.NameService, result.SDK, 12_345.6)}},
			{Name: race.NameTen, Title: "10 callers per key", Unit: "calls", Rows: []result.Row{hostile, row(strategy.NameService, result.SDK, 5)}},
		},
		Verdicts: []result.Verdict{{Claim: "one", Holds: true}, {Claim: "two", Holds: false, Detail: "why"}},
		Figures:  []result.Figure{{Name: "f", Want: "≥ 1.00 ×", Measured: "0.50 ×", State: result.Missed}},
	}
}

func written(t *testing.T, write func(io.Writer, *result.Report) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, sample()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func wantAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("lacks %q", part)
		}
	}
}

func TestText(t *testing.T) {
	text := written(t, report.Text)
	t.Run("says what was measured on what", func(t *testing.T) {
		wantAll(t, text, "12,345", "1.50 ms", "9.00 ms", "fsync on", "2 rounds of 1s", "32 callers")
	})
	t.Run("shows what failed and what was missed", func(t *testing.T) { wantAll(t, text, "FAILS", "missed", "0.50 ×") })
	t.Run("shows an error of each strategy that had any", func(t *testing.T) { wantAll(t, text, "</table>") })
}

func TestMarkdown(t *testing.T) {
	text := written(t, report.Markdown)
	t.Run("every line of a table has the columns of its head", func(t *testing.T) {
		columns := 0
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "|") {
				columns = 0
				continue
			}
			n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
			if columns != 0 && n != columns {
				t.Errorf("%d columns, not %d: %s", n, columns, line)
			}
			columns = n
		}
	})
}

func TestJSON(t *testing.T) {
	t.Run("holds the whole report", func(t *testing.T) {
		var back result.Report
		if err := json.Unmarshal([]byte(written(t, report.JSON)), &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(&back, sample()) {
			t.Errorf("got %+v", back)
		}
	})
}

func TestHTML(t *testing.T) {
	text := written(t, report.HTML)
	t.Run("escapes its data", func(t *testing.T) {
		for _, raw := range []string{"<script", "</table></td>", "'<b>'"} {
			if strings.Contains(text, raw) {
				t.Errorf("holds %q", raw)
			}
		}
	})
	t.Run("draws duplicates, throughput and latency", func(t *testing.T) {
		wantAll(t, text, "Duplicates left behind", "Throughput: every key new", "Latency: 10 callers per key", ">12,346<", ">250<")
	})
	t.Run("each plot is well-formed and uses the colours of the page", func(t *testing.T) {
		rest, plots := text, 0
		for {
			_, after, found := strings.Cut(rest, "<svg")
			if !found {
				break
			}
			body, tail, _ := strings.Cut(after, "</svg>")
			checkPlot(t, "<svg"+body+"</svg>")
			rest, plots = tail, plots+1
		}
		if plots != 5 {
			t.Errorf("%d plots, want 5", plots)
		}
	})
	t.Run("marks what failed", func(t *testing.T) { wantAll(t, text, "✗ fails", "✗ missed") })
	t.Run("a run of the bulk workload alone has a page, too", func(t *testing.T) {
		r := sample()
		r.Workloads = r.Workloads[:1]
		r.Workloads[0].Name, r.Workloads[0].Unit = race.NameBulk, "rows"
		var b bytes.Buffer
		if err := report.HTML(&b, r); err != nil {
			t.Fatal(err)
		}
		wantAll(t, b.String(), "rows per second")
	})
}

func checkPlot(t *testing.T, svg string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	wantAll(t, svg, "var(--sdk)", "var(--vulnerable)", "var(--ink)", "viewBox", "aria-label")
	if strings.Contains(svg, "#F00D") {
		t.Error("a colour was not replaced by its variable")
	}
}
