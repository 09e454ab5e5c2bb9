package conformance

import (
	"fmt"
	"strings"
	"time"
)

// Verdict is how a rule ended.
type Verdict string

// The verdicts.
const (
	// Pass means that the driver keeps the rule as far as the check can see.
	Pass Verdict = "pass"
	// Fail means that it was seen to break the rule.
	Fail Verdict = "fail"
	// Skip means that the rule was not checked, for the reason given.
	Skip Verdict = "skip"
	// Inconclusive means that the check ran and learnt too little to judge, for the
	// reason given: calls that have to meet did not, say, on a machine that was
	// too busy. It says nothing about the driver. Run the rule again.
	Inconclusive Verdict = "unclear"
)

// Result is what became of one rule.
type Result struct {
	// Rule is the name of the rule.
	Rule string `json:"rule"`
	// Level is that of the rule.
	Level Level `json:"level"`
	// Verdict is how it ended.
	Verdict Verdict `json:"verdict"`
	// Reason says what was seen instead, or why the rule was skipped; empty
	// for a pass.
	Reason string `json:"reason,omitempty"`
	// Statement is the rule in words.
	Statement string `json:"statement"`
	// Contract is the part of the documentation that the rule stands for.
	Contract string `json:"contract"`
	// Duration is how long the check took, over all lifecycles.
	Duration time.Duration `json:"duration_ns"`
	// Artifacts are files that show more of a failure than the reason can, such
	// as a drawing of a history. [Run] writes them to the test's ArtifactDir;
	// JSON has only their names.
	Artifacts []Artifact `json:"artifacts,omitempty"`
}

// Artifact is a file about a failure.
type Artifact struct {
	// Name is that of the file, without a directory, such as "history.html".
	Name string `json:"name"`
	// Content is what stands in it.
	Content []byte `json:"-"`
}

// String is the message of a failed rule: the rule, the contract, what was
// seen.
func (r Result) String() string {
	return fmt.Sprintf("rule: %s\ncontract: %s\nseen instead: %s", r.Statement, r.Contract, r.Reason)
}

// Report is the outcome of a whole run. It prints as text with String and as
// JSON with encoding/json.
type Report struct {
	// Seed repeats the run: put it into CONFORMANCE_SEED or Harness.Seed.
	Seed uint64 `json:"seed"`
	// Results has one element per rule, in the order of [Rules].
	Results []Result `json:"results"`
}

// Passed reports whether no rule failed. Rules that were skipped or remained
// unclear count as neither.
func (r Report) Passed() bool { return len(r.Of(Fail)) == 0 }

// Of returns the results with the given verdict.
func (r Report) Of(v Verdict) []Result {
	var some []Result
	for _, result := range r.Results {
		if result.Verdict == v {
			some = append(some, result)
		}
	}
	return some
}

// String lists every rule, one per line, with the details of those that did
// not pass below their line.
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
	fmt.Fprintf(&b, "%d passed, %d failed, %d skipped, %d unclear; seed %d\n",
		len(r.Of(Pass)), len(r.Of(Fail)), len(r.Of(Skip)), len(r.Of(Inconclusive)), r.Seed)
	return b.String()
}

func indent(text string) string {
	return "      " + strings.ReplaceAll(text, "\n", "\n      ") + "\n"
}
