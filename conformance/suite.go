package conformance

import (
	"context"
	"fmt"
	"time"

	"github.com/assignment-go/assignment"
)

// Check runs every rule and reports the results. An error means that the harness is
// invalid or that ctx ended first; the report then has the results so far.
func Check(ctx context.Context, h Harness) (Report, error) {
	s, err := newSuite(h)
	if err != nil {
		return Report{}, err
	}
	report := Report{Seed: s.harness.Seed}
	for _, rule := range Rules() {
		if err := ctx.Err(); err != nil {
			return report, fmt.Errorf("conformance: stopped before %s: %w", rule.Name, err)
		}
		report.Results = append(report.Results, s.checkRule(ctx, rule))
	}
	return report, nil
}

type suite struct {
	harness Harness
}

func newSuite(h Harness) (*suite, error) {
	h, err := h.withDefaults()
	if err != nil {
		return nil, err
	}
	return &suite{harness: h}, nil
}

// finding is a verdict with its reason.
type finding struct {
	verdict   Verdict
	reason    string
	artifacts []Artifact
}

func failed(format string, args ...any) finding {
	return finding{verdict: Fail, reason: fmt.Sprintf(format, args...)}
}

// checkRule checks one rule under every policy that it applies to.
func (s *suite) checkRule(ctx context.Context, rule Rule) Result {
	began := time.Now()
	f := s.evaluate(ctx, rule)
	return Result{
		Rule: rule.Name, Level: rule.Level, Verdict: f.verdict, Reason: f.reason,
		Statement: rule.Statement, Contract: rule.Contract, Duration: time.Since(began), Artifacts: f.artifacts,
	}
}

// maxAttempts bounds how often an inconclusive check is repeated.
const maxAttempts = 3

func (s *suite) evaluate(ctx context.Context, rule Rule) finding {
	for _, need := range rule.needs {
		if reason := s.harness.lacks(need); reason != "" {
			return finding{verdict: Skip, reason: reason}
		}
	}
	for _, policy := range s.policies(rule) {
		if f := s.retryInconclusive(ctx, rule, policy); f.verdict != Pass {
			l := policy.Lifecycle
			f.reason += fmt.Sprintf("\n(on the lifecycle with the initial status %q and the terminal statuses %q)", l.Initial(), l.Terminal())
			return f
		}
	}
	return finding{verdict: Pass}
}

// retryInconclusive repeats a check that is inconclusive.
func (s *suite) retryInconclusive(ctx context.Context, rule Rule, policy assignment.Policy) finding {
	f := s.try(ctx, rule, policy)
	for i := 1; i < maxAttempts && f.verdict == Inconclusive && ctx.Err() == nil; i++ {
		f = s.try(ctx, rule, policy)
	}
	return f
}

// policies returns the policies that the rule applies to; evaluate has made sure that
// there is one.
func (s *suite) policies(rule Rule) []assignment.Policy {
	fit := s.harness.Policies
	for _, need := range rule.needs {
		if fitting := fits(need); fitting != nil {
			fit = filter(fit, fitting)
		}
	}
	if rule.everyPolicy {
		return fit
	}
	return fit[:1]
}

func filter[T any](all []T, want func(T) bool) []T {
	var some []T
	for _, v := range all {
		if want(v) {
			some = append(some, v)
		}
	}
	return some
}
