package pgdb

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// connection is told apart by its address, as those of drivers are.
type connection struct{ _ int }

func TestLockConnection(t *testing.T) {
	t.Run("calls_on_one_connection_take_turns", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := &connection{}
			inside, calls := 0, 0
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					unlock, err := LockConnection(t.Context(), c)
					if err != nil {
						t.Error(err)
						return
					}
					defer unlock()
					calls++
					inside++
					if inside != 1 {
						t.Errorf("%d calls use the connection", inside)
					}
					time.Sleep(time.Second)
					inside--
				})
			}
			wg.Wait()
			if calls != 20 {
				t.Errorf("%d calls came through, want 20", calls)
			}
		})
	})
	t.Run("other_connections_are_free", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			defer mustLock(t, &connection{})()
			mustLock(t, &connection{})()
		})
	})
	t.Run("a_wait_ends_with_its_context", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := &connection{}
			unlock := mustLock(t, c)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := LockConnection(ctx, c); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the context's error", err)
			}
			unlock()
			mustLock(t, c)()
		})
	})
	t.Run("a_context_that_has_ended_gets_nothing", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := LockConnection(ctx, &connection{}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
	})
	t.Run("nothing_is_kept_of_a_connection_that_nobody_uses", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := &connection{}
			unlock := mustLock(t, c)
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			wg.Go(func() { _, _ = LockConnection(ctx, c) })
			synctest.Wait()
			if n := users(c); n != 2 {
				t.Errorf("%d use or wait for the connection, want 2", n)
			}
			cancel()
			wg.Wait()
			unlock()
			if n := users(c); n != 0 {
				t.Errorf("%d are still said to use the connection", n)
			}
		})
	})
}

func mustLock(t *testing.T, c *connection) (unlock func()) {
	t.Helper()
	unlock, err := LockConnection(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return unlock
}

// users is zero when there is no entry.
func users(c *connection) int {
	connectionLocks.Lock()
	defer connectionLocks.Unlock()
	if l := connectionLocks.of[c]; l != nil {
		return l.users
	}
	return 0
}
