package coalesce_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/assignment-go/assignment/postgres/internal/coalesce"
)

var bounds = coalesce.Bounds{
	InProgress: 2, BatchSize: 4, FlushAfter: time.Millisecond, MaxAge: 50 * time.Millisecond,
	MaxWait: 200 * time.Millisecond, FlushTimeout: 10 * time.Second,
}

// controlled is a batcher whose flushes the test controls. A flush waits for a
// connection first, then takes the items, and then waits to be finished.
type controlled struct {
	*coalesce.Batcher[int, string]

	connected chan struct{}
	taken     chan []int
	finish    chan error
	ended     chan context.Context
}

func newControlled(bounds coalesce.Bounds) *controlled {
	b := &controlled{
		connected: make(chan struct{}, 100), taken: make(chan []int, 100), finish: make(chan error, 100),
		ended: make(chan context.Context, 100),
	}
	b.Batcher = coalesce.NewBatcher(bounds, func(ctx context.Context, take func() []int) ([]string, error) {
		defer func() { b.ended <- ctx }()
		select {
		case <-b.connected:
		case <-ctx.Done():
			return nil, coalesce.ErrNothingDone
		}
		items := take()
		b.taken <- items
		select {
		case err := <-b.finish:
			return render(items), err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	return b
}

func render(items []int) []string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = strconv.Itoa(item)
	}
	return texts
}

// outcome is what one call returned.
type outcome struct {
	text    string
	err     error
	flushed bool
	took    time.Duration
}

// call adds the item, waits, and releases the call. The channel gets the outcome.
func (b *controlled) call(ctx context.Context, item int) <-chan outcome {
	got := make(chan outcome, 1)
	began, call := time.Now(), b.Add(ctx, item)
	go func() {
		defer call.Release()
		text, err := call.Wait(ctx)
		got <- outcome{text, err, call.Flushed(), time.Since(began)}
	}()
	return got
}

// occupy has as many calls in progress as may be before others collect in a batch.
func (b *controlled) occupy(t *testing.T) (release func()) {
	t.Helper()
	var calls []*coalesce.Call[int, string]
	for range bounds.InProgress {
		call := b.Add(t.Context(), 0)
		if _, err := call.Wait(t.Context()); !errors.Is(err, coalesce.ErrNothingDone) {
			t.Fatalf("got %v, want ErrNothingDone", err)
		}
		calls = append(calls, call)
	}
	return func() {
		for _, call := range calls {
			call.Release()
		}
	}
}

func (o outcome) want(t *testing.T, text string, err error) {
	t.Helper()
	if o.text != text || !errors.Is(o.err, err) {
		t.Errorf("got %q, %v; want %q, %v", o.text, o.err, text, err)
	}
}

func inBubble(t *testing.T, name string, check func(t *testing.T, b *controlled)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { check(t, newControlled(bounds)) })
	})
}

