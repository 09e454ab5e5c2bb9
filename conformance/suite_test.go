package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

// brokenCreate is the reference store with another Create.
type brokenCreate struct {
	assignment.Store
	create func(ctx context.Context) (assignment.Result, error)
}

func (s brokenCreate) Create(ctx context.Context, _ assignment.Assignment) (assignment.Result, error) {
	return s.create(ctx)
}

func brokenCreateHarness(create func(ctx context.Context) (assignment.Result, error)) conformance.Harness {
	return conformance.Harness{
		Policies: []assignment.Policy{{}},
		Open: func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
			backend, err := openMemory(ctx, p)
			backend.Store = brokenCreate{backend.Store, create}
			backend.Second = backend.Store
			return backend, err
		},
	}
}

func TestCheck(t *testing.T) {
	t.Run("memory_passes_and_reports_every_rule", func(t *testing.T) {
		report := check(t, quickMemory())
		if !report.Passed() || len(report.Results) != len(conformance.Rules()) {
			t.Fatal(report)
		}
	})
	t.Run("a_driver_that_panics_fails_the_rule", func(t *testing.T) {
		report := check(t, brokenCreateHarness(func(context.Context) (assignment.Result, error) { panic("out of cheese") }))
		wantReason(t, report, "create/stores_the_row_as_given", "panic: out of cheese")
		wantReason(t, report, "race/ensure", "panic: out of cheese")
	})
	t.Run("an_ended_context_stops_the_run", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := conformance.Check(ctx, memoryHarness()); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want the context's error", err)
		}
	})
}

func check(t testing.TB, h conformance.Harness) conformance.Report {
	t.Helper()
	report, err := conformance.Check(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func wantReason(t testing.TB, report conformance.Report, rule, reason string) {
	t.Helper()
	for _, result := range report.Of(conformance.Fail) {
		if result.Rule == rule {
			if !strings.Contains(result.Reason, reason) {
				t.Errorf("%s failed with %q, want %q in it", rule, result.Reason, reason)
			}
			return
		}
	}
	t.Errorf("%s did not fail", rule)
}

func TestReport(t *testing.T) {
	report := check(t, conformance.Harness{
		Seed:   7,
		Quick:  true,
		Absent: []conformance.Absence{{Ability: conformance.AbilityMetadata, Reason: "there is no column"}},
		Open:   openMemory,
	})
	t.Run("skips_show_their_reason", func(t *testing.T) {
		text := report.String()
		for _, want := range []string{
			"skip  optional  fidelity/metadata_of_any_shape", "Metadata is declared absent: there is no column", "seed 7",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the text lacks %q", want)
			}
		}
	})
	t.Run("an_ability_that_is_not_absent_fails", func(t *testing.T) {
		wantReason(t, report, "store/absent_abilities_return_unsupported", "got success")
	})
	t.Run("json_round_trip", func(t *testing.T) {
		encoded, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		var again conformance.Report
		if err := json.Unmarshal(encoded, &again); err != nil {
			t.Fatal(err)
		}
		if again.String() != report.String() {
			t.Error("the report changed on the way through JSON")
		}
	})
}
