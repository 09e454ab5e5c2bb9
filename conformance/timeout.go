package conformance

import (
	"context"
	"time"

	"github.com/assignment-go/assignment"
)

// pollInterval is the unit in which the suite measures how long calls take. Polls need
// the processor: there are none while the machine is suspended or too busy.
func (h Harness) pollInterval() time.Duration {
	return max(time.Millisecond, min(h.Timeout/20, 100*time.Millisecond))
}

// maxPolls is after how many polls a call counts as hanging, when the slowest call that
// has returned took slowest: where one call takes long, others may, too.
func (h Harness) maxPolls(slowest int) int {
	const margin = 10
	return max(int(h.Timeout/h.pollInterval()), margin*slowest)
}

// try runs the check on a new goroutine, so that the suite can continue when the driver
// hangs. There is no limit on the duration of the check as a whole.
func (s *suite) try(ctx context.Context, rule Rule, policy assignment.Policy) finding {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := newProbe(ctx, s.harness, rule, policy)
	done := make(chan finding, 1)
	go p.run(rule.check, done)
	ticker := time.NewTicker(s.harness.pollInterval())
	defer ticker.Stop()
	for {
		select {
		case f := <-done:
			return f
		case <-ctx.Done():
			return s.afterCancel(p, done, "the run was cancelled")
		case <-ticker.C:
			if oldest, slowest := p.calls.poll(); oldest > s.harness.maxPolls(slowest) {
				hanging := p.calls.String()
				cancel()
				return s.afterCancel(p, done, hanging+" within the time for a call ("+s.harness.Timeout.String()+")")
			}
		}
	}
}

// afterCancel waits for the check for as long again, after its context has ended.
func (s *suite) afterCancel(p *probe, done <-chan finding, why string) finding {
	ticker := time.NewTicker(s.harness.pollInterval())
	defer ticker.Stop()
	_, slowest := p.calls.poll()
	for range s.harness.maxPolls(slowest) {
		select {
		case f := <-done:
			if f.verdict == Fail {
				f.reason = why + ", so its context was cancelled: " + f.reason
			}
			return f
		case <-ticker.C:
		}
	}
	return failed("the driver hangs: %v, although the context ended %v ago. "+
		"A call must return soon after that: is a lock never released, or ctx not passed on?",
		p.calls, s.harness.Timeout)
}

// eventually waits until the condition holds, for as long as a call may take, and reports
// whether it does. It is for what a driver does after its calls have returned.
func (p *probe) eventually(condition func() bool) bool {
	ticker := time.NewTicker(p.harness.pollInterval())
	defer ticker.Stop()
	for range p.harness.maxPolls(0) {
		if condition() {
			return true
		}
		select {
		case <-p.ctx.Done():
			return condition()
		case <-ticker.C:
		}
	}
	return condition()
}