func TestBatcher(t *testing.T) {
	inBubble(t, "few_calls_do_their_own_work_at_once", func(t *testing.T, b *controlled) {
		b.occupy(t)()
		for range 10 {
			o := <-b.call(t.Context(), 1)
			o.want(t, "", coalesce.ErrNothingDone)
			if o.took != 0 || o.flushed {
				t.Errorf("took %v, flushed %v", o.took, o.flushed)
			}
		}
	})
	inBubble(t, "further_calls_collect_in_a_batch_until_one_in_progress_ends", func(t *testing.T, b *controlled) {
		release := b.occupy(t)
		first, second := b.call(t.Context(), 1), b.call(t.Context(), 2)
		if b.Waiting() != 2 {
			t.Errorf("%d are waiting", b.Waiting())
		}
		release()
		b.connected <- struct{}{}
		b.finish <- nil
		(<-first).want(t, "1", nil)
		(<-second).want(t, "2", nil)
		if items := <-b.taken; len(items) != 2 || len(b.taken) != 0 {
			t.Errorf("the first batch had the items %v, and %d followed", items, len(b.taken))
		}
		synctest.Wait()
		if b.Waiting() != 0 {
			t.Errorf("%d are waiting at the end", b.Waiting())
		}
	})
	inBubble(t, "a_batch_is_flushed_when_none_ends_in_time", func(t *testing.T, b *controlled) {
		b.occupy(t)
		got := b.call(t.Context(), 1)
		b.connected <- struct{}{}
		b.finish <- nil
		o := <-got
		o.want(t, "1", nil)
		if o.took != bounds.FlushAfter {
			t.Errorf("took %v, want %v", o.took, bounds.FlushAfter)
		}
	})
	inBubble(t, "a_full_batch_is_flushed_at_once", func(t *testing.T, b *controlled) {
		b.occupy(t)
		b.connected <- struct{}{}
		b.finish <- nil
		var got []<-chan outcome
		for i := range bounds.BatchSize {
			got = append(got, b.call(t.Context(), i))
		}
		for i, o := range got {
			o := <-o
			o.want(t, strconv.Itoa(i), nil)
			if o.took != 0 {
				t.Errorf("call %d took %v", i, o.took)
			}
		}
	})
	inBubble(t, "an_error_of_the_flush_is_returned_to_all_of_its_calls", func(t *testing.T, b *controlled) {
		b.occupy(t)
		broken := errors.New("broken")
		first, second := b.call(t.Context(), 1), b.call(t.Context(), 2)
		b.connected <- struct{}{}
		b.finish <- broken
		(<-first).want(t, "", broken)
		(<-second).want(t, "", broken)
	})
	t.Run("a_panic_in_the_flush_is_an_error_of_its_calls", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := &controlled{Batcher: coalesce.NewBatcher(bounds, func(_ context.Context, take func() []int) ([]string, error) {
				take()
				panic("oops")
			})}
			b.occupy(t)
			if o := <-b.call(t.Context(), 1); o.err == nil || !o.flushed {
				t.Errorf("got %+v", o)
			}
		})
	})
}

