package assignment_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

// hidingStore is a store whose conflicts are with rows that its caller can't see.
type hidingStore struct{ assignment.Store }

func (hidingStore) Create(_ context.Context, a assignment.Assignment) (assignment.Result, error) {
	return assignment.Result{}, &assignment.ActiveExistsError{Key: a.Key}
}

func TestHiddenHolder(t *testing.T) {
	store := memory.New(nil)
	service, err := assignment.NewService(hidingStore{store}, nil)
	if err != nil {
		t.Fatal(err)
	}
	params := assignment.CreateParams{Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}}

	t.Run("ensure_has_none_to_return", func(t *testing.T) {
		result, err := service.Ensure(t.Context(), params)
		conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
		if !ok || conflict.Key != params.Key || result.Outcome == assignment.OutcomeExisting {
			t.Errorf("got %v, %v, want the conflict", result, err)
		}
	})
	t.Run("the_error_says_so", func(t *testing.T) {
		_, err := service.Create(t.Context(), params)
		if err == nil || !strings.Contains(err.Error(), "can't see") {
			t.Errorf("got %v", err)
		}
	})
}
