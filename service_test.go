package assignment_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

func TestNewService(t *testing.T) {
	t.Run("nil_store", func(t *testing.T) {
		_, err := assignment.NewService(nil, nil)
		wantInvalid(t, err, "store")
	})
	t.Run("nil_pointer_as_store", func(t *testing.T) {
		var ignored *memory.Store
		_, err := assignment.NewService(ignored, nil)
		wantInvalid(t, err, "store")
	})
	t.Run("makes_version_7_ids_of_its_own", func(t *testing.T) {
		service := newService(t)
		first := mustCreate(t, service, assignment.Key{AssigneeID: "a", SubjectID: "s"})
		second := mustCreate(t, service, assignment.Key{AssigneeID: "b", SubjectID: "s"})
		for _, id := range []assignment.ID{first.ID, second.ID} {
			if len(id) != 36 || id[14] != '7' {
				t.Errorf("%q is not a UUID of version 7", id)
			}
		}
		if first.ID == second.ID {
			t.Error("the IDs repeat")
		}
	})
}

func TestOptions(t *testing.T) {
	now := time.Date(2026, 3, 1, 14, 30, 0, 123_456_789, time.FixedZone("east", 5*3600))
	service, err := assignment.NewService(mustMemory(t), &assignment.Options{
		Now:   func() time.Time { return now },
		NewID: func() assignment.ID { return "chosen" },
	})
	if err != nil {
		t.Fatal(err)
	}
	due := now.Add(time.Hour)
	a, err := service.Create(t.Context(), assignment.CreateParams{
		Key: assignment.Key{AssigneeID: "a", SubjectID: "s"}, DueAt: due,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("new_id_names_what_the_caller_did_not", func(t *testing.T) {
		if a.ID != "chosen" {
			t.Errorf("the ID is %q", a.ID)
		}
	})
	t.Run("times_are_utc_and_whole_microseconds", func(t *testing.T) {
		if want := time.Date(2026, 3, 1, 9, 30, 0, 123_456_000, time.UTC); a.CreatedAt != want || a.UpdatedAt != want {
			t.Errorf("created at %v and updated at %v, want %v", a.CreatedAt, a.UpdatedAt, want)
		}
		if want := time.Date(2026, 3, 1, 10, 30, 0, 123_456_000, time.UTC); a.DueAt != want {
			t.Errorf("due at %v, want %v", a.DueAt, want)
		}
	})
}

func TestWithStore(t *testing.T) {
	service := newService(t)
	key := assignment.Key{AssigneeID: "a", SubjectID: "s"}
	mustCreate(t, service, key)
	t.Run("works_on_the_other_store_only", func(t *testing.T) {
		other := service.WithStore(mustMemory(t))
		mustCreate(t, other, key)
		n, err := other.Count(t.Context(), assignment.Query{})
		if err != nil || n != 1 {
			t.Errorf("counted %d and %v, want 1", n, err)
		}
	})
	t.Run("enforces_the_policy_of_the_other_store", func(t *testing.T) {
		l := mustLifecycle(t, assignment.LifecycleConfig{Initial: "on", Terminal: []assignment.Status{"off"}})
		store := memory.New(&memory.Options{Policy: assignment.Policy{Lifecycle: l}})
		a := mustCreate(t, service.WithStore(store), key)
		if a.Status != "on" {
			t.Errorf("the status is %q, want that of the other lifecycle", a.Status)
		}
	})
	t.Run("panics_without_a_store", func(t *testing.T) {
		defer func() {
			err, _ := recover().(error)
			wantInvalid(t, err, "store")
		}()
		service.WithStore((*memory.Store)(nil))
	})
}

func TestNamedTransitions(t *testing.T) {
	t.Run("move_to_the_status_of_their_name", func(t *testing.T) {
		service := newService(t)
		a := mustCreate(t, service, assignment.Key{AssigneeID: "a", SubjectID: "s"})
		for _, step := range []struct {
			move func(context.Context, assignment.ID, ...assignment.Condition) (assignment.Assignment, error)
			to   assignment.Status
		}{
			{service.Start, "in_progress"}, {service.Complete, "completed"}, {service.Reopen, "pending"}, {service.Cancel, "cancelled"},
		} {
			a, err := step.move(t.Context(), a.ID)
			if err != nil || a.Status != step.to {
				t.Errorf("got %q and %v, want %q", a.Status, err, step.to)
			}
		}
	})
	t.Run("name_the_statuses_and_transition_where_the_lifecycle_has_no_such_status", func(t *testing.T) {
		l := assignment.CompletedOnlyLifecycle()
		store := memory.New(&memory.Options{Policy: assignment.Policy{Lifecycle: l}})
		service := serviceOn(t, store)
		a := mustCreate(t, service, assignment.Key{AssigneeID: "a", SubjectID: "s"})
		_, err := service.Cancel(t.Context(), a.ID)
		wantInvalid(t, err, "Status")
		const want = `"cancelled" is not a status of the lifecycle; move to one of ["completed" "in_progress" "pending"] with Transition`
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

func TestConditions(t *testing.T) {
	service := newService(t)
	a := mustCreate(t, service, assignment.Key{AssigneeID: "a", SubjectID: "s"})
	t.Run("that_contradict_each_other_are_invalid", func(t *testing.T) {
		_, err := service.Start(t.Context(), a.ID, assignment.IfVersion(1), assignment.IfVersion(2))
		wantInvalid(t, err, "IfVersion")
	})
	t.Run("the_zero_condition_is_invalid", func(t *testing.T) {
		_, err := service.Start(t.Context(), a.ID, assignment.Condition{})
		wantInvalid(t, err, "IfVersion")
	})
	t.Run("may_be_repeated", func(t *testing.T) {
		if _, err := service.Start(t.Context(), a.ID, assignment.IfVersion(1), assignment.IfVersion(1)); err != nil {
			t.Error(err)
		}
	})
}

// storeOnly hides what a store can do beyond the interface.
type storeOnly struct{ assignment.Store }

func TestReplaceOnAStoreWithoutReplacer(t *testing.T) {
	service := serviceOn(t, storeOnly{mustMemory(t)})
	key := assignment.Key{AssigneeID: "a", SubjectID: "s"}
	holder := mustCreate(t, service, key)
	_, err := service.Replace(t.Context(), assignment.CreateParams{Key: key}, assignment.ReplaceParams{RetireTo: "completed"})
	unsupported, ok := errors.AsType[*assignment.UnsupportedError](err)
	if !ok || !errors.Is(err, assignment.ErrUnsupported) || unsupported.Ability != "Replace" {
		t.Errorf("got %v, want an UnsupportedError about Replace", err)
	}
	now, err := service.FindActive(t.Context(), key)
	if err != nil || now.ID != holder.ID || now.Version != 1 {
		t.Errorf("the holder is %v and %v, want it untouched", now, err)
	}
}

// unreachableStore fails the test when a call gets through to it.
type unreachableStore struct {
	assignment.Store
	t *testing.T
}

func (s unreachableStore) Create(context.Context, assignment.Assignment) (assignment.Result, error) {
	s.t.Error("the store was called")
	return assignment.Result{}, nil
}

func TestEndedContextReachesNoStore(t *testing.T) {
	service := serviceOn(t, unreachableStore{mustMemory(t), t})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := service.Create(ctx, assignment.CreateParams{Key: assignment.Key{AssigneeID: "a", SubjectID: "s"}})
	if !errors.Is(err, context.Canceled) || errors.Is(err, assignment.ErrUnknownOutcome) {
		t.Errorf("got %v, want the context's error", err)
	}
	if err != nil && !strings.Contains(err.Error(), "nothing was sent") {
		t.Errorf("%q does not say that nothing was sent", err)
	}
}
