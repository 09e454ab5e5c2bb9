package fresh_test

import (
	"context"
	"testing"

	"github.com/assignment-go/assignment/internal/fresh"
)

func TestTake(t *testing.T) {
	t.Run("a_plain_context_is_not_fresh", func(t *testing.T) {
		if _, ok := fresh.Take(t.Context()); ok {
			t.Error("fresh")
		}
	})
	t.Run("a_mark_is_good_for_one_attempt_also_below_other_contexts", func(t *testing.T) {
		ctx, cancel := context.WithCancel(fresh.Mark(t.Context()))
		defer cancel()
		_, first := fresh.Take(ctx)
		_, second := fresh.Take(ctx)
		if !first || second {
			t.Errorf("got %v and %v, want true, then false", first, second)
		}
	})
	t.Run("values_and_cancellation_pass_through", func(t *testing.T) {
		type name struct{}
		parent, cancel := context.WithCancel(context.WithValue(t.Context(), name{}, 7))
		ctx := fresh.Mark(parent)
		cancel()
		if ctx.Value(name{}) != 7 || ctx.Err() == nil {
			t.Errorf("got %v, %v", ctx.Value(name{}), ctx.Err())
		}
	})
}
