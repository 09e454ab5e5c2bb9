// Package verdict judges a run: what must hold, and which figures it reached.
package verdict

import (
	"fmt"
	"strings"

	"github.com/assignment-go/assignment/bench/internal/race"
	"github.com/assignment-go/assignment/bench/internal/result"
)

// Judge sets the ratios, the verdicts and the figures of the report.
func Judge(r *result.Report) {
	for i := range r.Workloads {
		compare(r.Workloads[i].Rows)
	}
	r.Verdicts = verdicts(r)
	r.Figures = figures(r)
}

// Correct reports whether all verdicts hold.
func Correct(r *result.Report) bool {
	for _, v := range r.Verdicts {
		if !v.Holds {
			return false
		}
	}
	return true
}

func verdicts(r *result.Report) []result.Verdict {
	var all []result.Verdict
	if ten := r.Find(race.NameTen); ten != nil {
		for _, row := range ten.Rows {
			if row.Class == result.Vulnerable {
				all = append(all, leaves(row))
			}
		}
	}
	return append(all, noneLeft(r), allAccounted(r))
}

// leaves makes sure that the workload is one in which a race can be lost:
// zeros would mean nothing without it.
func leaves(row result.Row) result.Verdict {
	return result.Verdict{
		Claim:  fmt.Sprintf("%q leaves duplicates when 10 callers want a key", row.Title),
		Holds:  row.Total.Duplicates > 0,
		Detail: fmt.Sprintf("%d duplicates in %d calls", row.Total.Duplicates, row.Total.Calls),
	}
}

func noneLeft(r *result.Report) result.Verdict {
	var calls int64
	var offenders []string
	each(r, func(w result.Workload, row result.Row) {
		if row.Class == result.Vulnerable {
			return
		}
		calls += row.Total.Calls
		if row.Total.Duplicates != 0 {
			offenders = append(offenders, fmt.Sprintf("%s: %d under %q", row.Title, row.Total.Duplicates, w.Title))
		}
	})
	v := result.Verdict{Claim: "all others leave none, under any workload", Holds: len(offenders) == 0}
	v.Detail = strings.Join(offenders, "; ")
	if v.Holds {
		v.Detail = fmt.Sprintf("0 duplicates in %d calls", calls)
	}
	return v
}

// allAccounted leaves out strategies with errors: an error may hide a row.
func allAccounted(r *result.Report) result.Verdict {
	var created int64
	var offenders []string
	each(r, func(w result.Workload, row result.Row) {
		created += row.Total.Created
		if row.Total.Errors == 0 && row.Total.Unaccounted != 0 {
			offenders = append(offenders, fmt.Sprintf("%s: %+d under %q", row.Title, row.Total.Unaccounted, w.Title))
		}
	})
	v := result.Verdict{Claim: "every row belongs to a call that was told so, and the other way round", Holds: len(offenders) == 0}
	v.Detail = strings.Join(offenders, "; ")
	if v.Holds {
		v.Detail = fmt.Sprintf("%d rows", created)
	}
	return v
}

func each(r *result.Report, fn func(result.Workload, result.Row)) {
	for _, w := range r.Workloads {
		for _, row := range w.Rows {
			fn(w, row)
		}
	}
}
