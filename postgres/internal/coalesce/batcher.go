package coalesce

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Flush does the work for a batch. It calls seal once it has all it needs, such
// as a connection, and gets the items; until then calls that give up withdraw
// theirs. It returns a result for each item, in their order, or an error:
// [ErrAlone] when it is certain that nothing was done. Its context belongs to no
// call: it has no values, and ends when no call is left, when the most patient
// call has to end, or after Bounds.Limit.
type Flush[T, R any] func(ctx context.Context, seal func() []T) ([]R, error)

// Batcher lets calls share work. Few calls at a time each do their own, at once;
// those that come while Bounds.Running are under way gather in a batch.
type Batcher[T, R any] struct {
	bounds Bounds
	flush  Flush[T, R]

	mu sync.Mutex
	// running are the leases of the work under way, the oldest first.
	running []*lease
	// next is the batch that calls may still join, if there is one.
	next    *batch[T, R]
	waiting int
}

// lease is one piece of work that counts as running.
type lease struct{ since time.Time }

// NewBatcher returns a batcher that works by the function.
func NewBatcher[T, R any](bounds Bounds, flush Flush[T, R]) *Batcher[T, R] {
	return &Batcher[T, R]{bounds: bounds, flush: flush}
}

// Waiting is how many calls are in batches at this moment, sealed or not.
func (b *Batcher[T, R]) Waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waiting
}

// Join takes part with an item. The caller must then call Wait, and in the end
// Leave.
func (b *Batcher[T, R]) Join(ctx context.Context, item T) *Call[T, R] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil && b.hasRoom() {
		b.grant() // it has waited for longer
	}
	call := &Call[T, R]{batcher: b, item: item}
	if b.hasRoom() {
		call.lease = b.take()
		return call
	}
	if b.next == nil {
		b.next = newBatch[T, R]()
		go b.run(b.next) //nolint:contextcheck // a batch outlives the call that opens it
	}
	b.next.add(ctx, call)
	b.waiting++
	if len(b.next.calls) >= b.bounds.Items {
		b.grant()
	}
	return call
}

// hasRoom reports whether few enough are running, without those that hang.
func (b *Batcher[T, R]) hasRoom() bool {
	if len(b.running) < b.bounds.Running {
		return true
	}
	now := time.Now()
	b.running = slices.DeleteFunc(b.running, func(l *lease) bool { return now.Sub(l.since) >= b.bounds.Lease })
	return len(b.running) < b.bounds.Running
}

func (b *Batcher[T, R]) take() *lease {
	l := &lease{since: time.Now()}
	b.running = append(b.running, l)
	return l
}

// grant lets the next batch go, and nobody join it any more.
func (b *Batcher[T, R]) grant() {
	b.next.lease = b.take()
	close(b.next.turn)
	b.next = nil
}

// release ends a lease, and lets the next batch go in its place.
func (b *Batcher[T, R]) release(l *lease) {
	b.running = slices.DeleteFunc(b.running, func(other *lease) bool { return other == l })
	if b.next != nil && b.hasRoom() {
		b.grant()
	}
}

// run waits for the turn of the batch and has it worked on.
func (b *Batcher[T, R]) run(own *batch[T, R]) {
	timer := time.NewTimer(b.bounds.Turn)
	defer timer.Stop()
	select {
	case <-own.turn:
	case <-timer.C:
	case <-own.ctx.Done(): // no call is left
	}
	ctx, cancel := context.WithDeadline(own.ctx, b.begin(own))
	defer cancel()
	defer b.end(own)
	own.results, own.err = b.work(ctx, own)
}

// work calls the function, unless all items were withdrawn. On this goroutine
// nobody would recover from a panic of it, which without batches would be that of
// one call.
func (b *Batcher[T, R]) work(ctx context.Context, own *batch[T, R]) (results []R, err error) {
	if ctx.Err() != nil && b.seal(own) == nil {
		return nil, ErrAlone
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("coalesce: panic: %v", p)
		}
	}()
	items := -1
	results, err = b.flush(ctx, func() []T {
		sealed := b.seal(own)
		items = len(sealed)
		return sealed
	})
	if err == nil && len(results) != items {
		return nil, fmt.Errorf("coalesce: %d results for %d items", len(results), items)
	}
	return results, err
}

// begin takes the turn, unless it was given meanwhile, and returns by when the
// work must end.
func (b *Batcher[T, R]) begin(own *batch[T, R]) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == own {
		b.grant()
	}
	limit := time.Now().Add(b.bounds.Limit)
	if own.deadline.IsZero() || own.deadline.After(limit) {
		return limit
	}
	return own.deadline
}

func (b *Batcher[T, R]) seal(own *batch[T, R]) []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	own.sealed = true
	var items []T
	for i, call := range own.calls {
		call.place, items = i, append(items, call.item)
	}
	return items
}

func (b *Batcher[T, R]) end(own *batch[T, R]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	own.sealed = true
	close(own.done)
	if own.lease != nil {
		b.release(own.lease)
	}
}
