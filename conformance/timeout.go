package conformance

import (
	"context"
	"time"

	"github.com/assignment-go/assignment"
)

// poll is the unit of the time that a call is given. A beat needs the processor:
// none passes while the machine is busy with something else, or asleep.
func (h Harness) poll() time.Duration {
	return max(time.Millisecond, min(h.Timeout/20, 100*time.Millisecond))
}

// polls is after how many of them a call hangs, if the slowest one that returned
// took so many. On a machine where that are many, others may take long, too.
func (h Harness) polls(slowest int) int {
	const margin = 10
	return max(int(h.Timeout/h.poll()), margin*slowest)
}

// try runs the check on a goroutine of its own, so that a driver that hangs
// can be left behind. It is no matter how long the check takes in all.
func (s *suite) try(ctx context.Context, rule Rule, policy assignment.Policy) finding {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := newProbe(ctx, s.harness, rule, policy)
	done := make(chan finding, 1)
	go p.run(rule.check, done)
	ticker := time.NewTicker(s.harness.poll())
	defer ticker.Stop()
	for {
		select {
		case f := <-done:
			return f
		case <-ctx.Done():
			return s.afterCancel(p, done, "the run was ended from outside")
		case <-ticker.C:
			if oldest, slowest := p.calls.poll(); oldest > s.harness.polls(slowest) {
				hanging := p.calls.String()
				cancel()
				return s.afterCancel(p, done, hanging+" when the time for a call was over ("+s.harness.Timeout.String()+")")
			}
		}
	}
}

// afterCancel gives the check as much time again, now that its context has ended.
func (s *suite) afterCancel(p *probe, done <-chan finding, why string) finding {
	ticker := time.NewTicker(s.harness.poll())
	defer ticker.Stop()
	_, slowest := p.calls.poll()
	for range s.harness.polls(slowest) {
		select {
		case f := <-done:
			if f.verdict == Fail {
				f.reason = why + ", and its context was ended: " + f.reason
			}
			return f
		case <-ticker.C:
		}
	}
	return failed("the driver hangs: %v, although the context ended %v ago; "+
		"a call must return soon after that. Is a lock never released, or ctx not passed on?",
		p.calls, s.harness.Timeout)
}

// eventually waits for something that a driver brings about after its calls have
// returned, for as long as a call may take. It reports whether it came.
func (p *probe) eventually(condition func() bool) bool {
	ticker := time.NewTicker(p.harness.poll())
	defer ticker.Stop()
	for range p.harness.polls(0) {
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
