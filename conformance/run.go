package conformance

import (
	"os"
	"path/filepath"
	"testing"
)

// Run checks every rule as a subtest of its name. Pick some with go test's
// -run flag, as in -run 'TestConformance/create/'.
func Run(t *testing.T, h Harness) {
	t.Helper()
	s, err := newSuite(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("to repeat this run: %s=%d", SeedVariable, s.harness.Seed)
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			result := s.checkRule(t.Context(), rule)
			store(t, result.Artifacts)
			if result.Verdict == Fail {
				t.Fatalf("\n%s", indent(result.String()))
			}
			if result.Verdict == Skip {
				t.Skipf("not checked: %s", result.Reason)
			}
			if result.Verdict == Inconclusive {
				t.Skipf("checked without a result, which says nothing about the driver: %s", result.Reason)
			}
		})
	}
}

// store keeps the artifacts where go test -artifacts looks for them, and says
// where that is.
func store(t *testing.T, artifacts []Artifact) {
	t.Helper()
	for _, a := range artifacts {
		path := filepath.Join(t.ArtifactDir(), a.Name)
		if err := os.WriteFile(path, a.Content, 0o600); err != nil {
			t.Errorf("store an artifact: %v", err)
			continue
		}
		t.Logf("more in %s (kept with go test -artifacts)", path)
	}
}
