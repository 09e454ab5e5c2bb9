package conformance_test

import (
	"context"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// minimal has only what every driver must have, and returns ErrUnsupported for the rest.
type minimal struct{ store assignment.Store }

func lacking(ability conformance.Ability) error {
	return &assignment.UnsupportedError{Ability: string(ability), Reason: "the driver is minimal"}
}

func (s minimal) Policy() assignment.Policy { return s.store.Policy() }

func (s minimal) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	if a.AssignedBy != "" || a.AccountID != "" || !a.DueAt.IsZero() || a.Metadata != nil {
		return assignment.Result{}, lacking("attributes")
	}
	return s.store.Create(ctx, a)
}

func (s minimal) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	if c.IfVersion != 0 || c.AssigneeID != "" {
		return assignment.Assignment{}, lacking(conformance.AbilityIfVersion)
	}
	return s.store.Update(ctx, id, c)
}

func (s minimal) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	return s.store.Get(ctx, id)
}

func (s minimal) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	return s.store.FindActive(ctx, k)
}

func (s minimal) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	return s.store.List(ctx, q)
}

func (s minimal) Count(ctx context.Context, q assignment.Query) (int64, error) {
	if q.AccountID != "" || !q.DueBefore.IsZero() {
		return 0, lacking("filters")
	}
	return s.store.Count(ctx, q)
}

// TestUndeclaredAbsence checks that a failure because of a missing ability says how to
// declare it absent.
func TestUndeclaredAbsence(t *testing.T) {
	report := check(t, conformance.Harness{Quick: true, Open: opener(func(d *driver) assignment.Store {
		return struct{ assignment.Store }{d}
	})})
	const replace = `Harness.Absent = []conformance.Absence{{Ability: "Replace", Reason: "…"}}`
	wantReason(t, report, "replace/takes_a_free_slot", replace)
	wantReason(t, report, "linearizable/one_handle", replace)
	const batch = `Harness.Absent = []conformance.Absence{{Ability: "CreateMany", Reason: "…"}}`
	wantReason(t, report, "copies/batch_is_not_shared", batch)
}

// TestUndeclaredRequest checks the same for the fingerprint, for which no call can return
// ErrUnsupported.
func TestUndeclaredRequest(t *testing.T) {
	harness := conformance.Harness{Open: opener(func(d *driver) assignment.Store {
		d.toStored = func(a assignment.Assignment) assignment.Assignment {
			a = a.Clone()
			a.Request = ""
			return a
		}
		return d
	})}
	result, err := conformance.CheckRule(t.Context(), harness, "create/stores_the_row_as_given")
	if err != nil {
		t.Fatal(err)
	}
	if result.Verdict != conformance.Fail || !strings.Contains(result.Reason, "declares AbilityRequest in Harness.Absent") {
		t.Errorf("got %s %s", result.Verdict, result.Reason)
	}
}

func TestAbsentAbilities(t *testing.T) {
	all := []conformance.Ability{
		conformance.AbilityReplace, conformance.AbilityBatch, conformance.AbilityReassign, conformance.AbilityIfVersion,
		conformance.AbilityAssignedBy, conformance.AbilityAccountID, conformance.AbilityDueAt, conformance.AbilityMetadata,
	}
	absent := make([]conformance.Absence, len(all))
	for i, ability := range all {
		absent[i] = conformance.Absence{Ability: ability, Reason: "the driver is minimal"}
	}
	report := check(t, conformance.Harness{
		Open:   opener(func(d *driver) assignment.Store { return minimal{d} }),
		Absent: absent,
		Quick:  true,
	})
	if !report.Passed() {
		t.Fatal(report)
	}
	skipped := make(map[string]bool)
	for _, result := range report.Of(conformance.Skip) {
		skipped[result.Rule] = true
		if result.Level == conformance.Core || result.Reason == "" {
			t.Errorf("%s was skipped: %q", result.Rule, result.Reason)
		}
	}
	for _, rule := range conformance.Rules() {
		if rule.Needs(all...) && !skipped[rule.Name] {
			t.Errorf("%s needs an absent ability, but was not skipped", rule.Name)
		}
	}
}
