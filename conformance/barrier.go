package conformance

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// barrier releases callers within nanoseconds of each other. A channel does not: its
// first receiver would be done before the last one has woken.
type barrier struct {
	callers int64
	arrived atomic.Int64
}

func newBarrier(callers int) *barrier { return &barrier{callers: int64(callers)} }

// spins is how often a waiter polls before it sleeps, so that it does not compete for
// the processor with a slow backend.
const spins = 500

// await returns once every caller has reached the step, counted from 0, or ctx has
// ended.
func (b *barrier) await(ctx context.Context, step int) {
	b.arrived.Add(1)
	for spun := 0; b.arrived.Load() < b.callers*int64(step+1); spun++ {
		if spun < spins {
			runtime.Gosched()
			continue
		}
		if ctx.Err() != nil {
			return
		}
		time.Sleep(20 * time.Microsecond)
	}
}

// leave lets the others continue without this caller, whose driver may have panicked.
func (b *barrier) leave() { b.arrived.Add(1 << 40) }
