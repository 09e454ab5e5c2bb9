package conformance

import (
	"context"
	"fmt"
	"time"

	"github.com/assignment-go/assignment"
)

// Check runs every rule and reports the results. Its own error means that the
// harness is unusable or ctx ended first; the report then has what was done.
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
		report.Results = append(report.Results, s.judge(ctx, rule))
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

// finding is a verdict and its reason.
type finding struct {
	verdict   Verdict
	reason    string
	artifacts []Artifact
}

func failed(format string, args ...any) finding {
	return finding{verdict: Fail, reason: fmt.Sprintf(format, args...)}
}

// judge checks one rule on every lifecycle that it is about.
func (s *suite) judge(ctx context.Context, rule Rule) Result {
	began := time.Now()
	f := s.find(ctx, rule)
	return Result{
		Rule: rule.Name, Level: rule.Level, Verdict: f.verdict, Reason: f.reason,
		Statement: rule.Statement, Contract: rule.Contract, Duration: time.Since(began), Artifacts: f.artifacts,
	}
}

func (s *suite) find(ctx context.Context, rule Rule) finding {
	for _, need := range rule.needs {
		if reason := s.harness.lacks(need); reason != "" {
			return finding{verdict: Skip, reason: reason}
		}
	}
	for _, l := range s.lifecycles(rule) {
		if f := s.try(ctx, rule, l); f.verdict != Pass {
			f.reason += fmt.Sprintf("\n(on the lifecycle that starts at %q and ends at %q)", l.Initial, l.Terminal)
			return f
		}
	}
	return finding{verdict: Pass}
}

// lifecycles picks those that the rule is about; find has made sure that there
// is one.
func (s *suite) lifecycles(rule Rule) []assignment.Lifecycle {
	fit := s.harness.Lifecycles
	for _, need := range rule.needs {
		if fitting := fits(need); fitting != nil {
			fit = keep(fit, fitting)
		}
	}
	if rule.everyLifecycle {
		return fit
	}
	return fit[:1]
}

func keep[T any](all []T, want func(T) bool) []T {
	var some []T
	for _, v := range all {
		if want(v) {
			some = append(some, v)
		}
	}
	return some
}

// maxGrace bounds how long a driver may take to return once its context ended.
const maxGrace = 10 * time.Second

// try runs the check on a goroutine of its own, so that a driver that hangs
// can be left behind.
func (s *suite) try(ctx context.Context, rule Rule, l assignment.Lifecycle) finding {
	ctx, cancel := context.WithTimeout(ctx, s.harness.Timeout)
	defer cancel()
	p := newProbe(ctx, s.harness, rule, l)
	done := make(chan finding, 1)
	go p.run(rule.check, done)
	select {
	case f := <-done:
		return f
	case <-ctx.Done():
		return s.late(p, done)
	}
}

func (s *suite) late(p *probe, done <-chan finding) finding {
	grace := time.NewTimer(min(maxGrace, s.harness.Timeout))
	defer grace.Stop()
	select {
	case f := <-done:
		if f.verdict == Fail {
			f.reason = fmt.Sprintf("the time of the rule ran out (%v): %s", s.harness.Timeout, f.reason)
		}
		return f
	case <-grace.C:
		return failed("the driver hangs: %v, although the context ended %v ago; "+
			"a call must return soon after that. Is a lock never released, or ctx not passed on?",
			p.watch, min(maxGrace, s.harness.Timeout))
	}
}
