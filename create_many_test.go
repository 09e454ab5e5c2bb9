package assignment_test

import (
	"context"
	"errors"
	"testing"

	"github.com/assignment-go/assignment"
)

func keyOf(assignee string) assignment.Key {
	return assignment.Key{AssigneeID: assignee, SubjectID: "s"}
}

// forEveryStore runs on a store that takes batches and on one that does not.
func forEveryStore(t *testing.T, test func(t *testing.T, service *assignment.Service)) {
	t.Helper()
	t.Run("store_with_batches", func(t *testing.T) { test(t, newService(t)) })
	t.Run("store_without_batches", func(t *testing.T) { test(t, serviceOn(t, storeOnly{mustMemory(t)})) })
}

func TestCreateMany(t *testing.T) {
	forEveryStore(t, func(t *testing.T, service *assignment.Service) {
		held := mustCreate(t, service, keyOf("held"))
		results, err := service.CreateMany(t.Context(), []assignment.CreateParams{
			{Key: keyOf("new")}, {ID: "x", Key: keyOf("")}, {Key: keyOf("held")}, {ID: "second", Key: keyOf("new")},
			{ID: held.ID, Key: keyOf("other")},
		}, nil)
		if err != nil || len(results) != 5 {
			t.Fatalf("got %d results and %v, want 5", len(results), err)
		}
		t.Run("makes_an_id_for_an_item_without", func(t *testing.T) {
			r := results[0]
			if r.Err != nil || r.Outcome != assignment.OutcomeCreated || len(r.ID) != 36 || r.Assignment.ID != r.ID {
				t.Errorf("got %+v", r)
			}
		})
		t.Run("invalid_item_names_its_field_and_has_its_id", func(t *testing.T) {
			wantInvalid(t, results[1].Err, "Key.AssigneeID")
			if results[1].ID != "x" {
				t.Errorf("the ID is %q", results[1].ID)
			}
		})
		t.Run("conflict_carries_the_holder", func(t *testing.T) {
			wantHolder(t, results[2].Err, held.ID)
			if results[2].ID == "" {
				t.Error("the item that failed has no ID to repeat it with")
			}
		})
		t.Run("duplicate_conflicts_with_the_first_of_the_batch", func(t *testing.T) {
			wantHolder(t, results[3].Err, results[0].ID)
		})
		t.Run("used_id_is_rejected", func(t *testing.T) {
			if !errors.Is(results[4].Err, assignment.ErrIDReused) {
				t.Errorf("got %v", results[4].Err)
			}
		})
	})
}

func TestCreateManyIDs(t *testing.T) {
	forEveryStore(t, func(t *testing.T, service *assignment.Service) { checkIDs(t, service, nil) })
	t.Run("all_or_nothing", func(t *testing.T) {
		checkIDs(t, newService(t), &assignment.BatchOptions{AllOrNothing: true})
	})
}

