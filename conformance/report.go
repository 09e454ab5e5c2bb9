package conformance

import (
	"fmt"
	"strings"
	"time"
)

// Verdict is the outcome of a rule.
type Verdict string

// The verdicts.
const (
	// Pass means that the driver obeys the rule as far as the check can see.
	Pass Verdict = "pass"
	// Fail means that the driver was seen to break the rule.
	Fail Verdict = "fail"
	// Skip means that the rule was not checked, for the reason given.
	Skip Verdict = "skip"
	// Inconclusive means that the check ran and learned too little, for the reason
	// given: calls that should overlap did not, for example, because the machine was
	// too busy. It says nothing about the driver. Run the rule again.
	Inconclusive Verdict = "inconclusive"
)

// Result is the result of one rule.
type Result struct {
	// Rule is the name of the rule.
	Rule string `json:"rule"`
	// Level is the level of the rule.
	Level Level `json:"level"`
	// Verdict is the outcome.
	Verdict Verdict `json:"verdict"`
	// Reason says what was seen instead, or why the rule was skipped or is
	// inconclusive; empty for a pass.
	Reason string `json:"reason,omitempty"`
	// Statement is the rule in words.
	Statement string `json:"statement"`
	// Contract is the part of the documentation that the rule checks.
	Contract string `json:"contract"`
	// Duration is how long the check took, under all policies.
	Duration time.Duration `json:"duration_ns"`
	// Artifacts are files with details of a failure, such as a drawing of a history.
	// [Run] writes them to the test's ArtifactDir; the JSON only has their names.
	Artifacts []Artifact `json:"artifacts,omitempty"`
}

// Artifact is a file about a failure.
type Artifact struct {
	// Name is the name of the file without a directory, such as "history.html".
	Name string `json:"name"`
	// Content is the content of the file.
	Content []byte `json:"-"`
}

// String is the message of a failed rule: the rule, the contract, and what was seen.
func (r Result) String() string {
	return fmt.Sprintf("rule: %s\ncontract: %s\nseen instead: %s", r.Statement, r.Contract, r.Reason)
}

// Report is the result of a run. String prints it as text, encoding/json as JSON.
type Report struct {
	// Seed repeats the run, as CONFORMANCE_SEED or Harness.Seed.
	Seed uint64 `json:"seed"`
	// Results has one element per rule, in the order of [Rules].
	Results []Result `json:"results"`
}

// Passed reports whether no rule failed. Rules that were skipped or are inconclusive do
// not count.
func (r Report) Passed() bool { return len(r.Of(Fail)) == 0 }

// Of returns the results with the verdict.
func (r Report) Of(v Verdict) []Result {
	var some []Result
	for _, result := range r.Results {
		if result.Verdict == v {
			some = append(some, result)
		}
	}
	return some
}

// String lists the rules, one per line, each with its details if it did not pass.
func (r Report) String() string {
	var b strings.Builder
	for _, result := range r.Results {
		fmt.Fprintf(&b, "%s  %-8s  %s  (%s)\n", result.Verdict, result.Level, result.Rule, result.Duration.Round(time.Millisecond))
		if result.Verdict == Fail {
			b.WriteString(indent(result.String()))
		}
		if result.Verdict == Skip || result.Verdict == Inconclusive {
			b.WriteString(indent(result.Reason))
		}
	}
	fmt.Fprintf(&b, "%d passed, %d failed, %d skipped, %d inconclusive; seed %d\n",
		len(r.Of(Pass)), len(r.Of(Fail)), len(r.Of(Skip)), len(r.Of(Inconclusive)), r.Seed)
	return b.String()
}

func indent(text string) string {
	return "      " + strings.ReplaceAll(text, "\n", "\n      ") + "\n"
}
