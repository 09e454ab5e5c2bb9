package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/assignment-go/assignment/conformance"
)

func TestReport(t *testing.T) {
	report, err := check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := write(&page, report); err != nil {
		t.Fatal(err)
	}
	var again conformance.Report
	if err := json.Unmarshal(page.Bytes(), &again); err != nil {
		t.Fatal(err)
	}
	failed := make(map[string]string)
	for _, result := range again.Of(conformance.Fail) {
		failed[result.Rule] = result.Reason
	}
	t.Run("the_check_then_create_race_fails_with_what_was_seen", func(t *testing.T) {
		if reason := failed["stampede/create"]; !strings.Contains(reason, "want 1 × success, 11 × conflict") {
			t.Errorf("got %q", reason)
		}
	})
	t.Run("rules_without_concurrent_calls_pass", func(t *testing.T) {
		for rule, reason := range failed {
			group, name, _ := strings.Cut(rule, "/")
			races := group == "race" || group == "stampede" || group == "linearizable" || strings.HasPrefix(name, "race_")
			if !races {
				t.Errorf("%s failed, too: %s", rule, reason)
			}
		}
	})
}
