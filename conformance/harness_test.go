package conformance_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

func TestHarness(t *testing.T) {
	t.Run("open_is_required", func(t *testing.T) {
		wantUnusable(t, conformance.Harness{}, "Harness.Open is required")
	})
	t.Run("absence_needs_a_reason", func(t *testing.T) {
		h := memoryHarness()
		h.Absent = []conformance.Absence{{Ability: conformance.AbilityReplace}}
		wantUnusable(t, h, "needs a reason")
	})
	t.Run("core_methods_are_not_abilities", func(t *testing.T) {
		h := memoryHarness()
		h.Absent = []conformance.Absence{{Ability: "Create", Reason: "too hard"}}
		wantUnusable(t, h, `"Create" can't be declared absent`)
	})
	t.Run("an_error_of_open_fails_the_rule", func(t *testing.T) {
		h := conformance.Harness{Open: func(context.Context, assignment.Policy) (conformance.Backend, error) {
			return conformance.Backend{}, errors.New("no database")
		}}
		wantFinding(t, h, "create/stores_the_row_as_given", "open the backend: no database")
	})
	t.Run("an_error_of_close_fails_the_rule", func(t *testing.T) {
		h := memoryHarness()
		h.Open = func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
			backend, err := openMemory(ctx, p)
			backend.Close = func() error { return errors.New("still busy") }
			return backend, err
		}
		wantFinding(t, h, "store/starts_empty", "close the backend: still busy")
	})
	t.Run("both_handles_are_required", func(t *testing.T) {
		h := memoryHarness()
		h.Open = func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
			backend, err := openMemory(ctx, p)
			backend.Second = nil
			return backend, err
		}
		wantFinding(t, h, "store/starts_empty", "without Store or Second")
	})
}

// wantFinding wants a rule to fail with the reason.
func wantFinding(t *testing.T, h conformance.Harness, rule, reason string) {
	t.Helper()
	result, err := conformance.CheckRule(t.Context(), h, rule)
	if err != nil || result.Verdict != conformance.Fail || !strings.Contains(result.Reason, reason) {
		t.Errorf("%s: %v, %s %q, want a failure with %q", rule, err, result.Verdict, result.Reason, reason)
	}
}

func wantUnusable(t *testing.T, h conformance.Harness, reason string) {
	t.Helper()
	if _, err := conformance.Check(t.Context(), h); err == nil || !strings.Contains(err.Error(), reason) {
		t.Errorf("got %v, want an error with %q", err, reason)
	}
}

func TestHarnessSeed(t *testing.T) {
	h := memoryHarness()
	h.Seed = 1
	t.Run("environment_takes_precedence", func(t *testing.T) {
		t.Setenv(conformance.SeedVariable, "42")
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // the seed is set before the first rule
		report, err := conformance.Check(ctx, h)
		if report.Seed != 42 || !errors.Is(err, context.Canceled) {
			t.Errorf("the seed is %d after %v, want 42", report.Seed, err)
		}
	})
	t.Run("environment_must_be_a_number", func(t *testing.T) {
		t.Setenv(conformance.SeedVariable, "lucky")
		wantUnusable(t, h, conformance.SeedVariable)
	})
}

// TestHarnessGenerators checks a store as if it only accepted numbers.
func TestHarnessGenerators(t *testing.T) {
	h := quickMemory()
	h.NewID = func(n int) assignment.ID { return assignment.ID(strconv.Itoa(n)) }
	h.NewKey = func(n int) assignment.Key {
		return assignment.Key{AssigneeID: strconv.Itoa(n), SubjectID: strconv.Itoa(n)}
	}
	report := check(t, h)
	if !report.Passed() {
		t.Fatal(report)
	}
	for _, result := range report.Of(conformance.Skip) {
		if !strings.Contains(result.Reason, "the harness makes") && !strings.Contains(result.Reason, "is nil") {
			t.Errorf("%s was skipped: %s", result.Rule, result.Reason)
		}
	}
	if len(report.Of(conformance.Skip)) == 0 {
		t.Error("the rules on unusual keys were not skipped")
	}
}
