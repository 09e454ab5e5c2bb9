package coalesce

import (
	"context"
	"errors"
	"time"
)

// errUnfinished is what a batch ends with whose goroutine was ended.
var errUnfinished = errors.New("coalesce: the work on the batch did not return")

// batch is calls whose items are worked on together. The mutex of the batcher
// guards it.
type batch[T, R any] struct {
	// ctx ends when no call is left.
	ctx    context.Context //nolint:containedctx // the batch is what it belongs to
	cancel context.CancelFunc
	// calls are those whose items were not withdrawn.
	calls []*Call[T, R]
	// present is how many calls have not left.
	present int
	// deadline is that of the most patient call; zero when one has none.
	deadline time.Time
	endless  bool
	// turn tells the batch to go, under the lease.
	turn  chan struct{}
	lease *lease
	// sealed means that no item can be withdrawn any more.
	sealed bool
	// done tells the calls that the rest is final.
	done    chan struct{}
	results []R
	err     error
}

func newBatch[T, R any]() *batch[T, R] {
	ctx, cancel := context.WithCancel(context.Background()) //nolint:gosec // the last call that leaves cancels it
	return &batch[T, R]{
		ctx: ctx, cancel: cancel, turn: make(chan struct{}), done: make(chan struct{}), err: errUnfinished,
	}
}

func (own *batch[T, R]) add(ctx context.Context, call *Call[T, R]) {
	call.batch = own
	own.calls = append(own.calls, call)
	own.present++
	deadline, bounded := ctx.Deadline()
	switch {
	case !bounded || own.endless:
		own.endless, own.deadline = true, time.Time{}
	case deadline.After(own.deadline):
		own.deadline = deadline
	}
}
