package conformance

import (
	"context"
	"time"

	"github.com/assignment-go/assignment"
)

// beat is the unit of the time that a call is given. A beat needs the processor:
// none passes while the machine is busy with something else, or asleep.
func (h Harness) beat() time.Duration {
	return max(time.Millisecond, min(h.Timeout/20, 100*time.Millisecond))
}

// beats is after how many of them a call hangs, if the slowest one that returned
// took so many. On a machine where that are many, others may take long, too.
func (h Harness) beats(slowest int) int {
	const margin = 10
	return max(int(h.Timeout/h.beat()), margin*slowest)
}

// try runs the check on a goroutine of its own, so that a driver that hangs
// can be left behind. It is no matter how long the check takes in all.
func (s *suite) try(ctx context.Context, rule Rule, policy assignment.Policy) finding {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := newProbe(ctx, s.harness, rule, policy)
	done := make(chan finding, 1)
	go p.run(rule.check, done)
	ticker := time.NewTicker(s.harness.beat())
	defer ticker.Stop()
	for {
		select {
		case f := <-done:
			return f
		case <-ctx.Done():
			return s.late(p, done, "the run was ended from outside")
		case <-ticker.C:
			if oldest, slowest := p.watch.beat(); oldest > s.harness.beats(slowest) {
				hanging := p.watch.String()
				cancel()
				return s.late(p, done, hanging+" when the time for a call was over ("+s.harness.Timeout.String()+")")
			}
		}
	}
}

// late gives the check as much time again, now that its context has ended.
func (s *suite) late(p *probe, done <-chan finding, why string) finding {
	ticker := time.NewTicker(s.harness.beat())
	defer ticker.Stop()
	_, slowest := p.watch.beat()
	for range s.harness.beats(slowest) {
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
		p.watch, s.harness.Timeout)
}

// eventually waits for something that a driver brings about after its calls have
// returned, for as long as a call may take. It reports whether it came.
func (p *probe) eventually(condition func() bool) bool {
	ticker := time.NewTicker(p.harness.beat())
	defer ticker.Stop()
	for range p.harness.beats(0) {
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
