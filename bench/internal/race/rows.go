package race

import (
	"time"

	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/stats"
)

var (
	_ entry = (*heat)(nil)
	_ entry = (*bulkHeat)(nil)
)

func (h *heat) name() string { return h.strategy.Title }

func (h *heat) keep(s result.Sample) { h.samples = append(h.samples, s) }

func (h *heat) row() result.Row {
	r := summarize(h.samples)
	r.Name, r.Title, r.Class = h.strategy.Name, h.strategy.Title, h.strategy.Class
	r.TripsNew, r.TripsTaken = h.calm.new, h.calm.taken
	return r
}

func (h *bulkHeat) name() string { return h.bulk.Title }

func (h *bulkHeat) keep(s result.Sample) { h.samples = append(h.samples, s) }

func (h *bulkHeat) row() result.Row {
	r := summarize(h.samples)
	r.Name, r.Title, r.Class = h.bulk.Name, h.bulk.Title, h.bulk.Class
	return r
}

// summarize takes the medians and the sums.
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
