package conformance

import (
	"context"
	"runtime"
	"sync/atomic"
)

// yieldingContext yields the processor whenever the driver checks it, so that others can
// act between two steps of a driver that checks its context in between. It can also end
// at a chosen check.
type yieldingContext struct {
	context.Context

	cancel context.CancelFunc
	// left is how many checks are left until it ends. It never ends when left starts
	// at zero.
	left atomic.Int64
}

// yielding wraps ctx. The result ends at the check with that number, or never if it is
// zero. The function releases it.
func yielding(ctx context.Context, checks int) (context.Context, context.CancelFunc) {
	inner, cancel := context.WithCancel(ctx)
	y := &yieldingContext{Context: inner, cancel: cancel}
	y.left.Store(int64(checks))
	return y, cancel
}

// Err implements context.Context.
func (y *yieldingContext) Err() error {
	y.checked()
	return y.Context.Err()
}

// Done implements context.Context.
func (y *yieldingContext) Done() <-chan struct{} {
	y.checked()
	return y.Context.Done()
}

func (y *yieldingContext) checked() {
	runtime.Gosched()
	if y.left.Load() > 0 && y.left.Add(-1) == 0 {
		y.cancel()
	}
}
