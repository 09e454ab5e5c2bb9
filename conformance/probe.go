package conformance

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"runtime/debug"
	"sync/atomic"

	"github.com/assignment-go/assignment"
)

// probe is what a check works with: a new backend, a service on each of its handles, and
// a clock that only the check moves. Its assertions are methods named for what they want,
// such as created, stored and conflict.
//
// An assertion that does not hold ends the check by a panic with a finding, which guarded
// turns into the result.
type probe struct {
	ctx       context.Context
	harness   Harness
	rule      Rule
	policy    assignment.Policy
	lifecycle assignment.Lifecycle // of the policy
	backend   Backend
	calls     *callTracker
	clock     *clock
	made      atomic.Int64
	random    *rand.Rand // only for the goroutine of the check

	// store and second are the handles; service and other are the services on them.
	store, second  assignment.Store
	service, other *assignment.Service
}

func newProbe(ctx context.Context, h Harness, rule Rule, policy assignment.Policy) *probe {
	// The seed includes the name of the rule, so that its values do not depend on
	// which rules ran before.
	name := fnv.New64a()
	_, _ = name.Write([]byte(rule.Name))
	return &probe{
		ctx: ctx, harness: h, rule: rule, policy: policy, lifecycle: policy.Lifecycle,
		calls:  newCallTracker(),
		clock:  newClock(h.TimePrecision),
		random: rand.New(rand.NewPCG(h.Seed, name.Sum64())),
	}
}

// run sends exactly one finding, whatever the driver does, unless it hangs.
func (p *probe) run(check func(*probe), done chan<- finding) {
	f := failed("the goroutine of the check was terminated: Open must return an error instead of calling t.Fatal")
	defer func() { done <- f }()
	f = guarded(func() {
		p.open()
		check(p)
	})
	if closed := guarded(p.close); f.verdict == Pass {
		f = closed
	}
	if f.verdict == Skip && p.rule.Level == Core {
		f = failed("a core rule can't be skipped: %s", f.reason)
	}
}

// guarded runs a step and turns a panic into a finding.
func guarded(step func()) (f finding) {
	defer func() {
		switch v := recover().(type) {
		case nil:
			f = finding{verdict: Pass}
		case finding:
			f = v
		default:
			f = failed("panic: %v\n%s", v, debug.Stack())
		}
	}()
	step()
	return f
}

func (p *probe) open() {
	defer p.calls.enter("Harness.Open")()
	backend, err := p.harness.Open(p.ctx, p.policy)
	p.ok("open the backend", err)
	if backend.Store == nil || backend.Second == nil {
		p.failf("Harness.Open returned a backend without Store or Second")
	}
	p.backend = backend
	p.store, p.second = p.calls.on(backend.Store), p.calls.on(backend.Second)
	p.service, p.other = p.serve(p.store), p.serve(p.second)
}

func (p *probe) close() {
	if p.backend.Close == nil {
		return
	}
	defer p.calls.enter("Backend.Close")()
	p.ok("close the backend", p.backend.Close())
}

func (p *probe) serve(store assignment.Store) *assignment.Service {
	service, err := assignment.NewService(store, &assignment.Options{Now: p.clock.Now, NewID: p.newID})
	p.ok("make a service", err)
	return service
}

// handle returns the service of an even or odd caller, to spread callers over both
// handles.
func (p *probe) handle(i int) *assignment.Service {
	if i%2 == 0 {
		return p.service
	}
	return p.other
}

// has reports whether the driver has the ability.
func (p *probe) has(a Ability) bool { return p.harness.lacks(a) == "" }

// failf ends the check: the driver breaks the rule.
func (p *probe) failf(format string, args ...any) {
	panic(failed(format, args...))
}

// inconclusivef ends the check: it has learned too little about the driver.
func (p *probe) inconclusivef(format string, args ...any) {
	panic(finding{verdict: Inconclusive, reason: fmt.Sprintf(format, args...)})
}

// skipf ends the check of an optional rule: it can't be checked.
func (p *probe) skipf(format string, args ...any) {
	panic(finding{verdict: Skip, reason: fmt.Sprintf(format, args...)})
}
