package coalesce_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/assignment-go/assignment/postgres/internal/coalesce"
)

const maxAge = 50 * time.Millisecond

func TestSingleFlight(t *testing.T) {
	run := func(name string, check func(t *testing.T, f *coalesce.SingleFlight[string])) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { check(t, coalesce.NewSingleFlight[string](maxAge)) })
		})
	}
	mustLead := func(t *testing.T, f *coalesce.SingleFlight[string], hash uint64, key string) *coalesce.Leader[string] {
		t.Helper()
		leader, err := f.Enter(t.Context(), hash, key)
		if err != nil || leader == nil {
			t.Fatalf("got %v, %v", leader, err)
		}
		return leader
	}
	mustWait := func(t *testing.T, f *coalesce.SingleFlight[string], hash uint64, key string, want time.Duration) {
		t.Helper()
		began := time.Now()
		leader, err := f.Enter(t.Context(), hash, key)
		if took := time.Since(began); err != nil || leader != nil || took != want {
			t.Errorf("got %v, %v after %v, want to wait for %v", leader, err, took, want)
		}
	}

	run("waiters_go_when_the_leader_is_done", func(t *testing.T, f *coalesce.SingleFlight[string]) {
		leader := mustLead(t, f, 1, "key")
		go func() {
			time.Sleep(time.Millisecond)
			leader.Done()
		}()
		mustWait(t, f, 1, "key", time.Millisecond)
		mustLead(t, f, 1, "key").Done()
	})
	run("a_leader_that_hangs_is_waited_for_once", func(t *testing.T, f *coalesce.SingleFlight[string]) {
		leader := mustLead(t, f, 1, "key")
		mustWait(t, f, 1, "key", maxAge)
		mustWait(t, f, 1, "key", 0)
		leader.Done()
	})
	run("keys_in_the_same_place_do_not_wait_for_each_other", func(t *testing.T, f *coalesce.SingleFlight[string]) {
		defer mustLead(t, f, 1, "key").Done()
		mustWait(t, f, 1, "other", 0)
		mustLead(t, f, 2, "other").Done()
	})
	run("a_waiter_that_gives_up_gets_the_error_of_the_context", func(t *testing.T, f *coalesce.SingleFlight[string]) {
		defer mustLead(t, f, 1, "key").Done()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if leader, err := f.Enter(ctx, 1, "key"); leader != nil || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, %v", leader, err)
		}
	})
	t.Run("a_nil_leader_has_nothing_to_end", func(*testing.T) {
		var none *coalesce.Leader[string]
		none.Done()
	})
}
