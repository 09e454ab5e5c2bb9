package jsonfilestore_test

import (
	"context"
	"os"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/examples/jsonfilestore"
)

func TestConformance(t *testing.T) {
	dir := t.TempDir()
	conformance.Run(t, conformance.Harness{
		Open: func(ctx context.Context, l assignment.Lifecycle) (conformance.Backend, error) {
			place, err := os.MkdirTemp(dir, "")
			if err != nil {
				return conformance.Backend{}, err
			}
			first, err := jsonfilestore.New(ctx, place, &jsonfilestore.Options{Lifecycle: &l})
			if err != nil {
				return conformance.Backend{}, err
			}
			second, err := jsonfilestore.New(ctx, place, &jsonfilestore.Options{Lifecycle: &l})
			if err != nil {
				return conformance.Backend{}, err
			}
			return conformance.Backend{Store: first, Second: second, Plant: planter(first)}, nil
		},
	})
}

// planter relies on Create taking whatever status it is given.
func planter(store *jsonfilestore.Store) func(context.Context, assignment.Assignment) error {
	return func(ctx context.Context, a assignment.Assignment) error {
		_, err := store.Create(ctx, a)
		return err
	}
}
