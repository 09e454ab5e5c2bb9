package postgres_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

// TestHints covers what a store has seen of slots: wrong hints cost a
// statement and never change a result.
func TestHints(t *testing.T) {
	pool, counter := tracedPool(t)
	service, other := mustService(t, mustStore(t, pool)), mustService(t, mustStore(t, pool))
	create := func(s *assignment.Service, who string) (held assignment.Assignment, trips int64, err error) {
		trips = counter.during(func() { held, err = s.Create(t.Context(), paramsFor(who)) })
		return held, trips, err
	}
	want := func(t *testing.T, trips int64, err error, wantTrips int64, wantErr error) {
		t.Helper()
		if !errors.Is(err, wantErr) || trips != wantTrips {
			t.Errorf("%d statements, %v; want %d, %v", trips, err, wantTrips, wantErr)
		}
	}

	t.Run("a_conflict_that_was_not_expected_takes_one", func(t *testing.T) {
		_, trips, err := create(other, "unexpected")
		want(t, trips, err, 1, nil)
		_, trips, err = create(service, "unexpected")
		want(t, trips, err, 1, assignment.ErrActiveExists)
	})
	t.Run("an_expected_conflict_takes_one_and_has_the_holder_as_it_is_now", func(t *testing.T) {
		held, _, err := create(service, "expected")
		want(t, 1, err, 1, nil)
		if _, err := other.Start(t.Context(), held.ID); err != nil {
			t.Fatal(err)
		}
		_, trips, err := create(service, "expected")
		want(t, trips, err, 1, assignment.ErrActiveExists)
		conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
		if !ok || conflict.Existing.ID != held.ID || conflict.Existing.Status != assignment.StatusInProgress {
			t.Errorf("got %+v", conflict)
		}
	})
	t.Run("a_slot_that_others_freed_is_taken_by_a_second_statement", func(t *testing.T) {
		held, _, err := create(service, "freed by others")
		want(t, 1, err, 1, nil)
		if _, err := other.Cancel(t.Context(), held.ID); err != nil {
			t.Fatal(err)
		}
		_, trips, err := create(service, "freed by others")
		want(t, trips, err, 2, nil)
	})
	t.Run("a_slot_that_the_store_freed_is_taken_at_once", func(t *testing.T) {
		held, _, err := create(service, "freed here")
		want(t, 1, err, 1, nil)
		if _, err := service.Cancel(t.Context(), held.ID); err != nil {
			t.Fatal(err)
		}
		_, trips, err := create(service, "freed here")
		want(t, trips, err, 1, nil)
	})
	t.Run("a_burst_sends_no_more_than_one_statement_a_call", func(t *testing.T) {
		const calls = 10
		var wg sync.WaitGroup
		errs := make([]error, calls)
		trips := counter.during(func() {
			for i := range calls {
				wg.Go(func() { _, errs[i] = service.Create(t.Context(), paramsFor("burst")) })
			}
			wg.Wait()
		})
		created := 0
		for _, err := range errs {
			if err == nil {
				created++
			} else if !errors.Is(err, assignment.ErrActiveExists) {
				t.Error(err)
			}
		}
		// a machine that stands still for longer than calls wait for each other costs
		// some more
		if created != 1 || trips < calls || trips > 2*calls {
			t.Errorf("%d created, %d statements by %d calls", created, trips, calls)
		}
	})
	t.Run("a_call_that_hangs_holds_others_up_only_briefly", func(t *testing.T) {
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(t.Context())
		joined := mustService(t, mustStore(t, pool).WithTx(tx))
		if _, err := joined.Create(t.Context(), paramsFor("hanging")); err != nil {
			t.Fatal(err)
		}
		results := make(chan error, 2)
		for range cap(results) {
			go func() {
				_, err := service.Create(t.Context(), paramsFor("hanging"))
				results <- err
			}()
		}
		waitFor(t, "both wait on the server", func() bool {
			var n int
			err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
				WHERE wait_event_type = 'Lock' AND query LIKE '%created AS%' AND pid = ANY
				(SELECT pid FROM pg_locks WHERE relation = 'assignments'::regclass)`).Scan(&n)
			return err == nil && n == cap(results)
		})
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range cap(results) {
			if err := <-results; !errors.Is(err, assignment.ErrActiveExists) {
				t.Errorf("got %v", err)
			}
		}
	})
}

// waitFor polls until the condition holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 12_000 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it never came to this: %s", what)
}
