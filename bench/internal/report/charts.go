package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"time"

	"github.com/assignment-go/assignment/bench/internal/race"
	"github.com/assignment-go/assignment/bench/internal/result"
)

// figure is a chart with its title and text.
type figure struct {
	Title, Text string
	SVG         template.HTML
}

// drawing is a chart before it is drawn.
type drawing struct {
	title, text string
	chart       chart
}

// drawings returns the charts for the workloads of the run.
func drawings(r *result.Report) []drawing {
	var all []drawing
	if ten := r.Find(race.NameTen); ten != nil {
		all = append(all, duplicates(ten))
	}
	for _, name := range []string{race.NameNew, race.NameTen, race.NameHot} {
		if w := r.Find(name); w != nil {
			all = append(all, throughput(w))
		}
	}
	for _, name := range []string{race.NameNew, race.NameTen} {
		if w := r.Find(name); w != nil {
			all = append(all, latencies(w))
		}
	}
	if w := r.Find(race.NameHistory); w != nil && r.Find(race.NameNoHistory) != nil {
		all = append(all, history(r.Find(race.NameNoHistory), w))
	}
	if w := r.Find(race.NameBulk); w != nil {
		all = append(all, throughput(w))
	}
	return all
}

func figures(r *result.Report) ([]figure, error) {
	var all []figure
	for _, d := range drawings(r) {
		svg, err := d.chart.svg(d.title)
		if err != nil {
			return nil, fmt.Errorf("draw %q: %w", d.title, err)
		}
		all = append(all, figure{Title: d.title, Text: d.text, SVG: svg})
	}
	return all, nil
}

func duplicates(w *result.Workload) drawing {
	d := drawing{
		title: "Duplicates left behind: " + w.Title,
		text:  "Active rows besides the first of their key, per 1,000 keys that were taken. There should be none.",
		chart: chart{axis: "duplicates per 1,000 keys", format: plain},
	}
	for _, row := range w.Rows {
		value, text := 0.0, "0"
		if keys := row.Total.Created - row.Total.Duplicates; keys > 0 && row.Total.Duplicates > 0 {
			value = 1000 * float64(row.Total.Duplicates) / float64(keys)
			text = plain(value)
		}
		d.chart.lines = append(d.chart.lines, series{label: row.Title, class: row.Class, value: value, text: text})
	}
	return d
}

func throughput(w *result.Workload) drawing {
	d := drawing{
		title: "Throughput: " + w.Title,
		text:  "Medians of the rounds; each dot is one round.",
		chart: chart{axis: w.Unit + " per second", format: thousand},
	}
	for _, row := range w.Rows {
		d.chart.lines = append(d.chart.lines, series{
			label: row.Title, class: row.Class, value: row.OpsPerSecond,
			text: plain(row.OpsPerSecond),
			dots: dots(row, func(s result.Sample) float64 { return s.OpsPerSecond }),
		})
	}
	slices.SortStableFunc(d.chart.lines, func(a, b series) int { return cmp.Compare(b.value, a.value) })
	return d
}

func dots(row result.Row, of func(result.Sample) float64) []float64 {
	all := make([]float64, len(row.Samples))
	for i, s := range row.Samples {
		all[i] = of(s)
	}
	return all
}

func latencies(w *result.Workload) drawing {
	d := drawing{
		title: "Latency: " + w.Title,
		text:  "Half of the calls took no longer than the dot, 99 of 100 no longer than the ring. The axis is logarithmic.",
		chart: chart{axis: "p50 to p99", format: milliseconds, log: true},
	}
	for _, row := range w.Rows {
		d.chart.lines = append(d.chart.lines, series{
			label: row.Title, class: row.Class, value: inMilliseconds(row.P50), end: inMilliseconds(row.P99),
			text: fmt.Sprintf("%.1f – %.1f ms", inMilliseconds(row.P50), inMilliseconds(row.P99)),
		})
	}
	slices.SortStableFunc(d.chart.lines, func(a, b series) int { return cmp.Compare(a.value, b.value) })
	return d
}

func history(none, beside *result.Workload) drawing {
	d := drawing{
		title: "The cost of history: p50, " + beside.Title,
		text:  "The guard only contains active rows, so that completed ones should not slow it down. Each dot is one round.",
		chart: chart{axis: "p50", format: milliseconds},
	}
	for i := range none.Rows {
		for _, w := range []*result.Workload{none, beside} {
			row := w.Find(none.Rows[i].Name)
			if row == nil {
				continue
			}
			label := row.Title + ", no history"
			if w == beside {
				label = row.Title + ", with history"
			}
			d.chart.lines = append(d.chart.lines, series{
				label: label, class: row.Class, value: inMilliseconds(row.P50),
				text: fmt.Sprintf("%.2f ms", inMilliseconds(row.P50)),
				dots: dots(*row, func(s result.Sample) float64 { return inMilliseconds(s.P50) }),
			})
		}
	}
	return d
}

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
