package coalesce

import (
	"context"
	"errors"
	"time"
)

// errNoReturn is the result of a batch whose flush ended its goroutine.
var errNoReturn = errors.New("coalesce: the flush did not return")

// batch is the items of several calls. The mutex of the batcher guards it.
type batch[T, R any] struct {
	// ctx ends when no call waits any more.
	ctx    context.Context //nolint:containedctx // the batch is what it belongs to
	cancel context.CancelFunc
	// calls are those whose items were not canceled.
	calls []*Call[T, R]
	// waiting is how many calls were not released.
	waiting int
	// deadline is the latest of the calls' deadlines; zero when one has none.
	deadline  time.Time
	unbounded bool
	// due is closed when the batch is to be flushed, which then counts as work.
	due  chan struct{}
	work *work
	// flushed means that no item can be canceled any more.
	flushed bool
	// done is closed when the rest is final.
	done    chan struct{}
	results []R
	err     error
}

func newBatch[T, R any]() *batch[T, R] {
	ctx, cancel := context.WithCancel(context.Background()) //nolint:gosec // the release of the last call cancels it
	return &batch[T, R]{
		ctx: ctx, cancel: cancel, due: make(chan struct{}), done: make(chan struct{}), err: errNoReturn,
	}
}

func (batch *batch[T, R]) add(ctx context.Context, call *Call[T, R]) {
	call.batch = batch
	batch.calls = append(batch.calls, call)
	batch.waiting++
	deadline, bounded := ctx.Deadline()
	switch {
	case !bounded || batch.unbounded:
		batch.unbounded, batch.deadline = true, time.Time{}
	case deadline.After(batch.deadline):
		batch.deadline = deadline
	}
}
