package assignment_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

// echoStore is a store that returns what it is given and stores nothing.
type echoStore struct{ assignment.Store }

func (echoStore) Create(_ context.Context, a assignment.Assignment) (assignment.Result, error) {
	return assignment.Result{Assignment: a, Outcome: assignment.OutcomeCreated}, nil
}

// requested is the row that a service hands to the store.
func requested(t *testing.T, p assignment.CreateParams) assignment.Assignment {
	t.Helper()
	service, err := assignment.NewService(echoStore{mustMemory(t)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := service.Create(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func fullParams() assignment.CreateParams {
	return assignment.CreateParams{
		ID: "a1", Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}, AssignedBy: "bo", AccountID: "acme",
		DueAt: time.Date(2030, 1, 2, 3, 4, 5, 6000, time.UTC),
		Metadata: map[string]any{
			"list": []any{1.0, map[string]any{"deep": true}, nil, false, "x"}, "text": "1",
		},
	}
}

// The fingerprint of a request must never change: rows that were stored by an
// earlier release are compared by it.
func TestRequestIsTheSameInEveryRelease(t *testing.T) {
	if got, want := requested(t, fullParams()).Request, "cxROSGo5m6xNYbwwjAcV1Q"; got != want {
		t.Errorf("the fingerprint of all attributes is %q, want %q", got, want)
	}
	bare := assignment.CreateParams{Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}}
	if got, want := requested(t, bare).Request, "y24d4_GZtisCLuTPWvSU9A"; got != want {
		t.Errorf("the fingerprint of a key alone is %q, want %q", got, want)
	}
}

func TestRequestDiffersBy(t *testing.T) {
	for name, change := range map[string]func(*assignment.CreateParams){
		"assignee":        func(p *assignment.CreateParams) { p.Key.AssigneeID = "Ana" },
		"subject":         func(p *assignment.CreateParams) { p.Key.SubjectID = "other" },
		"assigned_by":     func(p *assignment.CreateParams) { p.AssignedBy = "" },
		"account":         func(p *assignment.CreateParams) { p.AccountID = "other" },
		"swapped_parts":   func(p *assignment.CreateParams) { p.AssignedBy, p.AccountID = p.AccountID, p.AssignedBy },
		"moved_bytes":     func(p *assignment.CreateParams) { p.Key = assignment.Key{AssigneeID: "anai", SubjectID: "ntake"} },
		"due_at":          func(p *assignment.CreateParams) { p.DueAt = p.DueAt.Add(time.Microsecond) },
		"no_due_at":       func(p *assignment.CreateParams) { p.DueAt = time.Time{} },
		"more_metadata":   func(p *assignment.CreateParams) { p.Metadata["more"] = nil },
		"no_metadata":     func(p *assignment.CreateParams) { p.Metadata = nil },
		"text_for_number": func(p *assignment.CreateParams) { p.Metadata["list"].([]any)[0] = "1" },
		"deep_metadata":   func(p *assignment.CreateParams) { p.Metadata["list"].([]any)[1] = map[string]any{"deep": false} },
		"shorter_list":    func(p *assignment.CreateParams) { p.Metadata["list"] = p.Metadata["list"].([]any)[:4] },
		"order_of_a_list": func(p *assignment.CreateParams) { l := p.Metadata["list"].([]any); l[2], l[3] = l[3], l[2] },
	} {
		t.Run(name, func(t *testing.T) {
			other := fullParams()
			change(&other)
			a, b := requested(t, fullParams()), requested(t, other)
			if a.Request == b.Request || a.SameRequest(b) || b.SameRequest(a) {
				t.Errorf("both requests are %q", a.Request)
			}
		})
	}
}

func TestRequestDoesNotDependOn(t *testing.T) {
	for name, change := range map[string]func(*assignment.CreateParams){
		"id":              func(p *assignment.CreateParams) { p.ID = "" },
		"zone":            func(p *assignment.CreateParams) { p.DueAt = p.DueAt.In(time.FixedZone("east", 3600)) },
		"nanoseconds":     func(p *assignment.CreateParams) { p.DueAt = p.DueAt.Add(time.Nanosecond) },
		"form_of_numbers": func(p *assignment.CreateParams) { p.Metadata["list"].([]any)[0] = json.Number("1.0") },
	} {
		t.Run(name, func(t *testing.T) {
			other := fullParams()
			change(&other)
			if a, b := requested(t, fullParams()), requested(t, other); a.Request != b.Request {
				t.Errorf("the requests are %q and %q", a.Request, b.Request)
			}
		})
	}
	t.Run("empty_metadata", func(t *testing.T) {
		none, empty := fullParams(), fullParams()
		none.Metadata, empty.Metadata = nil, map[string]any{}
		if a, b := requested(t, none), requested(t, empty); a.Request != b.Request {
			t.Errorf("the requests are %q and %q", a.Request, b.Request)
		}
	})
}

func TestRequestIsNoJSON(t *testing.T) {
	encoded, err := json.Marshal(requested(t, fullParams()))
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(encoded, &members); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"request", "Request"} {
		if _, there := members[name]; there {
			t.Errorf("%s has the member %q", encoded, name)
		}
	}
}

func TestSameRequest(t *testing.T) {
	row := func(change func(*assignment.Assignment)) assignment.Assignment {
		a := sample()
		a.Request = "r1"
		change(&a)
		return a
	}
	for name, test := range map[string]struct {
		change func(*assignment.Assignment)
		want   bool
	}{
		"another_fingerprint":              {func(a *assignment.Assignment) { a.Request = "r2" }, false},
		"another_id":                       {func(a *assignment.Assignment) { a.ID = "a2" }, false},
		"reassigned":                       {func(a *assignment.Assignment) { a.Key.AssigneeID = "bo" }, true},
		"completed":                        {func(a *assignment.Assignment) { a.Status, a.Version = "completed", 2 }, true},
		"edited":                           {func(a *assignment.Assignment) { a.AccountID, a.Metadata = "stamped", nil }, true},
		"no_fingerprint":                   {func(a *assignment.Assignment) { a.Request = "" }, true},
		"no_fingerprint_and_reassigned":    {func(a *assignment.Assignment) { a.Request, a.Key.AssigneeID = "", "bo" }, true},
		"no_fingerprint_and_other_subject": {func(a *assignment.Assignment) { a.Request, a.Key.SubjectID = "", "other" }, false},
		"no_fingerprint_and_another_id":    {func(a *assignment.Assignment) { a.Request, a.ID = "", "a2" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := row(func(*assignment.Assignment) {}), row(test.change)
			if a.SameRequest(b) != test.want || b.SameRequest(a) != test.want {
				t.Errorf("got %v and %v, want %v", a.SameRequest(b), b.SameRequest(a), test.want)
			}
		})
	}
}
