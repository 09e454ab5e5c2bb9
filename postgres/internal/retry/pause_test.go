package retry_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/retry"
)

func TestPause(t *testing.T) {
	t.Run("is_at_least_half_of_a_limit_that_doubles_up_to_a_second", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			limit := 5 * time.Millisecond
			for attempt := 1; attempt <= 40; attempt++ {
				start := time.Now()
				if err := retry.Pause(t.Context(), attempt); err != nil {
					t.Fatal(err)
				}
				if got := time.Since(start); got < limit/2 || got >= limit {
					t.Errorf("attempt %d: %v, want less than %v and at least half of it", attempt, got, limit)
				}
				limit = min(2*limit, time.Second)
			}
		})
	})
	t.Run("grows_with_every_fault_of_a_call", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := retry.Attempts{Pooled: true}
			for _, f := range []pgdb.Fault{pgdb.FaultSerialization, pgdb.FaultNotSent, pgdb.FaultLost} {
				a, _ = a.Next(f)
			}
			start := time.Now()
			if err := a.Pause(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := time.Since(start); got < 10*time.Millisecond {
				t.Errorf("%v, want the pause before a third attempt", got)
			}
		})
	})
	t.Run("ends_with_the_context", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			if err := retry.Pause(ctx, 40); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
	})
}
