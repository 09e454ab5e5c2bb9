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

// warmUp is how long the callers run before the clock does.
const warmUp = 100 * time.Millisecond

// heat is one strategy under one workload: what all its rounds share.
type heat struct {
	stage    *stage.Stage
	strategy strategy.Strategy
	workload workload
	table    string
	creator  strategy.Creator
	calm     trips
	samples  []result.Sample
}

// trips is the round trips of an undisturbed call.
type trips struct{ new, taken int64 }

// tableOf is where a strategy works unless the workload says otherwise.
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

func newHeat(ctx context.Context, s *stage.Stage, w workload, contender strategy.Strategy) (*heat, error) {
	h := &heat{stage: s, strategy: contender, workload: w, table: w.table}
	if h.table == "" {
		h.table = tableOf(contender)
	}
	creator, err := contender.Open(ctx, s, h.table)
	if err != nil {
		return nil, fmt.Errorf("open %s on %s: %w", contender.Name, h.table, err)
	}
	h.creator = creator
	return h, nil
}

// run measures one round.
func (h *heat) run(ctx context.Context, round int, d time.Duration) (result.Sample, error) {
	if err := h.prepare(ctx); err != nil {
		return result.Sample{}, err
	}
	if err := h.warm(ctx, round); err != nil {
		return result.Sample{}, err
	}
	before, err := takeState(ctx, h.stage, h.table)
	if err != nil {
		return result.Sample{}, err
	}
	runtime.GC() // not in the middle of the race, for what others have left

	turns := h.stage.Wire.Trips()
	shifts, elapsed := h.crew(h.token(round)).work(ctx, d)
	turns = h.stage.Wire.Trips() - turns
	if err := ctx.Err(); err != nil {
		return result.Sample{}, err
	}

	sample := sum(shifts, elapsed)
	sample.Round = round
	h.countTrips(&sample, turns)
	err = before.audit(ctx, h.stage, h.table, &sample)
	return sample, err
}

// prepare empties the table, unless it is one that is kept, and finds out once
// what an undisturbed call costs.
func (h *heat) prepare(ctx context.Context) error {
	if h.calm == (trips{}) {
		if err := h.calibrate(ctx); err != nil {
			return err
		}
	}
	if h.workload.table != "" {
		return nil
	}
	return h.stage.Empty(ctx, h.table)
}

// warm lets every connection plan its statements before the clock runs. It
// fills the keys that are to be taken, or else makes calls like those of the
// race, on keys of its own.
func (h *heat) warm(ctx context.Context, round int) error {
	c := h.crew("warm" + h.token(round))
	if h.workload.held > 0 {
		c.key = func(n int64) (string, string) { return heldKey(n % int64(h.workload.held)) }
	}
	c.work(ctx, warmUp)
	for n := c.next.Load(); n < int64(h.workload.held); n++ {
		if _, err := h.creator.Create(ctx, request(heldKey(n))); err != nil {
			return fmt.Errorf("%s takes a key: %w", h.strategy.Name, err)
		}
	}
	return ctx.Err()
}

// token names a measurement in the keys of its rows.
func (h *heat) token(round int) string { return fmt.Sprintf("%s-%d", h.strategy.Name, round) }

func (h *heat) crew(token string) *crew {
	return &crew{
		creator: h.creator,
		callers: h.stage.Callers,
		key:     func(n int64) (string, string) { return h.workload.key(token, n) },
	}
}

// calibrate makes the same call often enough that one of them comes at a
// connection that has its statements prepared, and keeps the cheapest.
func (h *heat) calibrate(ctx context.Context) error {
	h.calm = trips{new: 1 << 30, taken: 1 << 30}
	for i := range 2*h.stage.Callers + 1 {
		assignee, subject := newKey("calm-"+h.strategy.Name+h.workload.name, int64(i))
		for _, cheapest := range []*int64{&h.calm.new, &h.calm.taken} {
			before := h.stage.Wire.Trips()
			if _, err := h.creator.Create(ctx, request(assignee, subject)); err != nil {
				return fmt.Errorf("%s, alone on an empty table: %w", h.strategy.Name, err)
			}
			*cheapest = min(*cheapest, h.stage.Wire.Trips()-before)
		}
	}
	return nil
}

// countTrips spreads the round trips over the calls. Those beyond what
// undisturbed calls take are the retries of a strategy that hides them: its new
// and taken cost the same, and each retry does again.
func (h *heat) countTrips(s *result.Sample, turns int64) {
	if s.Tally.Calls == 0 {
		return
	}
	s.TripsPerCall = float64(turns) / float64(s.Tally.Calls)
	if h.strategy.HidesRetries {
		s.Tally.Retries = max(0, turns-h.calm.new*s.Tally.Calls) / h.calm.new
	}
}
