package assignment_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// retryingStore loses the reply to the first attempt of each write and sends it
// again, as a store does behind a bad network.
type retryingStore struct{ *memory.Store }

func (s retryingStore) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	if _, err := s.Store.Create(ctx, a); err != nil {
		return assignment.Result{}, err
	}
	return s.Store.Create(ctx, a)
}

func (s retryingStore) Replace(ctx context.Context, a assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	if _, err := s.Store.Replace(ctx, a, to); err != nil {
		return assignment.Result{}, err
	}
	return s.Store.Replace(ctx, a, to)
}

func (s retryingStore) CreateMany(
	ctx context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	if _, err := s.Store.CreateMany(ctx, batch, opts); err != nil {
		return nil, err
	}
	return s.Store.CreateMany(ctx, batch, opts)
}

// TestOwnRowIsCreated is about the calls that make the ID themselves: a
// caller that sends a mail when something was created must not miss it.
func TestOwnRowIsCreated(t *testing.T) {
	call := map[string]func(*assignment.Service, assignment.CreateParams) ([]assignment.Outcome, error){
		"ensure": func(s *assignment.Service, p assignment.CreateParams) ([]assignment.Outcome, error) {
			result, err := s.Ensure(t.Context(), p)
			return []assignment.Outcome{result.Outcome}, err
		},
		"replace": func(s *assignment.Service, p assignment.CreateParams) ([]assignment.Outcome, error) {
			result, err := s.Replace(t.Context(), p, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
			return []assignment.Outcome{result.Outcome}, err
		},
		"batch":          createMany(t, nil),
		"all_or_nothing": createMany(t, &assignment.BatchOptions{AllOrNothing: true}),
	}
	call["batch_one_by_one"] = func(s *assignment.Service, p assignment.CreateParams) ([]assignment.Outcome, error) {
		return call["batch"](s.WithStore(storeOnly{retryingStore{mustMemory(t)}}), p)
	}
	for name, create := range call {
		for id, want := range map[assignment.ID]assignment.Outcome{"": assignment.OutcomeCreated, "mine": assignment.OutcomeReplayed} {
			t.Run(name+"/"+want.String(), func(t *testing.T) {
				service, err := assignment.NewService(retryingStore{mustMemory(t)}, nil)
				if err != nil {
					t.Fatal(err)
				}
				got, err := create(service, assignment.CreateParams{ID: id, Key: keyOf("intake")})
				if err != nil || slices.ContainsFunc(got, func(o assignment.Outcome) bool { return o != want }) {
					t.Errorf("got %v, %v, want %v", got, err, want)
				}
			})
		}
	}
}

// createMany puts an invalid item before the others of a batch that goes on.
func createMany(
	t *testing.T, opts *assignment.BatchOptions,
) func(*assignment.Service, assignment.CreateParams) ([]assignment.Outcome, error) {
	t.Helper()
	return func(s *assignment.Service, p assignment.CreateParams) ([]assignment.Outcome, error) {
		batch := []assignment.CreateParams{p}
		if opts == nil {
			batch = []assignment.CreateParams{{ID: "invalid"}, p}
		}
		results, err := s.CreateMany(t.Context(), batch, opts)
		if err != nil {
			return nil, err
		}
		return []assignment.Outcome{results[len(results)-1].Outcome}, nil
	}
}

// recordingStore calls the host before each create, with the context of the call.
type recordingStore struct {
	assignment.Store

	creates, news []assignment.ID
	before        func(ctx context.Context)
}

func (s *recordingStore) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	s.creates = append(s.creates, a.ID)
	if before := s.before; before != nil {
		s.before = nil
		before(ctx)
	}
	return s.Store.Create(ctx, a)
}

// CreateNew implements assignment.NewIDCreator.
func (s *recordingStore) CreateNew(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	s.news = append(s.news, a.ID)
	if before := s.before; before != nil {
		s.before = nil
		before(ctx)
	}
	return s.Store.Create(ctx, a)
}

func TestNewIDCreator(t *testing.T) {
	t.Run("only_an_id_of_the_service_is_new", func(t *testing.T) {
		store := &recordingStore{Store: mustMemory(t)}
		service, err := assignment.NewService(store, nil)
		if err != nil {
			t.Fatal(err)
		}
		made := mustCreate(t, service, keyOf("made"))
		if _, err := service.Create(t.Context(), assignment.CreateParams{ID: "mine", Key: keyOf("chosen")}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(store.news, []assignment.ID{made.ID}) || !slices.Equal(store.creates, []assignment.ID{"mine"}) {
			t.Errorf("as new went %q, as others %q", store.news, store.creates)
		}
	})
	t.Run("a_call_within_a_call_is_not_affected", func(t *testing.T) {
		inner := &recordingStore{Store: mustMemory(t)}
		nested, err := assignment.NewService(inner, nil)
		if err != nil {
			t.Fatal(err)
		}
		mine := assignment.CreateParams{ID: "mine", Key: keyOf("nested")}
		store := &recordingStore{Store: mustMemory(t), before: func(ctx context.Context) {
			if _, err := nested.Create(ctx, mine); err != nil {
				t.Error(err)
			}
		}}
		service, err := assignment.NewService(store, nil)
		if err != nil {
			t.Fatal(err)
		}
		mustCreate(t, service, keyOf("outer"))
		if len(inner.news) != 0 || !slices.Equal(inner.creates, []assignment.ID{"mine"}) {
			t.Errorf("of the nested call went as new %q, as others %q", inner.news, inner.creates)
		}
	})
	t.Run("a_store_that_makes_the_ids_gets_no_new_ones", func(t *testing.T) {
		store, service := mustNumberingStore(t)
		service = service.WithStore(struct {
			numberingStore
			assignment.NewIDCreator
		}{store, &recordingStore{Store: store, before: func(context.Context) { t.Error("CreateNew was called") }}})
		mustCreate(t, service, keyOf("intake"))
	})
	t.Run("a_conflict_stays_one", func(t *testing.T) {
		service, err := assignment.NewService(&recordingStore{Store: mustMemory(t)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		mustCreate(t, service, keyOf("intake"))
		_, err = service.Create(t.Context(), assignment.CreateParams{Key: keyOf("intake")})
		if !errors.Is(err, assignment.ErrActiveExists) {
			t.Errorf("got %v, want ErrActiveExists", err)
		}
	})
}
