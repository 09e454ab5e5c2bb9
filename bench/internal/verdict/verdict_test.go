package verdict_test

import (
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment/bench/internal/race"
	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/strategy"
	"github.com/assignment-go/assignment/bench/internal/verdict"
)

// row has one sample per speed, in rounds from 0.
func row(name string, class result.Class, speeds ...float64) result.Row {
	r := result.Row{Name: name, Title: name, Class: class}
	for round, speed := range speeds {
		r.Samples = append(r.Samples, result.Sample{Round: round, OpsPerSecond: speed, P50: time.Second})
	}
	return r
}

func evaluated(name string, rows ...result.Row) *result.Report {
	r := &result.Report{Workloads: []result.Workload{{Name: name, Title: name, Rows: rows}}}
	verdict.Evaluate(r)
	return r
}

func TestRatios(t *testing.T) {
	t.Run("are medians of the quotients within rounds", func(t *testing.T) {
		// The machine got ten times as fast in the last round.
		r := evaluated(race.NameNew,
			row(strategy.NameFix, result.Fix, 100, 100, 1000),
			row(strategy.NameService, result.SDK, 150, 140, 1600))
		if got := r.Workloads[0].Rows[1].RatioToFix; got != 1.5 {
			t.Errorf("got %v, want 1.5", got)
		}
	})
	t.Run("use only rounds in which both ran", func(t *testing.T) {
		r := evaluated(race.NameNew,
			row(strategy.NameFix, result.Fix, 100),
			row(strategy.NameService, result.SDK, 150, 900, 900))
		if got := r.Workloads[0].Rows[1].RatioToFix; got != 1.5 {
			t.Errorf("got %v, want 1.5", got)
		}
	})
	t.Run("are 0 without the fix", func(t *testing.T) {
		r := evaluated(race.NameNew, row(strategy.NameService, result.SDK, 150))
		if got := r.Workloads[0].Rows[0].RatioToFix; got != 0 {
			t.Errorf("got %v", got)
		}
	})
}

func TestCorrect(t *testing.T) {
	vulnerable, safe := row("check", result.Vulnerable, 1), row(strategy.NameFix, result.Fix, 1)
	vulnerable.Total = result.Tally{Calls: 100, Created: 30, Duplicates: 20}
	safe.Total = result.Tally{Calls: 100, Created: 10}

	t.Run("when only the vulnerable strategy leaves duplicates", func(t *testing.T) {
		if r := evaluated(race.NameTen, vulnerable, safe); !verdict.Correct(r) {
			t.Errorf("%+v", r.Verdicts)
		}
	})
	t.Run("not when the vulnerable strategy leaves none", func(t *testing.T) {
		lucky := vulnerable
		lucky.Total.Duplicates = 0
		failsWith(t, evaluated(race.NameTen, lucky, safe), "10 callers compete")
	})
	t.Run("not when another strategy leaves one", func(t *testing.T) {
		broken := safe
		broken.Total.Duplicates = 1
		failsWith(t, evaluated(race.NameHot, broken), "no other strategy")
	})
	t.Run("not when no call reported a row", func(t *testing.T) {
		broken := safe
		broken.Total.Unaccounted = 1
		failsWith(t, evaluated(race.NameNew, broken), "every row")
	})
	t.Run("not when a reported row does not exist", func(t *testing.T) {
		broken := safe
		broken.Total.Unaccounted = -1
		failsWith(t, evaluated(race.NameNew, broken), "every row")
	})
	t.Run("when an error hides a row", func(t *testing.T) {
		unknown := safe
		unknown.Total.Unaccounted, unknown.Total.Errors = 1, 1
		if r := evaluated(race.NameNew, unknown); !verdict.Correct(r) {
			t.Errorf("%+v", r.Verdicts)
		}
	})
}

func failsWith(t *testing.T, r *result.Report, claim string) {
	t.Helper()
	if verdict.Correct(r) {
		t.Error("is correct")
	}
	for _, v := range r.Verdicts {
		if strings.Contains(v.Claim, claim) == v.Holds {
			t.Errorf("%+v", v)
		}
	}
}

func TestFigures(t *testing.T) {
	find := func(r *result.Report, name string) result.Figure {
		for _, f := range r.Figures {
			if strings.Contains(f.Name, name) {
				return f
			}
		}
		t.Fatalf("no figure about %s", name)
		return result.Figure{}
	}
	fix := row(strategy.NameFix, result.Fix, 100)

	t.Run("is reached at its bound", func(t *testing.T) {
		f := find(evaluated(race.NameNew, fix, row(strategy.NameService, result.SDK, 135)), "every key new: Service.Create on pgx against the usual fix")
		if f.State != result.Reached || f.Measured != "1.35 ×" {
			t.Errorf("%+v", f)
		}
	})
	t.Run("is missed below", func(t *testing.T) {
		f := find(evaluated(race.NameNew, fix, row(strategy.NameService, result.SDK, 134)), "every key new: Service.Create on pgx against the usual fix")
		if f.State != result.Missed {
			t.Errorf("%+v", f)
		}
	})
	t.Run("is not measured without both sides", func(t *testing.T) {
		f := find(evaluated(race.NameNew, fix), "River")
		if f.State != result.NotMeasured || f.Measured != "" {
			t.Errorf("%+v", f)
		}
	})
	t.Run("compares the guard per active row", func(t *testing.T) {
		r := &result.Report{Sizes: []result.Sizes{
			{Rows: 1_000, Active: 1_000, GuardBytes: 100 << 10},
			{Rows: 9_000, Active: 2_000, GuardBytes: 210 << 10},
		}}
		verdict.Evaluate(r)
		if f := find(r, "guard"); f.State != result.Reached || !strings.HasPrefix(f.Measured, "1.05 ×") {
			t.Errorf("%+v", f)
		}
	})
}
