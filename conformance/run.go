package conformance

import (
	"os"
	"path/filepath"
	"testing"
)

// Run checks every rule in a subtest with its name. Select some with the flag -run of
// go test, as in -run 'TestConformance/create/'.
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
			writeArtifacts(t, result.Artifacts)
			if result.Verdict == Fail {
				t.Fatalf("\n%s", indent(result.String()))
			}
			if result.Verdict == Skip {
				t.Skipf("not checked: %s", result.Reason)
			}
			if result.Verdict == Inconclusive {
				t.Skipf("inconclusive, which says nothing about the driver: %s", result.Reason)
			}
		})
	}
}

// writeArtifacts writes the artifacts to the directory of go test -artifacts and logs
// their paths.
func writeArtifacts(t *testing.T, artifacts []Artifact) {
	t.Helper()
	for _, a := range artifacts {
		path := filepath.Join(t.ArtifactDir(), a.Name)
		if err := os.WriteFile(path, a.Content, 0o600); err != nil {
			t.Errorf("write an artifact: %v", err)
			continue
		}
		t.Logf("see %s (go test deletes it, except with -artifacts)", path)
	}
}
