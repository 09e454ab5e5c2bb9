package conformance

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/assignment-go/assignment"
)

// together runs n calls concurrently, started by one signal, and waits for all of them.
// A finding of a call ends the check once all have returned.
func (p *probe) together(n int, call func(i int)) {
	findings := make([]finding, n)
	start := make(chan struct{})
	var ready, done sync.WaitGroup
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			findings[i] = guarded(func() { call(i) })
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	for _, f := range findings {
		if f.verdict != Pass {
			panic(f)
		}
	}
}

// repeats is how often to repeat something that the full suite does n times.
func (p *probe) repeats(n int) int {
	if p.harness.Quick {
		return max(1, n/5)
	}
	return n
}

// rounds repeats a race, since a faulty driver may win one by luck.
func (p *probe) rounds(n int, round func()) {
	for range p.repeats(n) {
		p.ok("the next round", p.ctx.Err())
		round()
		p.clock.tick()
	}
}

// attempt is the result of one of several concurrent callers.
type attempt struct {
	result assignment.Result
	err    error
}

// burst runs the calls of n concurrent callers, spread over both handles.
func (p *probe) burst(n int, call func(i int, s *assignment.Service) (assignment.Result, error)) attempts {
	all := make(attempts, n)
	p.together(n, func(i int) {
		all[i].err = p.retryContended(func() (err error) {
			all[i].result, err = call(i, p.handle(i))
			return err
		})
	})
	return all
}

type attempts []attempt

// with returns the attempts that succeeded with the outcome.
func (all attempts) with(o assignment.Outcome) attempts {
	return filter(all, func(a attempt) bool { return a.err == nil && a.result.Outcome == o })
}

// successes returns the attempts that succeeded, whatever the outcome.
func (all attempts) successes() attempts {
	return filter(all, func(a attempt) bool { return a.err == nil })
}

// failedWith returns the attempts that failed with the target.
func (all attempts) failedWith(target error) attempts {
	return filter(all, func(a attempt) bool { return errors.Is(a.err, target) })
}

// String counts the attempts by their result.
func (all attempts) String() string {
	counts := make(map[string]int)
	for _, a := range all {
		counts[a.kind()]++
	}
	kinds := make([]string, 0, len(counts))
	for kind, n := range counts {
		kinds = append(kinds, fmt.Sprintf("%d × %s", n, kind))
	}
	slices.Sort(kinds)
	return strings.Join(kinds, ", ")
}

func (a attempt) kind() string {
	if a.err == nil && a.result.Outcome == 0 {
		return "success"
	}
	if a.err == nil {
		return a.result.Outcome.String()
	}
	if errors.Is(a.err, assignment.ErrActiveExists) {
		return "conflict"
	}
	return a.err.Error()
}

// maxContended bounds how often a caller repeats a contended call. Each time another
// call should have succeeded, and there are fewer of those.
const maxContended = 1000

// retryContended repeats a call while it is contended, as the error tells callers to do.
func (p *probe) retryContended(call func() error) error {
	err := call()
	for range maxContended {
		if !errors.Is(err, assignment.ErrContended) || p.ctx.Err() != nil {
			return err
		}
		runtime.Gosched()
		err = call()
	}
	return err
}

// oneActive wants exactly one active row on the key and returns it.
func (p *probe) oneActive(k assignment.Key) assignment.Assignment {
	active := p.list(p.other, activeOn(k))
	if len(active) != 1 {
		p.failf("%d rows are active on one key, want 1: %q", len(active), ids(active))
	}
	return active[0]
}

func activeOn(k assignment.Key) assignment.Query {
	return assignment.Query{AssigneeID: k.AssigneeID, SubjectID: k.SubjectID, ActiveOnly: true}
}