// TestHangingFlush covers calls and batches that don't end: they delay only the calls
// that are part of them.
func TestHangingFlush(t *testing.T) {
	inBubble(t, "stops_counting_as_in_progress_after_its_maximum_age", func(t *testing.T, b *controlled) {
		b.occupy(t)
		time.Sleep(bounds.MaxAge)
		o := <-b.call(t.Context(), 1)
		o.want(t, "", coalesce.ErrNothingDone)
		if o.took != 0 {
			t.Errorf("took %v", o.took)
		}
	})
	inBubble(t, "is_waited_for_no_longer_than_the_maximum", func(t *testing.T, b *controlled) {
		b.occupy(t)
		got := b.call(t.Context(), 1)
		b.connected <- struct{}{}
		o := <-got
		o.want(t, "", coalesce.ErrInProgress)
		if o.took != bounds.MaxWait || !o.flushed {
			t.Errorf("took %v, flushed %v", o.took, o.flushed)
		}
	})
	inBubble(t, "that_has_not_taken_its_items_loses_its_calls", func(t *testing.T, b *controlled) {
		b.occupy(t)
		o := <-b.call(t.Context(), 1) // there is no connection
		o.want(t, "", coalesce.ErrNothingDone)
		if o.took != bounds.MaxWait || o.flushed {
			t.Errorf("took %v, flushed %v", o.took, o.flushed)
		}
	})
	inBubble(t, "ends_when_its_last_call_is_released", func(t *testing.T, b *controlled) {
		b.occupy(t)
		got := b.call(t.Context(), 1)
		b.connected <- struct{}{}
		<-got
		if ctx := <-b.ended; !errors.Is(ctx.Err(), context.Canceled) {
			t.Errorf("got %v", ctx.Err())
		}
	})
	inBubble(t, "ends_at_the_latest_deadline_of_its_calls", func(t *testing.T, b *controlled) {
		b.occupy(t)
		began := time.Now()
		var calls []*coalesce.Call[int, string]
		for _, timeout := range []time.Duration{2 * time.Second, 3 * time.Second, time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			t.Cleanup(cancel)
			calls = append(calls, b.Add(ctx, 1))
		}
		b.connected <- struct{}{}
		if ctx := <-b.ended; !errors.Is(ctx.Err(), context.DeadlineExceeded) || time.Since(began) != 3*time.Second {
			t.Errorf("ended after %v with %v", time.Since(began), ctx.Err())
		}
		for _, call := range calls {
			call.Release()
		}
	})
	inBubble(t, "ends_at_its_timeout_when_a_call_has_no_deadline", func(t *testing.T, b *controlled) {
		b.occupy(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		bounded, unbounded := b.Add(ctx, 1), b.Add(t.Context(), 2)
		b.connected <- struct{}{}
		began := time.Now()
		<-b.ended
		if took := time.Since(began); took < bounds.FlushTimeout {
			t.Errorf("ended after %v", took)
		}
		if _, err := unbounded.Result(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		bounded.Release()
		unbounded.Release()
	})
	inBubble(t, "still_has_a_result_in_the_end", func(t *testing.T, b *controlled) {
		b.occupy(t)
		call := b.Add(t.Context(), 7)
		defer call.Release()
		b.connected <- struct{}{}
		if _, err := call.Wait(t.Context()); !errors.Is(err, coalesce.ErrInProgress) {
			t.Fatalf("got %v", err)
		}
		b.finish <- nil
		if text, err := call.Result(t.Context()); text != "7" || err != nil {
			t.Errorf("got %q, %v", text, err)
		}
	})
}

// TestGivingUp covers calls whose context ends: that concerns no other call.
func TestGivingUp(t *testing.T) {
	inBubble(t, "before_the_items_are_taken_cancels_the_item", func(t *testing.T, b *controlled) {
		b.occupy(t)
		ctx, giveUp := context.WithCancel(t.Context())
		givesUp, stays := b.call(ctx, 1), b.call(t.Context(), 2)
		giveUp()
		o := <-givesUp
		o.want(t, "", context.Canceled)
		if o.flushed {
			t.Error("the item was flushed")
		}
		b.connected <- struct{}{}
		b.finish <- nil
		(<-stays).want(t, "2", nil)
		if items := <-b.taken; len(items) != 1 {
			t.Errorf("the items were %v", items)
		}
	})
	inBubble(t, "afterwards_does_not_end_the_flush_of_the_others", func(t *testing.T, b *controlled) {
		b.occupy(t)
		ctx, giveUp := context.WithCancel(t.Context())
		givesUp, stays := b.call(ctx, 1), b.call(t.Context(), 2)
		b.connected <- struct{}{}
		<-b.taken
		giveUp()
		o := <-givesUp
		o.want(t, "", context.Canceled)
		if !o.flushed {
			t.Error("the item was not flushed")
		}
		b.finish <- nil
		(<-stays).want(t, "2", nil)
	})
	inBubble(t, "of_all_calls_closes_the_batch_to_further_ones", func(t *testing.T, b *controlled) {
		b.occupy(t)
		ctx, giveUp := context.WithCancel(t.Context())
		givesUp := b.call(ctx, 1)
		giveUp()
		(<-givesUp).want(t, "", context.Canceled)
		got := b.call(t.Context(), 2)
		b.connected <- struct{}{}
		b.finish <- nil
		(<-got).want(t, "2", nil)
	})
	inBubble(t, "leaves_a_context_without_values_of_the_calls", func(t *testing.T, b *controlled) {
		type name struct{}
		b.occupy(t)
		got := b.call(context.WithValue(t.Context(), name{}, "tenant"), 1)
		b.connected <- struct{}{}
		b.finish <- nil
		<-got
		if v := (<-b.ended).Value(name{}); v != nil {
			t.Errorf("the flush got %v", v)
		}
	})
}
