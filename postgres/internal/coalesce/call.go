package coalesce

import (
	"context"
	"slices"
	"time"
)

// Call is one call of a [Batcher]. It belongs to one goroutine.
type Call[T, R any] struct {
	batcher *Batcher[T, R]
	item    T
	// work is that of a call that is in no batch.
	work *work
	// batch is nil for such a call.
	batch *batch[T, R]
	// canceled means that the item was removed from the batch, else index is where
	// its result is.
	canceled bool
	index    int
	released bool
}

// Wait returns the result of the item. Its errors: [ErrNothingDone], when the caller
// has to do its own work; [ErrInProgress]; that of the flush; that of the context,
// after which Flushed reports whether anything can have been done.
func (c *Call[T, R]) Wait(ctx context.Context) (R, error) {
	var none R
	if c.batch == nil {
		return none, ErrNothingDone
	}
	timer := time.NewTimer(c.batcher.bounds.MaxWait)
	defer timer.Stop()
	select {
	case <-c.batch.done:
		return c.result()
	case <-timer.C:
		if c.cancel() {
			return none, ErrNothingDone
		}
		return none, ErrInProgress
	case <-ctx.Done():
		c.cancel()
		return c.resultOr(ctx.Err())
	}
}

// Result waits for the batch for as long as the context lasts. It is for calls that
// got [ErrInProgress] from Wait.
func (c *Call[T, R]) Result(ctx context.Context) (R, error) {
	select {
	case <-c.batch.done:
		return c.result()
	case <-ctx.Done():
		return c.resultOr(ctx.Err())
	}
}

// Flushed reports whether something may have been done for the item.
func (c *Call[T, R]) Flushed() bool { return c.batch != nil && !c.canceled }

// Release ends the call. Only the first Release counts.
func (c *Call[T, R]) Release() {
	b := c.batcher
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case c.released:
		return
	case c.batch == nil:
		b.end(c.work)
	default:
		b.release(c.batch)
	}
	c.released = true
}

// release takes one call less into account. Nothing is done for a batch that no call
// waits for.
func (b *Batcher[T, R]) release(batch *batch[T, R]) {
	b.waiting--
	batch.waiting--
	if batch.waiting > 0 {
		return
	}
	batch.cancel()
	if b.next == batch {
		b.flushNext() // no further call may be added
	}
}

// cancel removes the item from the batch, unless it was flushed, and reports whether
// it did.
func (c *Call[T, R]) cancel() bool {
	c.batcher.mu.Lock()
	defer c.batcher.mu.Unlock()
	if c.batch.flushed {
		return false
	}
	c.canceled = true
	c.batch.calls = slices.DeleteFunc(c.batch.calls, func(other *Call[T, R]) bool { return other == c })
	return true
}

// resultOr returns the error, unless the result is there at the same time.
func (c *Call[T, R]) resultOr(err error) (R, error) {
	if !c.canceled {
		select {
		case <-c.batch.done:
			return c.result()
		default:
		}
	}
	var none R
	return none, err
}

func (c *Call[T, R]) result() (R, error) {
	var none R
	if c.batch.err != nil {
		return none, c.batch.err
	}
	return c.batch.results[c.index], nil
}
