package assignment_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/assignment-go/assignment"
)

// numberingStore is a store that makes the IDs itself, as a table with an identity
// column does.
type numberingStore struct {
	assignment.Store

	last *atomic.Int64
	got  *[]assignment.ID
}

func (numberingStore) MakesIDs() bool { return true }

func (s numberingStore) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	*s.got = append(*s.got, a.ID)
	a.ID = assignment.ID(strconv.FormatInt(s.last.Add(1), 10))
	return s.Store.Create(ctx, a)
}

func mustNumberingStore(t *testing.T) (numberingStore, *assignment.Service) {
	t.Helper()
	store := numberingStore{mustMemory(t), &atomic.Int64{}, &[]assignment.ID{}}
	service, err := assignment.NewService(store, &assignment.Options{NewID: func() assignment.ID {
		t.Error("the service made an ID for a store that makes them itself")
		return "made"
	}})
	if err != nil {
		t.Fatal(err)
	}
	return store, service
}

func TestIDMaker(t *testing.T) {
	ana := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}

	t.Run("the_store_gets_rows_without_an_id", func(t *testing.T) {
		store, service := mustNumberingStore(t)
		a, err := service.Create(t.Context(), assignment.CreateParams{Key: ana})
		if err != nil || a.ID != "1" || (*store.got)[0] != "" {
			t.Errorf("got %+v, %v, the store got the IDs %q", a, err, *store.got)
		}
	})
	t.Run("an_id_of_the_caller_is_unsupported", func(t *testing.T) {
		store, service := mustNumberingStore(t)
		_, err := service.Create(t.Context(), assignment.CreateParams{ID: "mine", Key: ana})
		unsupported, ok := errors.AsType[*assignment.UnsupportedError](err)
		if !ok || unsupported.Ability != "CreateParams.ID" || len(*store.got) != 0 {
			t.Errorf("got %v, the store got %d calls", err, len(*store.got))
		}
	})
	t.Run("with_store_asks_the_new_store", func(t *testing.T) {
		store, _ := mustNumberingStore(t)
		a, err := newService(t).WithStore(store).Create(t.Context(), assignment.CreateParams{Key: ana})
		if err != nil || a.ID != "1" {
			t.Errorf("got %+v, %v", a, err)
		}
		_, service := mustNumberingStore(t)
		if _, err := service.WithStore(mustMemory(t)).Create(t.Context(), assignment.CreateParams{ID: "mine", Key: ana}); err != nil {
			t.Errorf("a store that takes IDs was denied one: %v", err)
		}
	})
	t.Run("an_error_reads_well_without_an_id", func(t *testing.T) {
		_, service := mustNumberingStore(t)
		mustCreate(t, service, ana)
		_, err := service.Create(t.Context(), assignment.CreateParams{Key: ana})
		if err == nil || !strings.HasPrefix(err.Error(), "create assignment: active assignment already exists") {
			t.Errorf("got %v", err)
		}
		unknown := &assignment.UnknownOutcomeError{Err: errors.New("connection reset")}
		if got, want := unknown.Error(), "outcome unknown: connection reset"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("items_of_a_batch_bear_the_ids_that_were_made", func(t *testing.T) {
		_, service := mustNumberingStore(t)
		results, err := service.CreateMany(t.Context(), []assignment.CreateParams{{Key: ana}, {Key: ana}}, nil)
		if err != nil || results[0].ID != "1" || results[1].ID != "" || !errors.Is(results[1].Err, assignment.ErrActiveExists) {
			t.Errorf("got %+v, %v", results, err)
		}
	})
	t.Run("a_key_twice_in_all_or_nothing_is_invalid", func(t *testing.T) {
		_, service := mustNumberingStore(t)
		_, err := service.CreateMany(t.Context(), []assignment.CreateParams{{Key: ana}, {Key: ana}},
			&assignment.BatchOptions{AllOrNothing: true})
		if !errors.Is(err, assignment.ErrInvalid) {
			t.Errorf("got %v, want ErrInvalid", err)
		}
	})
}
