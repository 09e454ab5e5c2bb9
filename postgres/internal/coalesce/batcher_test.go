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
	Running: 2, Items: 4, Turn: time.Millisecond, Lease: 50 * time.Millisecond,
	Patience: 200 * time.Millisecond, Limit: 10 * time.Second,
}

// bench is a batcher whose work the test controls. The work on a batch takes a
// connection first, and then begins with its items.
type bench struct {
	*coalesce.Batcher[int, string]

	connected chan struct{}
	began     chan []int
	finish    chan error
	ended     chan context.Context
}

func newBench(bounds coalesce.Bounds) *bench {
	b := &bench{
		connected: make(chan struct{}, 100), began: make(chan []int, 100), finish: make(chan error, 100),
		ended: make(chan context.Context, 100),
	}
	b.Batcher = coalesce.NewBatcher(bounds, func(ctx context.Context, seal func() []int) ([]string, error) {
		defer func() { b.ended <- ctx }()
		select {
		case <-b.connected:
		case <-ctx.Done():
			return nil, coalesce.ErrAlone
		}
		items := seal()
		b.began <- items
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

// outcome is what one call was told.
type outcome struct {
	text string
	err  error
	sent bool
	took time.Duration
}

// call joins with the item and tells on the channel how that ended. It leaves at
// once.
func (b *bench) call(ctx context.Context, item int) <-chan outcome {
	told := make(chan outcome, 1)
	began, call := time.Now(), b.Join(ctx, item)
	go func() {
		defer call.Leave()
		text, err := call.Wait(ctx)
		told <- outcome{text, err, call.Sent(), time.Since(began)}
	}()
	return told
}

// occupy has as many calls do their own work as may run.
func (b *bench) occupy(t *testing.T) (leave func()) {
	t.Helper()
	var calls []*coalesce.Call[int, string]
	for range bounds.Running {
		call := b.Join(t.Context(), 0)
		if _, err := call.Wait(t.Context()); !errors.Is(err, coalesce.ErrAlone) {
			t.Fatalf("got %v, want ErrAlone", err)
		}
		calls = append(calls, call)
	}
	return func() {
		for _, call := range calls {
			call.Leave()
		}
	}
}

func (o outcome) want(t *testing.T, text string, err error) {
	t.Helper()
	if o.text != text || !errors.Is(o.err, err) {
		t.Errorf("got %q, %v; want %q, %v", o.text, o.err, text, err)
	}
}

func inBubble(t *testing.T, name string, check func(t *testing.T, b *bench)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { check(t, newBench(bounds)) })
	})
}

func TestBatcher(t *testing.T) {
	inBubble(t, "few_calls_do_their_own_work_at_once", func(t *testing.T, b *bench) {
		b.occupy(t)()
		for range 10 {
			o := <-b.call(t.Context(), 1)
			o.want(t, "", coalesce.ErrAlone)
			if o.took != 0 || o.sent {
				t.Errorf("took %v, sent %v", o.took, o.sent)
			}
		}
	})
	inBubble(t, "further_calls_share_a_batch_when_one_that_is_running_ends", func(t *testing.T, b *bench) {
		leave := b.occupy(t)
		first, second := b.call(t.Context(), 1), b.call(t.Context(), 2)
		if b.Waiting() != 2 {
			t.Errorf("%d are waiting", b.Waiting())
		}
		leave()
		b.connected <- struct{}{}
		b.finish <- nil
		(<-first).want(t, "1", nil)
		(<-second).want(t, "2", nil)
		if items := <-b.began; len(items) != 2 || len(b.began) != 0 {
			t.Errorf("the first batch had the items %v, and %d followed", items, len(b.began))
		}
		synctest.Wait()
		if b.Waiting() != 0 {
			t.Errorf("%d are waiting in the end", b.Waiting())
		}
	})
	inBubble(t, "a_batch_goes_when_none_ends_in_time", func(t *testing.T, b *bench) {
		b.occupy(t)
		told := b.call(t.Context(), 1)
		b.connected <- struct{}{}
		b.finish <- nil
		o := <-told
		o.want(t, "1", nil)
		if o.took != bounds.Turn {
			t.Errorf("took %v, want %v", o.took, bounds.Turn)
		}
	})
	inBubble(t, "a_full_batch_goes_at_once", func(t *testing.T, b *bench) {
		b.occupy(t)
		b.connected <- struct{}{}
		b.finish <- nil
		var told []<-chan outcome
		for i := range bounds.Items {
			told = append(told, b.call(t.Context(), i))
		}
		for i, o := range told {
			o := <-o
			o.want(t, strconv.Itoa(i), nil)
			if o.took != 0 {
				t.Errorf("call %d took %v", i, o.took)
			}
		}
	})
	inBubble(t, "what_the_work_fails_with_is_told_to_all", func(t *testing.T, b *bench) {
		b.occupy(t)
		broken := errors.New("broken")
		first, second := b.call(t.Context(), 1), b.call(t.Context(), 2)
		b.connected <- struct{}{}
		b.finish <- broken
		(<-first).want(t, "", broken)
		(<-second).want(t, "", broken)
	})
	t.Run("a_panic_of_the_work_is_an_error_of_its_calls", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := &bench{Batcher: coalesce.NewBatcher(bounds, func(_ context.Context, seal func() []int) ([]string, error) {
				seal()
				panic("oops")
			})}
			b.occupy(t)
			if o := <-b.call(t.Context(), 1); o.err == nil || !o.sent {
				t.Errorf("got %+v", o)
			}
		})
	})
}

