package conformance_test

import (
	"context"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/memory"
)

func TestMemory(t *testing.T) {
	conformance.Run(t, memoryHarness())
}

// memoryHarness opens package memory, which only exists in one process and so has only one
// handle.
func memoryHarness() conformance.Harness {
	return conformance.Harness{Open: openMemory}
}

// quickMemory is for tests of the report; TestMemory checks package memory.
func quickMemory() conformance.Harness {
	return conformance.Harness{Open: openMemory, Quick: true}
}

func openMemory(_ context.Context, p assignment.Policy) (conformance.Backend, error) {
	store := memory.New(&memory.Options{Policy: p})
	return conformance.Backend{
		Store:       store,
		Second:      store,
		Connections: func() int { return 0 },
		Plant: func(ctx context.Context, a assignment.Assignment) error {
			_, err := store.Create(ctx, a)
			return err
		},
	}, nil
}
