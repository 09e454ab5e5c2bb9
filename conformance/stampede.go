package conformance

import (
	"sync/atomic"
	"time"

	"github.com/assignment-go/assignment"
)

// A stampede runs at least minRaces races, and more until stampedeTime is over. A gap of
// two instructions shows in about the first ten.
const (
	minRaces     = 24
	stampedeTime = 200 * time.Millisecond
	// stampedeCallers is more than the number of processors: callers that wait for a
	// lock then get it whenever it is released, if only between two instructions.
	stampedeCallers = 12
)

// race is one race of a stampede, on its own rows.
type race struct {
	call  func(i int, s *assignment.Service) (assignment.Result, error)
	check func(all attempts)
}

// stampede runs callers on both handles through many races in lockstep, without a pause
// between them. It finds faults that one burst in ten thousand would show.
func (p *probe) stampede(prepare func() race) {
	began, least := time.Now(), p.repeats(minRaces)
	limit := time.Duration(p.repeats(int(stampedeTime)))
	for batch, run := 4, 0; run < least || time.Since(began) < limit; run += batch {
		p.ok("the next races", p.ctx.Err())
		if time.Since(began) < limit/8 {
			batch = min(2*batch, 64)
		}
		p.inStep(p.races(batch, prepare))
		p.clock.tick()
	}
}

// readers is the number of callers that read lists during the races. Callers that wait
// for a lock behind such a read wait long, so that the lock then passes from one waiter to
// the next each time that it is released.
const readers = 2

func (p *probe) readWhile(s *assignment.Service, running *atomic.Int64) {
	for running.Load() > 0 {
		for _, err := range s.List(p.ctx, assignment.Query{Limit: 100}) {
			p.ok("list during a stampede", err)
		}
	}
}

func (p *probe) races(n int, prepare func() race) []race {
	races := make([]race, n)
	for i := range races {
		races[i] = prepare()
	}
	return races
}

func (p *probe) inStep(races []race) {
	results := make([]attempts, len(races))
	for i := range results {
		results[i] = make(attempts, stampedeCallers)
	}
	start := newBarrier(stampedeCallers)
	var running atomic.Int64
	running.Store(stampedeCallers)
	p.together(stampedeCallers+readers, func(i int) {
		s := p.handle(i)
		if i >= stampedeCallers {
			p.readWhile(s, &running)
			return
		}
		defer running.Add(-1)
		defer start.leave()
		for j, race := range races {
			start.await(p.ctx, j)
			results[j][i].err = p.retryContended(func() (err error) {
				results[j][i].result, err = race.call(i, s)
				return err
			})
		}
	})
	for j, race := range races {
		race.check(results[j])
	}
}
