package assignment_test

import (
	"context"
	"testing"

	"github.com/assignment-go/assignment"
)

// noopStore is a store that does nothing, so that what is measured is the Service.
type noopStore struct{ assignment.Store }

func (noopStore) Policy() assignment.Policy { return assignment.Policy{} }

func (noopStore) Create(_ context.Context, a assignment.Assignment) (assignment.Result, error) {
	return assignment.Result{Assignment: a, Outcome: assignment.OutcomeCreated}, nil
}

func (noopStore) Update(context.Context, assignment.ID, assignment.Change) (assignment.Assignment, error) {
	return assignment.Assignment{}, nil
}

func (noopStore) CreateMany(
	_ context.Context, batch []assignment.Assignment, _ assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	return make([]assignment.ItemResult, len(batch)), nil
}

func BenchmarkServiceCreate(b *testing.B) {
	service := serviceOn(b, noopStore{})
	for _, bench := range []struct {
		name   string
		params assignment.CreateParams
	}{
		{"given_id", assignment.CreateParams{ID: "chosen", Key: keyOf("a")}},
		{"made_id", assignment.CreateParams{Key: keyOf("a")}},
		{"metadata", assignment.CreateParams{ID: "chosen", Key: keyOf("a"), Metadata: map[string]any{"n": 1, "tags": []string{"a", "b"}}}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := service.Create(b.Context(), bench.params); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkServiceComplete(b *testing.B) {
	service := serviceOn(b, noopStore{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := service.Complete(b.Context(), "chosen"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkServiceCreateMany counts a batch of 1,000 as one operation.
func BenchmarkServiceCreateMany(b *testing.B) {
	service := serviceOn(b, noopStore{})
	batch := make([]assignment.CreateParams, 1000)
	for i := range batch {
		batch[i].Key = keyOf("a")
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := service.CreateMany(b.Context(), batch, nil); err != nil {
			b.Fatal(err)
		}
	}
}
