package conformance

import (
	"context"
	"runtime"
	"sync/atomic"
)

// waryContext gives others the processor whenever the driver consults it: a
// driver that looks at its context between two steps shows what lies between
// them. It can also end at a chosen consultation.
type waryContext struct {
	context.Context

	cancel context.CancelFunc
	// left is how many consultations are left until it ends; it never does
	// when it starts at zero.
	left atomic.Int64
}

// wary wraps ctx; after consultations, unless that is zero, it ends. The
// function releases it.
func wary(ctx context.Context, consultations int) (context.Context, context.CancelFunc) {
	inner, cancel := context.WithCancel(ctx)
	w := &waryContext{Context: inner, cancel: cancel}
	w.left.Store(int64(consultations))
	return w, cancel
}

// Err implements context.Context.
func (w *waryContext) Err() error {
	w.consulted()
	return w.Context.Err()
}

// Done implements context.Context.
func (w *waryContext) Done() <-chan struct{} {
	w.consulted()
	return w.Context.Done()
}

func (w *waryContext) consulted() {
	runtime.Gosched()
	if w.left.Load() > 0 && w.left.Add(-1) == 0 {
		w.cancel()
	}
}
