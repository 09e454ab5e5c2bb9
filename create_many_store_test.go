package assignment_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/assignment-go/assignment"
)

// failingStore fails the creation of some items, one by one.
type failingStore struct {
	assignment.Store
	failures map[assignment.ID]error
	before   func(assignment.ID)
}

func (s failingStore) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	if s.before != nil {
		s.before(a.ID)
	}
	if err := s.failures[a.ID]; err != nil {
		return assignment.Result{}, err
	}
	return s.Store.Create(ctx, a)
}

func abc() []assignment.CreateParams {
	return []assignment.CreateParams{{ID: "a", Key: keyOf("a")}, {ID: "b", Key: keyOf("b")}, {ID: "c", Key: keyOf("c")}}
}

func TestCreateManyOneByOne(t *testing.T) {
	t.Run("failure_of_the_store_is_the_call_s_error_and_the_results_are_complete", func(t *testing.T) {
		service := serviceOn(t, failingStore{Store: mustMemory(t), failures: map[assignment.ID]error{"b": assignment.ErrContended}})
		results, err := service.CreateMany(t.Context(), abc(), nil)
		wantBatchError(t, err, 1, assignment.ErrContended)
		wantOutcomes(t, results, nil, assignment.ErrContended, nil)
	})
	t.Run("unknown_outcome_takes_precedence", func(t *testing.T) {
		service := serviceOn(t, failingStore{Store: mustMemory(t), failures: map[assignment.ID]error{
			"a": assignment.ErrUnavailable, "c": &assignment.UnknownOutcomeError{ID: "c", Err: errors.New("reset")},
		}})
		results, err := service.CreateMany(t.Context(), abc(), nil)
		wantBatchError(t, err, 2, assignment.ErrUnknownOutcome)
		wantOutcomes(t, results, assignment.ErrUnavailable, nil, assignment.ErrUnknownOutcome)
	})
	t.Run("items_behind_the_end_of_the_context_are_not_sent", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		service := serviceOn(t, failingStore{Store: mustMemory(t), before: func(id assignment.ID) {
			if id == "b" {
				cancel()
			}
			if id == "c" {
				t.Error("c was sent")
			}
		}})
		results, err := service.CreateMany(ctx, abc(), nil)
		wantBatchError(t, err, 1, context.Canceled)
		wantOutcomes(t, results, nil, context.Canceled, context.Canceled)
	})
	t.Run("attribute_that_the_store_lacks_is_about_the_item", func(t *testing.T) {
		lacks := &assignment.UnsupportedError{Ability: "Metadata", Reason: "there is no column"}
		service := serviceOn(t, failingStore{Store: mustMemory(t), failures: map[assignment.ID]error{"b": lacks}})
		results, err := service.CreateMany(t.Context(), abc(), nil)
		if err != nil {
			t.Errorf("got %v, want no error of the call", err)
		}
		wantOutcomes(t, results, nil, assignment.ErrUnsupported, nil)
	})
	t.Run("all_or_nothing_is_unsupported_and_writes_nothing", func(t *testing.T) {
		service := serviceOn(t, unreachableStore{mustMemory(t), t})
		results, err := service.CreateMany(t.Context(), abc(), allOrNothing)
		unsupported, ok := errors.AsType[*assignment.UnsupportedError](err)
		if results != nil || !ok || unsupported.Ability != "CreateMany" {
			t.Errorf("got %v and %v, want an UnsupportedError about CreateMany", results, err)
		}
	})
}

func wantBatchError(t *testing.T, err error, index int, target error) {
	t.Helper()
	batch, ok := errors.AsType[*assignment.BatchError](err)
	if !ok || batch.Index != index || !errors.Is(err, target) {
		t.Errorf("got %v, want a BatchError about item %d that is %v", err, index, target)
	}
}

func wantOutcomes(t *testing.T, results []assignment.ItemResult, want ...error) {
	t.Helper()
	if len(results) != len(want) {
		t.Fatalf("got %d results, want %d", len(results), len(want))
	}
	for i, r := range results {
		if want[i] == nil && (r.Err != nil || r.Outcome != assignment.OutcomeCreated) {
			t.Errorf("item %d: got %+v, want it created", i, r)
		}
		if want[i] != nil && (!errors.Is(r.Err, want[i]) || r.Outcome != 0 || r.Assignment.ID != "") {
			t.Errorf("item %d: got %+v, want %v and nothing else", i, r, want[i])
		}
		if want := abc()[i].ID; r.ID != want {
			t.Errorf("item %d: the ID is %q, want %q", i, r.ID, want)
		}
	}
}

