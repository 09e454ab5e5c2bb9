package memory_test

import (
	"context"
	"errors"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/memory"
)

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Harness{
		Open: func(_ context.Context, l assignment.Lifecycle) (conformance.Backend, error) {
			store, err := memory.New(&memory.Options{Lifecycle: &l})
			return conformance.Backend{Store: store, Second: store, Plant: planter(store)}, err
		},
	})
}

// planter relies on Create taking whatever status it is given.
func planter(store *memory.Store) func(context.Context, assignment.Assignment) error {
	return func(ctx context.Context, a assignment.Assignment) error {
		_, err := store.Create(ctx, a)
		return err
	}
}

func TestNew(t *testing.T) {
	t.Run("nil_options_are_the_defaults", func(t *testing.T) {
		store, err := memory.New(nil)
		if err != nil || store.Lifecycle().Initial != assignment.StatusPending {
			t.Errorf("got %v and %v", store, err)
		}
	})
	t.Run("invalid_lifecycle_is_refused", func(t *testing.T) {
		_, err := memory.New(&memory.Options{Lifecycle: &assignment.Lifecycle{}})
		if !errors.Is(err, assignment.ErrInvalid) {
			t.Errorf("got %v, want ErrInvalid", err)
		}
	})
}
