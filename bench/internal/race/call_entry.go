package race

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/stage"
	"github.com/assignment-go/assignment/bench/internal/strategy"
)

// warmUp is how long the callers run before the measurement.
const warmUp = 100 * time.Millisecond

// callEntry is one strategy under one workload, over all rounds.
type callEntry struct {
	stage    *stage.Stage
	strategy strategy.Strategy
	workload workload
	table    string
	creator  strategy.Creator
	baseline trips
	samples  []result.Sample
}

// trips is how many round trips an undisturbed call takes: on a new key, and on a
// taken one.
type trips struct{ new, taken int64 }

// tableOf is the table that a strategy uses, unless the workload has one.
func tableOf(s strategy.Strategy) string {
	switch {
	case s.Class == result.Peer:
		return stage.RiverJobs
	case s.Unguarded:
		return stage.Unguarded
	default:
		return stage.Guarded
	}
}

func newCallEntry(ctx context.Context, s *stage.Stage, w workload, contender strategy.Strategy) (*callEntry, error) {
	e := &callEntry{stage: s, strategy: contender, workload: w, table: w.table}
	if e.table == "" {
		e.table = tableOf(contender)
	}
	creator, err := contender.Open(ctx, s, e.table)
	if err != nil {
		return nil, fmt.Errorf("open %s on %s: %w", contender.Name, e.table, err)
	}
	e.creator = creator
	return e, nil
}

// run measures one round.
func (e *callEntry) run(ctx context.Context, round int, d time.Duration) (result.Sample, error) {
	if err := e.prepare(ctx); err != nil {
		return result.Sample{}, err
	}
	if err := e.warm(ctx, round); err != nil {
		return result.Sample{}, err
	}
	before, err := takeState(ctx, e.stage, e.table)
	if err != nil {
		return result.Sample{}, err
	}
	runtime.GC() // now rather than during the measurement

	count := e.stage.Wire.Trips()
	results, elapsed := e.callers(e.token(round)).run(ctx, d)
	count = e.stage.Wire.Trips() - count
	if err := ctx.Err(); err != nil {
		return result.Sample{}, err
	}

	sample := sum(results, elapsed)
	sample.Round = round
	e.countTrips(&sample, count)
	err = before.audit(ctx, e.stage, e.table, &sample)
	return sample, err
}

// prepare empties the table, unless the workload keeps it, and measures once how
// many round trips an undisturbed call takes.
func (e *callEntry) prepare(ctx context.Context) error {
	if e.baseline == (trips{}) {
		if err := e.calibrate(ctx); err != nil {
			return err
		}
	}
	if e.workload.table != "" {
		return nil
	}
	return e.stage.Empty(ctx, e.table)
}

// warm lets every connection plan its statements before the measurement. It takes
// the keys that the workload wants taken, or else makes calls like those of the
// measurement, on other keys.
func (e *callEntry) warm(ctx context.Context, round int) error {
	c := e.callers("warm" + e.token(round))
	if e.workload.held > 0 {
		c.key = func(n int64) (string, string) { return heldKey(n % int64(e.workload.held)) }
	}
	c.run(ctx, warmUp)
	for n := c.next.Load(); n < int64(e.workload.held); n++ {
		if _, err := e.creator.Create(ctx, request(heldKey(n))); err != nil {
			return fmt.Errorf("%s: take a key: %w", e.strategy.Name, err)
		}
	}
	return ctx.Err()
}

// token identifies a measurement in the keys of its rows.
func (e *callEntry) token(round int) string { return fmt.Sprintf("%s-%d", e.strategy.Name, round) }

func (e *callEntry) callers(token string) *callers {
	return &callers{
		creator: e.creator,
		count:   e.stage.Callers,
		key:     func(n int64) (string, string) { return e.workload.key(token, n) },
	}
}

// calibrate makes the same call until one uses a connection on which its statements
// are prepared, and stores the lowest number of round trips.
func (e *callEntry) calibrate(ctx context.Context) error {
	e.baseline = trips{new: 1 << 30, taken: 1 << 30}
	for i := range 2*e.stage.Callers + 1 {
		assignee, subject := newKey("baseline-"+e.strategy.Name+e.workload.name, int64(i))
		for _, lowest := range []*int64{&e.baseline.new, &e.baseline.taken} {
			before := e.stage.Wire.Trips()
			if _, err := e.creator.Create(ctx, request(assignee, subject)); err != nil {
				return fmt.Errorf("%s: create without concurrent callers: %w", e.strategy.Name, err)
			}
			*lowest = min(*lowest, e.stage.Wire.Trips()-before)
		}
	}
	return nil
}

// countTrips computes the round trips per call. For a strategy that hides its
// retries, the trips beyond those of undisturbed calls are retries: its calls on
// new and on taken keys take the same number of trips, and so does each retry.
func (e *callEntry) countTrips(s *result.Sample, count int64) {
	if s.Tally.Calls == 0 {
		return
	}
	s.TripsPerCall = float64(count) / float64(s.Tally.Calls)
	if e.strategy.HidesRetries {
		s.Tally.Retries = max(0, count-e.baseline.new*s.Tally.Calls) / e.baseline.new
	}
}