// batchStore returns what the test says.
type batchStore struct {
	assignment.Store
	reply func(batch []assignment.Assignment, opts assignment.BatchOptions) ([]assignment.ItemResult, error)
}

func (s batchStore) CreateMany(
	_ context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	return s.reply(batch, opts)
}

func returning(t *testing.T, results []assignment.ItemResult, err error) *assignment.Service {
	t.Helper()
	return serviceOn(t, batchStore{mustMemory(t), func([]assignment.Assignment, assignment.BatchOptions) ([]assignment.ItemResult, error) {
		return results, err
	}})
}

func TestCreateManyOnAStoreWithBatches(t *testing.T) {
	t.Run("sends_the_valid_items_in_the_order_of_the_batch", func(t *testing.T) {
		service := serviceOn(t, batchStore{mustMemory(t), func(batch []assignment.Assignment, _ assignment.BatchOptions) ([]assignment.ItemResult, error) {
			results := make([]assignment.ItemResult, len(batch))
			for i, a := range batch {
				results[i] = assignment.ItemResult{Assignment: a, Outcome: assignment.OutcomeCreated}
			}
			if len(batch) != 2 || batch[0].ID != "c" || batch[1].ID != "a" || batch[0].CreatedAt != batch[1].CreatedAt {
				t.Errorf("the store got %v", batch)
			}
			return results, nil
		}})
		results, err := service.CreateMany(t.Context(), []assignment.CreateParams{{ID: "c", Key: keyOf("c")}, {}, {ID: "a", Key: keyOf("a")}}, nil)
		if err != nil || results[0].Assignment.ID != "c" || results[1].Err == nil || results[2].Assignment.ID != "a" {
			t.Errorf("got %v and %v", results, err)
		}
	})
	t.Run("failure_of_the_whole_call_is_that_of_each_item", func(t *testing.T) {
		results, err := returning(t, nil, assignment.ErrUnavailable).CreateMany(t.Context(), abc(), nil)
		wantBatchError(t, err, 0, assignment.ErrUnavailable)
		wantOutcomes(t, results, assignment.ErrUnavailable, assignment.ErrUnavailable, assignment.ErrUnavailable)
	})
	t.Run("too_few_results_are_unknown_outcomes", func(t *testing.T) {
		results, err := returning(t, make([]assignment.ItemResult, 2), nil).CreateMany(t.Context(), abc(), nil)
		wantBatchError(t, err, 0, assignment.ErrUnknownOutcome)
		wantOutcomes(t, results, assignment.ErrUnknownOutcome, assignment.ErrUnknownOutcome, assignment.ErrUnknownOutcome)
		wantUnknown(t, results)
	})
	t.Run("unknown_outcome_of_the_call_names_each_item_by_its_id", func(t *testing.T) {
		lost := &assignment.UnknownOutcomeError{ID: "a", Err: errors.New("connection reset")}
		for _, opts := range []*assignment.BatchOptions{nil, allOrNothing} {
			results, err := returning(t, nil, fmt.Errorf("lost: %w", lost)).CreateMany(t.Context(), abc(), opts)
			if !errors.Is(err, assignment.ErrUnknownOutcome) {
				t.Errorf("got %v, want an unknown outcome", err)
			}
			wantUnknown(t, results)
		}
	})
	t.Run("no_valid_item_calls_no_store", func(t *testing.T) {
		service := serviceOn(t, batchStore{mustMemory(t), func([]assignment.Assignment, assignment.BatchOptions) ([]assignment.ItemResult, error) {
			t.Error("the store was called")
			return nil, nil
		}})
		results, err := service.CreateMany(t.Context(), []assignment.CreateParams{{}}, nil)
		if err != nil || len(results) != 1 {
			t.Fatalf("got %v and %v", results, err)
		}
		wantInvalid(t, results[0].Err, "Key.AssigneeID")
	})
}

func wantUnknown(t *testing.T, results []assignment.ItemResult) {
	t.Helper()
	if len(results) != 3 {
		t.Fatalf("got %d results, want 3", len(results))
	}
	for i, r := range results {
		unknown, ok := errors.AsType[*assignment.UnknownOutcomeError](r.Err)
		if !ok || unknown.ID != abc()[i].ID || r.ID != unknown.ID {
			t.Errorf("item %d: got %+v, want an unknown outcome about %s", i, r, abc()[i].ID)
		}
	}
}
