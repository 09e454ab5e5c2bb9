package postgres_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
)

// TestOptimisticCreates covers the statement that a store sends when slots were
// free lately: it has no lookup of the holder, so that a conflict takes a second one.
func TestOptimisticCreates(t *testing.T) {
	pool, counter := tracedPool(t)
	service, other := mustService(t, mustStore(t, pool)), mustService(t, mustStore(t, pool))
	// seeFree lets the store see many free slots.
	seeFree := func(t *testing.T, name string) {
		t.Helper()
		for i := range 64 {
			if _, err := service.Create(t.Context(), paramsFor(name+strconv.Itoa(i))); err != nil {
				t.Fatal(err)
			}
		}
	}
	// rejected creates a slot that the other store has taken meanwhile.
	rejected := func(t *testing.T, who string) (trips int64) {
		t.Helper()
		held, err := other.Create(t.Context(), paramsFor(who))
		if err != nil {
			t.Fatal(err)
		}
		trips = counter.during(func() { _, err = service.Create(t.Context(), paramsFor(who)) })
		conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
		if !ok || conflict.Existing.ID != held.ID {
			t.Errorf("got %v, want a conflict with %s", err, held.ID)
		}
		return trips
	}
	wantTrips := func(t *testing.T, got, want int64) {
		t.Helper()
		if got != want {
			t.Errorf("%d round trips, want %d", got, want)
		}
	}

	t.Run("a_conflict_after_many_free_slots_takes_two", func(t *testing.T) {
		seeFree(t, "before")
		wantTrips(t, rejected(t, "surprise"), 2)
	})
	t.Run("those_that_follow_take_one", func(t *testing.T) {
		for i := range 3 {
			wantTrips(t, rejected(t, "expected"+strconv.Itoa(i)), 1)
		}
	})
	t.Run("what_is_created_is_returned_as_it_is_stored", func(t *testing.T) {
		seeFree(t, "again")
		p := paramsFor("whole")
		p.AssignedBy, p.AccountID, p.Metadata = "admin", "account", map[string]any{"n": 1.5}
		var created assignment.Assignment
		var err error
		wantTrips(t, counter.during(func() { created, err = service.Create(t.Context(), p) }), 1)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := other.Get(t.Context(), created.ID)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, created, stored)
	})
	t.Run("a_holder_that_leaves_in_between_leaves_the_slot_to_the_call", func(t *testing.T) {
		seeFree(t, "once more")
		held, err := other.Create(t.Context(), paramsFor("leaving"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Cancel(t.Context(), held.ID); err != nil {
			t.Fatal(err)
		}
		wantTrips(t, counter.during(func() { _, err = service.Create(t.Context(), paramsFor("leaving")) }), 1)
		wantError(t, err, nil)
	})
}

// TestRepeatedIDs covers a host whose NewID breaks its promise never to repeat an
// ID: nothing is created twice, whatever hints the store has.
func TestRepeatedIDs(t *testing.T) {
	pool := mustPoolOn(t, testdb.Schema(t))
	if err := postgres.Migrate(t.Context(), pool, nil); err != nil {
		t.Fatal(err)
	}
	store := mustStore(t, pool)
	service, err := assignment.NewService(store, &assignment.Options{NewID: func() assignment.ID { return "always" }})
	if err != nil {
		t.Fatal(err)
	}
	first, err := service.Ensure(t.Context(), paramsFor("ana"))
	if err != nil || first.Outcome != assignment.OutcomeCreated {
		t.Fatalf("got %v, %v", first.Outcome, err)
	}
	// a row under an ID that Service made is taken for this call's own
	wantOwn := func(t *testing.T) {
		t.Helper()
		got, err := service.Ensure(t.Context(), paramsFor("ana"))
		if err != nil || got.Outcome != assignment.OutcomeCreated || got.Assignment.CreatedAt != first.Assignment.CreatedAt {
			t.Errorf("got %v, %v", got, err)
		}
	}

	t.Run("the_slot_was_taken_lately", wantOwn)
	t.Run("another_key", func(t *testing.T) {
		_, err := service.Create(t.Context(), paramsFor("ben"))
		wantError(t, err, assignment.ErrIDReused)
	})
	t.Run("another_key_and_no_lookup", func(t *testing.T) {
		store.BeOptimistic()
		_, err := service.Create(t.Context(), paramsFor("cho"))
		wantError(t, err, assignment.ErrIDReused)
	})
	t.Run("completed_and_no_lookup", func(t *testing.T) {
		if _, err := service.Complete(t.Context(), "always"); err != nil {
			t.Fatal(err)
		}
		store.BeOptimistic()
		wantOwn(t)
	})
}
