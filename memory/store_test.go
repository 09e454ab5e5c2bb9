package memory_test

import (
	"context"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/memory"
)

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Harness{
		Open: func(_ context.Context, p assignment.Policy) (conformance.Backend, error) {
			store := memory.New(&memory.Options{Policy: p})
			return conformance.Backend{Store: store, Second: store, Plant: planter(store)}, nil
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
		if got := memory.New(nil).Policy().Lifecycle; !got.Equal(assignment.DefaultLifecycle()) {
			t.Errorf("got %s", got)
		}
	})
	t.Run("enforces_the_policy_of_the_options", func(t *testing.T) {
		want := assignment.CompletedOnlyLifecycle()
		store := memory.New(&memory.Options{Policy: assignment.Policy{Lifecycle: want}})
		if got := store.Policy().Lifecycle; !got.Equal(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
