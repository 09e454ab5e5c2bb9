package verdict

import (
	"fmt"

	"github.com/assignment-go/assignment/bench/internal/race"
	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/stats"
	"github.com/assignment-go/assignment/bench/internal/strategy"
)

// figures compares the measured values with the performance targets.
func figures(r *result.Report) []result.Figure {
	newKeys, ten, hot, bulk := r.Find(race.NameNew), r.Find(race.NameTen), r.Find(race.NameHot), r.Find(race.NameBulk)
	against := func(w *result.Workload, a, b string) float64 { return ratio(w.Find(a), w.Find(b)) }

	all := []result.Figure{
		atLeast("every key new: Service.Create on pgx against the usual fix",
			1.35, against(newKeys, strategy.NameService, strategy.NameFix)),
		atLeast("every key new: Service.Create on pgx against the raw statement",
			0.93, against(newKeys, strategy.NameService, strategy.NameFloor)),
		atLeast("every key new: Service.Create on pgx against River's unique insert",
			3, against(newKeys, strategy.NameService, strategy.NameRiver)),
		atLeast("10 callers per key: Service.Create on pgx against the usual fix",
			1.2, against(ten, strategy.NameService, strategy.NameFix)),
		atLeast("10 callers per key: Service.Create on pgx against River's unique insert",
			3, against(ten, strategy.NameService, strategy.NameRiver)),
		atLeast("nearly all taken: Service.Create on pgx against the usual fix",
			0.95, against(hot, strategy.NameService, strategy.NameFix)),
		atMost("p50 of Service.Create on pgx, with history against without",
			1.10, slowdown(r.Find(race.NameNoHistory).Find(strategy.NameService), r.Find(race.NameHistory).Find(strategy.NameService))),
		guardFigure(r.Sizes),
		atLeast("1,000 new keys: CreateMany against COPY",
			0.75, against(bulk, strategy.NameMany, strategy.NameCopy)),
		atLeast("1,000 new keys: CreateMany against a loop of Create",
			15, against(bulk, strategy.NameMany, strategy.NameLoop)),
	}
	return all
}

func atLeast(name string, bound, measured float64) result.Figure {
	state := result.Missed
	if measured >= bound {
		state = result.Reached
	}
	return figure(name, fmt.Sprintf("≥ %.2f ×", bound), measured, state)
}

func atMost(name string, bound, measured float64) result.Figure {
	state := result.Missed
	if measured <= bound {
		state = result.Reached
	}
	return figure(name, fmt.Sprintf("≤ %.2f ×", bound), measured, state)
}

// figure makes a figure; a measured value of 0 means that the run did not measure
// it.
func figure(name, want string, measured float64, state result.State) result.Figure {
	if measured == 0 {
		return result.Figure{Name: name, Want: want, State: result.NotMeasured}
	}
	return result.Figure{Name: name, Want: want, Measured: fmt.Sprintf("%.2f ×", measured), State: state}
}

// slowdown is the median of the ratios of p50 within each round.
func slowdown(without, with *result.Row) float64 {
	if without == nil || with == nil {
		return 0
	}
	base := make(map[int]float64, len(without.Samples))
	for _, s := range without.Samples {
		base[s.Round] = float64(s.P50)
	}
	var quotients []float64
	for _, s := range with.Samples {
		if base[s.Round] > 0 {
			quotients = append(quotients, float64(s.P50)/base[s.Round])
		}
	}
	return stats.Median(quotients)
}

// guardTolerance allows for index pages that are not yet full.
const guardTolerance = 1.25

// guardFigure compares the size of the guard per active row with and without
// completed rows in the table.
func guardFigure(sizes []result.Sizes) result.Figure {
	const name = "size of the guard per active row, with history against without"
	if len(sizes) != 2 || sizes[0].Active == 0 || sizes[1].Active == 0 || sizes[0].GuardBytes == 0 {
		return atMost(name, guardTolerance, 0)
	}
	none := float64(sizes[0].GuardBytes) / float64(sizes[0].Active)
	beside := float64(sizes[1].GuardBytes) / float64(sizes[1].Active)
	f := atMost(name, guardTolerance, beside/none)
	f.Measured += fmt.Sprintf(" (%s for %d active of %d rows, %s for %d of %d)",
		Bytes(sizes[1].GuardBytes), sizes[1].Active, sizes[1].Rows,
		Bytes(sizes[0].GuardBytes), sizes[0].Active, sizes[0].Rows)
	return f
}

// Bytes formats a size in KiB or MiB.
func Bytes(n int64) string {
	const kib, mib = 1 << 10, 1 << 20
	if n < mib {
		return fmt.Sprintf("%d KiB", n/kib)
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/mib)
}
