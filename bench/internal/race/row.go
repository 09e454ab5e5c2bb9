package race

import (
	"time"

	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/stats"
)

var (
	_ entry = (*callEntry)(nil)
	_ entry = (*bulkEntry)(nil)
)

func (e *callEntry) name() string { return e.strategy.Title }

func (e *callEntry) add(s result.Sample) { e.samples = append(e.samples, s) }

func (e *callEntry) row() result.Row {
	r := summarize(e.samples)
	r.Name, r.Title, r.Class = e.strategy.Name, e.strategy.Title, e.strategy.Class
	r.TripsNew, r.TripsTaken = e.baseline.new, e.baseline.taken
	return r
}

func (e *bulkEntry) name() string { return e.bulk.Title }

func (e *bulkEntry) add(s result.Sample) { e.samples = append(e.samples, s) }

func (e *bulkEntry) row() result.Row {
	r := summarize(e.samples)
	r.Name, r.Title, r.Class = e.bulk.Name, e.bulk.Title, e.bulk.Class
	return r
}

// summarize computes the medians and the sums of the samples.
func summarize(samples []result.Sample) result.Row {
	r := result.Row{
		OpsPerSecond: medianOf(samples, func(s result.Sample) float64 { return s.OpsPerSecond }),
		P50:          medianOf(samples, func(s result.Sample) time.Duration { return s.P50 }),
		P99:          medianOf(samples, func(s result.Sample) time.Duration { return s.P99 }),
		TripsPerCall: medianOf(samples, func(s result.Sample) float64 { return s.TripsPerCall }),
		Samples:      samples,
	}
	for _, s := range samples {
		r.Total.Add(s.Tally)
	}
	return r
}

func medianOf[T stats.Number](samples []result.Sample, pick func(result.Sample) T) T {
	values := make([]T, len(samples))
	for i, s := range samples {
		values[i] = pick(s)
	}
	return stats.Median(values)
}
