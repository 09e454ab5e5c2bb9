package coalesce

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Flush does the work for a batch. Once it has all that it needs, such as a
// connection, it calls take for the items; until then a call that gives up cancels
// its item. It returns a result for each item, in their order, or an error:
// [ErrNothingDone] when that is certain. Its context is of no call: it has no values,
// and ends when no call waits any more, at the latest deadline of the calls, or after
// Bounds.FlushTimeout.
type Flush[T, R any] func(ctx context.Context, take func() []T) ([]R, error)

// Batcher lets calls share work. As long as few are in progress each call does its
// own at once; with Bounds.InProgress of them further calls collect in a batch.
type Batcher[T, R any] struct {
	bounds Bounds
	flush  Flush[T, R]

	mu sync.Mutex
	// inProgress is the work that was begun and has not ended, the oldest first.
	inProgress []*work
	// next is the batch that collects items; nil when none does.
	next    *batch[T, R]
	waiting int
}

// work is a call or batch in progress.
type work struct{ since time.Time }

// NewBatcher returns a batcher whose batches are flushed by the function.
func NewBatcher[T, R any](bounds Bounds, flush Flush[T, R]) *Batcher[T, R] {
	return &Batcher[T, R]{bounds: bounds, flush: flush}
}

// Waiting is how many calls are in batches at this moment, flushed or not.
func (b *Batcher[T, R]) Waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waiting
}

// Add begins a call with its item. The caller must then call Wait, and in the end
// Release.
func (b *Batcher[T, R]) Add(ctx context.Context, item T) *Call[T, R] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil && b.hasRoom() {
		b.flushNext() // it has waited for longer
	}
	call := &Call[T, R]{batcher: b, item: item}
	if b.hasRoom() {
		call.work = b.begin()
		return call
	}
	if b.next == nil {
		b.next = newBatch[T, R]()
		go b.run(b.next) //nolint:contextcheck // a batch outlives the call that opens it
	}
	b.next.add(ctx, call)
	b.waiting++
	if len(b.next.calls) >= b.bounds.BatchSize {
		b.flushNext()
	}
	return call
}

// hasRoom reports whether few enough are in progress, without those that may hang.
func (b *Batcher[T, R]) hasRoom() bool {
	if len(b.inProgress) < b.bounds.InProgress {
		return true
	}
	now := time.Now()
	b.inProgress = slices.DeleteFunc(b.inProgress, func(w *work) bool { return now.Sub(w.since) >= b.bounds.MaxAge })
	return len(b.inProgress) < b.bounds.InProgress
}

func (b *Batcher[T, R]) begin() *work {
	w := &work{since: time.Now()}
	b.inProgress = append(b.inProgress, w)
	return w
}

// end is begin's counterpart. It makes room for the next batch.
func (b *Batcher[T, R]) end(ended *work) {
	b.inProgress = slices.DeleteFunc(b.inProgress, func(w *work) bool { return w == ended })
	if b.next != nil && b.hasRoom() {
		b.flushNext()
	}
}

// flushNext has the batch flushed that collects items, and collects no more in it.
func (b *Batcher[T, R]) flushNext() {
	b.next.work = b.begin()
	close(b.next.due)
	b.next = nil
}

// run waits until the batch is due, and flushes it.
func (b *Batcher[T, R]) run(batch *batch[T, R]) {
	timer := time.NewTimer(b.bounds.FlushAfter)
	defer timer.Stop()
	select {
	case <-batch.due:
	case <-timer.C:
	case <-batch.ctx.Done(): // no call waits any more
	}
	ctx, cancel := context.WithDeadline(batch.ctx, b.start(batch))
	defer cancel()
	defer b.finish(batch)
	batch.results, batch.err = b.call(ctx, batch)
}

// start makes the batch due, unless it is, and returns by when its flush must end.
func (b *Batcher[T, R]) start(batch *batch[T, R]) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == batch {
		b.flushNext()
	}
	limit := time.Now().Add(b.bounds.FlushTimeout)
	if batch.deadline.IsZero() || batch.deadline.After(limit) {
		return limit
	}
	return batch.deadline
}

// call calls the flush function, unless all items were canceled. On this goroutine
// nothing would recover from a panic in it, which without batches would be a panic
// in one call.
func (b *Batcher[T, R]) call(ctx context.Context, batch *batch[T, R]) (results []R, err error) {
	if ctx.Err() != nil && b.take(batch) == nil {
		return nil, ErrNothingDone
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("coalesce: panic: %v", p)
		}
	}()
	items := -1
	results, err = b.flush(ctx, func() []T {
		taken := b.take(batch)
		items = len(taken)
		return taken
	})
	if err == nil && len(results) != items {
		return nil, fmt.Errorf("coalesce: %d results for %d items", len(results), items)
	}
	return results, err
}

func (b *Batcher[T, R]) take(batch *batch[T, R]) []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	batch.flushed = true
	var items []T
	for i, call := range batch.calls {
		call.index, items = i, append(items, call.item)
	}
	return items
}

func (b *Batcher[T, R]) finish(batch *batch[T, R]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	batch.flushed = true
	close(batch.done)
	if batch.work != nil {
		b.end(batch.work)
	}
}
