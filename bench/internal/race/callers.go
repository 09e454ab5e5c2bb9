package race

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/stats"
	"github.com/assignment-go/assignment/bench/internal/strategy"
)

// callers are the concurrent callers of one measurement.
type callers struct {
	creator strategy.Creator
	key     func(n int64) (assignee, subject string)
	count   int
	next    atomic.Int64
}

// callerResult is the result of one caller.
type callerResult struct {
	tally     result.Tally
	latencies []time.Duration
}

// latenciesPerCaller is the capacity for a few seconds, so that growing the slice
// does not show up as latency.
const latenciesPerCaller = 1 << 14

// run starts all callers at once, and each makes calls until the time is over. It
// returns when the last call has returned.
func (c *callers) run(ctx context.Context, d time.Duration) ([]callerResult, time.Duration) {
	results := make([]callerResult, c.count)
	for i := range results {
		results[i].latencies = make([]time.Duration, 0, latenciesPerCaller)
	}
	var wg sync.WaitGroup
	start := make(chan struct{})
	var deadline time.Time
	for i := range results {
		wg.Go(func() {
			<-start
			c.callUntil(ctx, &results[i], deadline)
		})
	}
	begin := time.Now()
	deadline = begin.Add(d)
	close(start)
	wg.Wait()
	return results, time.Since(begin)
}

func (c *callers) callUntil(ctx context.Context, s *callerResult, deadline time.Time) {
	for begin := time.Now(); begin.Before(deadline) && ctx.Err() == nil; {
		outcome, err := c.creator.Create(ctx, request(c.key(c.next.Add(1)-1)))
		end := time.Now()
		s.latencies = append(s.latencies, end.Sub(begin))
		s.tally.Add(tallyOf(outcome, err))
		begin = end
	}
}

// tallyOf counts the outcome of one call.
func tallyOf(outcome strategy.Outcome, err error) result.Tally {
	t := result.Tally{Calls: 1, Retries: int64(outcome.Retries)}
	switch {
	case err != nil:
		t.Errors, t.FirstError = 1, err.Error()
	case outcome.Created:
		t.Created = 1
	default:
		t.Conflicts = 1
	}
	return t
}

// sum combines the results of all callers.
func sum(results []callerResult, elapsed time.Duration) result.Sample {
	var s result.Sample
	var latencies []time.Duration
	for _, one := range results {
		s.Tally.Add(one.tally)
		latencies = append(latencies, one.latencies...)
	}
	slices.Sort(latencies)
	s.Elapsed = elapsed
	s.OpsPerSecond = float64(s.Tally.Calls) / elapsed.Seconds()
	s.P50, s.P99 = stats.Quantile(latencies, 0.50), stats.Quantile(latencies, 0.99)
	return s
}
