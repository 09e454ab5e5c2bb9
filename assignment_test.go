package assignment_test

import (
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

func TestOutcomeString(t *testing.T) {
	for outcome, want := range map[assignment.Outcome]string{
		assignment.OutcomeCreated:  "created",
		assignment.OutcomeExisting: "existing",
		assignment.OutcomeReplayed: "replayed",
		0:                          "none",
		42:                         "Outcome(42)",
	} {
		if got := outcome.String(); got != want {
			t.Errorf("outcome %d is %q, want %q", outcome, got, want)
		}
	}
}

func sample() assignment.Assignment {
	return assignment.Assignment{
		ID: "a1", Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}, Status: "pending", Version: 1,
		AssignedBy: "bo", AccountID: "acme", DueAt: time.Unix(1000, 0),
		Metadata: map[string]any{"list": []any{1.0, map[string]any{"deep": true}}},
	}
}

func TestClone(t *testing.T) {
	a := sample()
	c := a.Clone()
	c.Metadata["added"] = true
	c.Metadata["list"].([]any)[1].(map[string]any)["deep"] = false
	c.Metadata["list"].([]any)[0] = 2.0
	if !a.SameRequest(sample()) {
		t.Errorf("a change of the clone reached the original: %v", a.Metadata)
	}
	if (assignment.Assignment{}).Clone().Metadata != nil {
		t.Error("the clone of no metadata is not nil")
	}
}

func TestSameRequest(t *testing.T) {
	for name, change := range map[string]func(*assignment.Assignment){
		"assignee":      func(a *assignment.Assignment) { a.Key.AssigneeID = "Ana" },
		"subject":       func(a *assignment.Assignment) { a.Key.SubjectID = "other" },
		"assigned_by":   func(a *assignment.Assignment) { a.AssignedBy = "" },
		"account":       func(a *assignment.Assignment) { a.AccountID = "other" },
		"due_at":        func(a *assignment.Assignment) { a.DueAt = a.DueAt.Add(1) },
		"metadata":      func(a *assignment.Assignment) { a.Metadata["more"] = 1.0 },
		"no_metadata":   func(a *assignment.Assignment) { a.Metadata = nil },
		"deep_metadata": func(a *assignment.Assignment) { a.Metadata["list"].([]any)[0] = "1" },
	} {
		t.Run("other_"+name, func(t *testing.T) {
			other := sample()
			change(&other)
			if sample().SameRequest(other) || other.SameRequest(sample()) {
				t.Error("is the same request")
			}
		})
	}
	for name, change := range map[string]func(*assignment.Assignment){
		"status":       func(a *assignment.Assignment) { a.Status = "completed" },
		"version":      func(a *assignment.Assignment) { a.Version = 9 },
		"created_at":   func(a *assignment.Assignment) { a.CreatedAt = time.Now() },
		"updated_at":   func(a *assignment.Assignment) { a.UpdatedAt = time.Now() },
		"completed_at": func(a *assignment.Assignment) { a.CompletedAt = time.Now() },
		"due_zone":     func(a *assignment.Assignment) { a.DueAt = a.DueAt.In(time.FixedZone("east", 3600)) },
	} {
		t.Run("whatever_"+name, func(t *testing.T) {
			other := sample()
			change(&other)
			if !sample().SameRequest(other) {
				t.Error("is not the same request")
			}
		})
	}
	t.Run("no_metadata_and_empty_metadata", func(t *testing.T) {
		none, empty := assignment.Assignment{}, assignment.Assignment{Metadata: map[string]any{}}
		if !none.SameRequest(empty) {
			t.Error("is not the same request")
		}
	})
}
