package conformance

import "testing"

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
			result := s.judge(t.Context(), rule)
			if result.Verdict == Fail {
				t.Fatalf("\n%s", indent(result.String()))
			}
			if result.Verdict == Skip {
				t.Skipf("not checked: %s", result.Reason)
			}
		})
	}
}
