package verdict

import (
	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/stats"
)

// compare sets the ratios of the rows of one workload.
func compare(rows []result.Row) {
	fix, floor := find(rows, result.Fix), find(rows, result.Floor)
	for i := range rows {
		rows[i].RatioToFix = ratio(&rows[i], fix)
		rows[i].RatioToFloor = ratio(&rows[i], floor)
	}
}

func find(rows []result.Row, class result.Class) *result.Row {
	for i := range rows {
		if rows[i].Class == class {
			return &rows[i]
		}
	}
	return nil
}

// ratio returns the speed of a relative to b: the median of the ratios within each
// round, in which both ran under the same conditions. It is 0 when there is no round
// with both.
func ratio(a, b *result.Row) float64 {
	if a == nil || b == nil {
		return 0
	}
	speed := make(map[int]float64, len(b.Samples))
	for _, s := range b.Samples {
		speed[s.Round] = s.OpsPerSecond
	}
	var quotients []float64
	for _, s := range a.Samples {
		if speed[s.Round] > 0 {
			quotients = append(quotients, s.OpsPerSecond/speed[s.Round])
		}
	}
	return stats.Median(quotients)
}