// TestHangingWork covers work that does not end: it is nobody's problem but that
// of the calls which began it.
func TestHangingWork(t *testing.T) {
	inBubble(t, "does_not_count_as_running_for_long", func(t *testing.T, b *bench) {
		b.occupy(t)
		time.Sleep(bounds.Lease)
		o := <-b.call(t.Context(), 1)
		o.want(t, "", coalesce.ErrAlone)
		if o.took != 0 {
			t.Errorf("took %v", o.took)
		}
	})
	inBubble(t, "on_a_batch_is_waited_for_no_longer_than_the_patience", func(t *testing.T, b *bench) {
		b.occupy(t)
		told := b.call(t.Context(), 1)
		b.connected <- struct{}{}
		o := <-told
		o.want(t, "", coalesce.ErrLate)
		if o.took != bounds.Patience || !o.sent {
			t.Errorf("took %v, sent %v", o.took, o.sent)
		}
	})
	inBubble(t, "that_has_not_begun_loses_its_calls", func(t *testing.T, b *bench) {
		b.occupy(t)
		o := <-b.call(t.Context(), 1) // there is no connection
		o.want(t, "", coalesce.ErrAlone)
		if o.took != bounds.Patience || o.sent {
			t.Errorf("took %v, sent %v", o.took, o.sent)
		}
	})
	inBubble(t, "ends_when_its_last_call_leaves", func(t *testing.T, b *bench) {
		b.occupy(t)
		told := b.call(t.Context(), 1)
		b.connected <- struct{}{}
		<-told
		if ctx := <-b.ended; !errors.Is(ctx.Err(), context.Canceled) {
			t.Errorf("got %v", ctx.Err())
		}
	})
	inBubble(t, "ends_with_its_most_patient_call", func(t *testing.T, b *bench) {
		b.occupy(t)
		began := time.Now()
		var calls []*coalesce.Call[int, string]
		for _, patience := range []time.Duration{2 * time.Second, 3 * time.Second, time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			t.Cleanup(cancel)
			calls = append(calls, b.Join(ctx, 1))
		}
		b.connected <- struct{}{}
		if ctx := <-b.ended; !errors.Is(ctx.Err(), context.DeadlineExceeded) || time.Since(began) != 3*time.Second {
			t.Errorf("ended after %v with %v", time.Since(began), ctx.Err())
		}
		for _, call := range calls {
			call.Leave()
		}
	})
	inBubble(t, "ends_at_the_limit_when_calls_would_wait_for_ever", func(t *testing.T, b *bench) {
		b.occupy(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		bounded, endless := b.Join(ctx, 1), b.Join(t.Context(), 2)
		b.connected <- struct{}{}
		began := time.Now()
		<-b.ended
		if took := time.Since(began); took < bounds.Limit {
			t.Errorf("ended after %v", took)
		}
		if _, err := endless.Result(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		bounded.Leave()
		endless.Leave()
	})
	inBubble(t, "may_still_tell_its_result", func(t *testing.T, b *bench) {
		b.occupy(t)
		call := b.Join(t.Context(), 7)
		defer call.Leave()
		b.connected <- struct{}{}
		if _, err := call.Wait(t.Context()); !errors.Is(err, coalesce.ErrLate) {
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
	inBubble(t, "before_the_batch_is_sealed_withdraws_the_item", func(t *testing.T, b *bench) {
		b.occupy(t)
		ctx, giveUp := context.WithCancel(t.Context())
		leaving, staying := b.call(ctx, 1), b.call(t.Context(), 2)
		giveUp()
		o := <-leaving
		o.want(t, "", context.Canceled)
		if o.sent {
			t.Error("the item was sent")
		}
		b.connected <- struct{}{}
		b.finish <- nil
		(<-staying).want(t, "2", nil)
		if items := <-b.began; len(items) != 1 {
			t.Errorf("the items were %v", items)
		}
	})
	inBubble(t, "afterwards_leaves_the_work_to_the_others", func(t *testing.T, b *bench) {
		b.occupy(t)
		ctx, giveUp := context.WithCancel(t.Context())
		leaving, staying := b.call(ctx, 1), b.call(t.Context(), 2)
		b.connected <- struct{}{}
		<-b.began
		giveUp()
		o := <-leaving
		o.want(t, "", context.Canceled)
		if !o.sent {
			t.Error("the item was not sent")
		}
		b.finish <- nil
		(<-staying).want(t, "2", nil)
	})
	inBubble(t, "of_all_calls_leaves_a_batch_that_nobody_joins", func(t *testing.T, b *bench) {
		b.occupy(t)
		ctx, giveUp := context.WithCancel(t.Context())
		leaving := b.call(ctx, 1)
		giveUp()
		(<-leaving).want(t, "", context.Canceled)
		told := b.call(t.Context(), 2)
		b.connected <- struct{}{}
		b.finish <- nil
		(<-told).want(t, "2", nil)
	})
	inBubble(t, "passes_no_value_of_a_call_on", func(t *testing.T, b *bench) {
		type name struct{}
		b.occupy(t)
		told := b.call(context.WithValue(t.Context(), name{}, "tenant"), 1)
		b.connected <- struct{}{}
		b.finish <- nil
		<-told
		if v := (<-b.ended).Value(name{}); v != nil {
			t.Errorf("the work was told %v", v)
		}
	})
}
