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

// crew is the callers of one measurement.
type crew struct {
	creator strategy.Creator
	key     func(n int64) (assignee, subject string)
	callers int
	next    atomic.Int64
}

// shift is what one caller did.
type shift struct {
	tally     result.Tally
	latencies []time.Duration
}

// latenciesPerCaller is room for a few seconds, so that growing the slice does
// not show up as latency.
const latenciesPerCaller = 1 << 14

// work lets all callers go at once and has each begin calls until the time is
// over. It returns when the last one is back.
func (c *crew) work(ctx context.Context, d time.Duration) ([]shift, time.Duration) {
	shifts := make([]shift, c.callers)
	for i := range shifts {
		shifts[i].latencies = make([]time.Duration, 0, latenciesPerCaller)
	}
	var wg sync.WaitGroup
	start := make(chan struct{})
	var deadline time.Time
	for i := range shifts {
		wg.Go(func() {
			<-start
			c.serve(ctx, &shifts[i], deadline)
		})
	}
	begin := time.Now()
	deadline = begin.Add(d)
	close(start)
	wg.Wait()
	return shifts, time.Since(begin)
}

func (c *crew) serve(ctx context.Context, s *shift, deadline time.Time) {
	for begin := time.Now(); begin.Before(deadline) && ctx.Err() == nil; {
		answer, err := c.creator.Create(ctx, request(c.key(c.next.Add(1)-1)))
		end := time.Now()
		s.latencies = append(s.latencies, end.Sub(begin))
		s.tally.Add(judge(answer, err))
		begin = end
	}
}

// judge sorts the answer of one call.
func judge(answer strategy.Answer, err error) result.Tally {
	t := result.Tally{Calls: 1, Retries: int64(answer.Retries)}
	switch {
	case err != nil:
		t.Errors, t.FirstError = 1, err.Error()
	case answer.Created:
		t.Created = 1
	default:
		t.Conflicts = 1
	}
	return t
}

// sum puts the shifts of one measurement together.
func sum(shifts []shift, elapsed time.Duration) result.Sample {
	var s result.Sample
	var latencies []time.Duration
	for _, one := range shifts {
		s.Tally.Add(one.tally)
		latencies = append(latencies, one.latencies...)
	}
	slices.Sort(latencies)
	s.Elapsed = elapsed
	s.OpsPerSecond = float64(s.Tally.Calls) / elapsed.Seconds()
	s.P50, s.P99 = stats.Quantile(latencies, 0.50), stats.Quantile(latencies, 0.99)
	return s
}
