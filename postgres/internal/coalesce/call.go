package coalesce

import (
	"context"
	"slices"
	"time"
)

// Call is one caller's part in a [Batcher]. It belongs to one goroutine.
type Call[T, R any] struct {
	batcher *Batcher[T, R]
	item    T
	// lease is that of a call that does its own work.
	lease *lease
	// batch is nil for such a call.
	batch *batch[T, R]
	// withdrawn means that the item was taken out of the batch, else place is where
	// its result is.
	withdrawn bool
	place     int
	left      bool
}

// Wait returns the result of the item. Its errors: [ErrAlone], when the caller
// has to do its own work; [ErrLate]; that of Flush; that of the context, after
// which Sent tells whether anything can have been done.
func (c *Call[T, R]) Wait(ctx context.Context) (R, error) {
	var none R
	if c.batch == nil {
		return none, ErrAlone
	}
	timer := time.NewTimer(c.batcher.bounds.Patience)
	defer timer.Stop()
	select {
	case <-c.batch.done:
		return c.result()
	case <-timer.C:
		if c.withdraw() {
			return none, ErrAlone
		}
		return none, ErrLate
	case <-ctx.Done():
		c.withdraw()
		return c.resultOr(ctx.Err())
	}
}

// Result waits for the batch for as long as the context lasts. It is for callers
// that Wait told to be late.
func (c *Call[T, R]) Result(ctx context.Context) (R, error) {
	select {
	case <-c.batch.done:
		return c.result()
	case <-ctx.Done():
		return c.resultOr(ctx.Err())
	}
}

// Sent reports whether the item may have been worked on.
func (c *Call[T, R]) Sent() bool { return c.batch != nil && !c.withdrawn }

// Leave says that the caller needs nothing any more. Only the first one counts.
func (c *Call[T, R]) Leave() {
	b := c.batcher
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case c.left:
		return
	case c.batch == nil:
		b.release(c.lease)
	default:
		b.leave(c.batch)
	}
	c.left = true
}

// leave ends the work of a batch that nobody waits for.
func (b *Batcher[T, R]) leave(own *batch[T, R]) {
	b.waiting--
	own.present--
	if own.present > 0 {
		return
	}
	own.cancel()
	if b.next == own {
		b.grant() // nobody may join it any more
	}
}

// withdraw reports whether the item was taken out of the batch before it was
// sealed.
func (c *Call[T, R]) withdraw() bool {
	c.batcher.mu.Lock()
	defer c.batcher.mu.Unlock()
	if c.batch.sealed {
		return false
	}
	c.withdrawn = true
	c.batch.calls = slices.DeleteFunc(c.batch.calls, func(other *Call[T, R]) bool { return other == c })
	return true
}

// resultOr returns the error unless the result is there at the same time.
func (c *Call[T, R]) resultOr(err error) (R, error) {
	if !c.withdrawn {
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
	return c.batch.results[c.place], nil
}
