// Package fresh carries a hint from Service to the drivers of this module: the
// ID was made for this very call, so that no row can bear it yet and nobody
// needs to look. Drivers that know nothing of it lose nothing.
package fresh

import (
	"context"
	"sync/atomic"
)

type key struct{}

// mark is good for one attempt: whoever sends the same request once more must
// look, since the first one may have been carried out.
type mark struct {
	context.Context //nolint:containedctx // it is a context

	taken atomic.Bool
}

// Mark returns a context that says so.
func Mark(ctx context.Context) context.Context { return &mark{Context: ctx} }

// Value implements [context.Context].
func (m *mark) Value(k any) any {
	if k == (key{}) {
		return m
	}
	return m.Context.Value(k)
}

// Take reports whether the context was marked and nobody has asked before. It
// returns the context to go on with, which has done its part once it is asked.
func Take(ctx context.Context) (context.Context, bool) {
	m, marked := ctx.Value(key{}).(*mark)
	if !marked || !m.taken.CompareAndSwap(false, true) {
		return ctx, false
	}
	if ctx == context.Context(m) {
		return m.Context, true
	}
	return ctx, true
}
