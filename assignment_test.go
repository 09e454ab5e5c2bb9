package assignment_test

import (
	"reflect"
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
	if !reflect.DeepEqual(a, sample()) {
		t.Errorf("a change of the clone reached the original: %v", a.Metadata)
	}
	if (assignment.Assignment{}).Clone().Metadata != nil {
		t.Error("the clone of no metadata is not nil")
	}
}