func checkIDs(t *testing.T, service *assignment.Service, opts *assignment.BatchOptions) {
	t.Helper()
	batch := []assignment.CreateParams{
		{Key: assignment.Key{AssigneeID: "ben", SubjectID: "2"}},
		{Key: assignment.Key{AssigneeID: "ana", SubjectID: "2"}},
		{ID: "mine", Key: assignment.Key{AssigneeID: "ada", SubjectID: "1"}},
		{Key: assignment.Key{AssigneeID: "ben", SubjectID: "1"}},
		{Key: assignment.Key{AssigneeID: "ana", SubjectID: "1"}},
	}
	results, err := service.CreateMany(t.Context(), batch, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("grow_with_the_assignee_and_then_with_the_position", func(t *testing.T) {
		for _, pair := range [][2]int{{1, 4}, {4, 0}, {0, 3}} {
			if a, b := results[pair[0]].ID, results[pair[1]].ID; a >= b {
				t.Errorf("item %d has %s, item %d has %s", pair[0], a, pair[1], b)
			}
		}
	})
	t.Run("of_the_caller_are_left_alone", func(t *testing.T) {
		if id := results[2].ID; id != "mine" {
			t.Errorf("got %s", id)
		}
	})
	t.Run("belong_to_the_rows_of_their_items", func(t *testing.T) {
		for i, r := range results {
			if r.Assignment.ID != r.ID || r.Assignment.Key != batch[i].Key {
				t.Errorf("item %d: %s for %+v", i, r.ID, r.Assignment)
			}
		}
	})
}

func wantHolder(t *testing.T, err error, id assignment.ID) {
	t.Helper()
	conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
	if !ok || conflict.Existing.ID != id {
		t.Errorf("got %v, want a conflict with %s", err, id)
	}
}

func TestCreateManyAgain(t *testing.T) {
	forEveryStore(t, func(t *testing.T, service *assignment.Service) {
		batch := []assignment.CreateParams{{Key: keyOf("a")}, {Key: keyOf("b")}}
		first, err := service.CreateMany(t.Context(), batch, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range first {
			batch[i].ID = r.ID
		}
		again, err := service.CreateMany(t.Context(), batch, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range again {
			if r.Outcome != assignment.OutcomeReplayed || r.Assignment.ID != first[i].ID {
				t.Errorf("item %d with the ID of its result: got %+v, want it replayed", i, r)
			}
		}
	})
}

func TestCreateManyOfNothing(t *testing.T) {
	forEveryStore(t, func(t *testing.T, service *assignment.Service) {
		results, err := service.CreateMany(t.Context(), nil, nil)
		if results == nil || len(results) != 0 || err != nil {
			t.Errorf("got %v and %v, want no results and no error", results, err)
		}
	})
	t.Run("all_or_nothing", func(t *testing.T) {
		results, err := newService(t).CreateMany(t.Context(), nil, allOrNothing)
		if results == nil || len(results) != 0 || err != nil {
			t.Errorf("got %v and %v, want no results and no error", results, err)
		}
	})
}

var allOrNothing = &assignment.BatchOptions{AllOrNothing: true}

func TestCreateManyWithEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, opts := range []*assignment.BatchOptions{nil, allOrNothing} {
		forEveryStore(t, func(t *testing.T, service *assignment.Service) {
			if opts != nil {
				service = newService(t)
			}
			results, err := service.CreateMany(ctx, []assignment.CreateParams{{Key: keyOf("a")}}, opts)
			if results != nil || !errors.Is(err, context.Canceled) || errors.Is(err, assignment.ErrUnknownOutcome) {
				t.Errorf("got %v and %v, want the context's error alone", results, err)
			}
		})
	}
}

func TestCreateManyAllOrNothing(t *testing.T) {
	t.Run("creates_all", func(t *testing.T) {
		results, err := newService(t).CreateMany(t.Context(), abc(), allOrNothing)
		if err != nil {
			t.Fatal(err)
		}
		wantOutcomes(t, results, nil, nil, nil)
	})
	t.Run("conflict_leaves_nothing_and_carries_the_holder", func(t *testing.T) {
		service := newService(t)
		held := mustCreate(t, service, keyOf("c"))
		results, err := service.CreateMany(t.Context(), abc(), allOrNothing)
		wantBatchError(t, err, 2, assignment.ErrActiveExists)
		wantHolder(t, err, held.ID)
		wantStored(t, service, results, 1)
	})
	t.Run("invalid_item_leaves_nothing", func(t *testing.T) {
		service := newService(t)
		batch := append(abc(), assignment.CreateParams{Key: keyOf("d"), AccountID: "\x00"})
		results, err := service.CreateMany(t.Context(), batch, allOrNothing)
		wantBatchError(t, err, 3, assignment.ErrInvalid)
		wantInvalid(t, err, "AccountID")
		wantStored(t, service, results, 0)
	})
	t.Run("two_items_on_one_key_are_invalid", func(t *testing.T) {
		service := newService(t)
		results, err := service.CreateMany(t.Context(), []assignment.CreateParams{{Key: keyOf("a")}, {Key: keyOf("b")}, {Key: keyOf("a")}}, allOrNothing)
		wantBatchError(t, err, 2, assignment.ErrInvalid)
		wantInvalid(t, err, "Key")
		wantStored(t, service, results, 0)
	})
	t.Run("the_same_item_twice_is_replayed", func(t *testing.T) {
		results, err := newService(t).CreateMany(t.Context(), append(abc(), abc()[0]), allOrNothing)
		if err != nil || results[3].Outcome != assignment.OutcomeReplayed || results[3].ID != "a" {
			t.Errorf("got %v and %v", results, err)
		}
	})
	t.Run("failure_of_the_store_is_no_item_s_fault", func(t *testing.T) {
		results, err := returning(t, nil, assignment.ErrContended).CreateMany(t.Context(), abc(), allOrNothing)
		_, blames := errors.AsType[*assignment.BatchError](err)
		if results != nil || blames || !errors.Is(err, assignment.ErrContended) {
			t.Errorf("got %v and %v, want ErrContended alone", results, err)
		}
	})
}

func wantStored(t *testing.T, service *assignment.Service, results []assignment.ItemResult, want int64) {
	t.Helper()
	n, err := service.Count(t.Context(), assignment.Query{})
	if err != nil || n != want || results != nil {
		t.Errorf("there are %d rows (%v) and %d results, want %d rows and no results", n, err, len(results), want)
	}
}
