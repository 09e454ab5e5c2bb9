// Package verdict evaluates a run: whether the claims about correctness hold, and
// which performance targets it reached.
package verdict

import (
	"fmt"
	"strings"

	"github.com/assignment-go/assignment/bench/internal/race"
	"github.com/assignment-go/assignment/bench/internal/result"
)

// Evaluate fills in the ratios, the verdicts and the figures of the report.
func Evaluate(r *result.Report) {
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

// leaves checks that a vulnerable strategy does leave duplicates under the workload:
// without that, no duplicates of the others would prove nothing.
func leaves(row result.Row) result.Verdict {
	return result.Verdict{
		Claim:  fmt.Sprintf("%q leaves duplicates when 10 callers compete for a key", row.Title),
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
	v := result.Verdict{Claim: "no other strategy leaves duplicates, under any workload", Holds: len(offenders) == 0}
	v.Detail = strings.Join(offenders, "; ")
	if v.Holds {
		v.Detail = fmt.Sprintf("0 duplicates in %d calls", calls)
	}
	return v
}

// allAccounted skips strategies with errors: a call that failed may have created a
// row.
func allAccounted(r *result.Report) result.Verdict {
	var created int64
	var offenders []string
	each(r, func(w result.Workload, row result.Row) {
		created += row.Total.Created
		if row.Total.Errors == 0 && row.Total.Unaccounted != 0 {
			offenders = append(offenders, fmt.Sprintf("%s: %+d under %q", row.Title, row.Total.Unaccounted, w.Title))
		}
	})
	v := result.Verdict{Claim: "every row was reported as created by one call, and every reported row exists", Holds: len(offenders) == 0}
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
