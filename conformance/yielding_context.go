package conformance

import (
	"context"
	"runtime"
	"sync/atomic"
)

// yieldingContext gives others the processor whenever the driver consults it: a
// driver that looks at its context between two steps shows what lies between
// them. It can also end at a chosen consultation.
type yieldingContext struct {
	context.Context

	cancel context.CancelFunc
	// left is how many consultations are left until it ends; it never does
	// when it starts at zero.
	left atomic.Int64
}

// yielding wraps ctx; after consultations, unless that is zero, it ends. The
// function releases it.
func yielding(ctx context.Context, consultations int) (context.Context, context.CancelFunc) {
	inner, cancel := context.WithCancel(ctx)
	y := &yieldingContext{Context: inner, cancel: cancel}
	y.left.Store(int64(consultations))
	return y, cancel
}

// Err implements context.Context.
func (y *yieldingContext) Err() error {
	y.consulted()
	return y.Context.Err()
}

// Done implements context.Context.
func (y *yieldingContext) Done() <-chan struct{} {
	y.consulted()
	return y.Context.Done()
}

func (y *yieldingContext) consulted() {
	runtime.Gosched()
	if y.left.Load() > 0 && y.left.Add(-1) == 0 {
		y.cancel()
	}
}
