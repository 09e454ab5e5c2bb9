package conformance

import (
	"context"
	"time"

	"github.com/assignment-go/assignment"
)

func contextRules() []Rule {
	return []Rule{
		{
			Name: "context/ended_before_the_call",
			Statement: "With a context that was cancelled or whose deadline has passed, every method of the store returns " +
				"the context's error and writes nothing.",
			Contract: onContext,
			check:    contextEndedBefore,
		},
		{
			Name: "context/ended_calls_hold_no_lock",
			Statement: "After calls with ended contexts the same calls succeed with a live one: no lock, transaction or " +
				"connection is left.",
			Contract: onContext,
			check:    endedCallsLeaveNothing,
		},
		{
			Name:      "context/connections_are_released",
			Statement: "When all calls have returned, also those with ended contexts, no connection is in use.",
			Contract:  onContext,
			check:     connectionsAreGivenBack,
			Level:     Optional,
		},
	}
}

// endedContexts have ended before they are used, one for each reason.
func (p *probe) endedContexts() []context.Context {
	cancelled, cancel := context.WithCancel(p.ctx)
	cancel()
	afterCancel, cancel := context.WithDeadline(p.ctx, time.Unix(0, 0))
	cancel()
	return []context.Context{cancelled, afterCancel}
}

// storeCall is a call of a method of the store.
type storeCall struct {
	name string
	call func(ctx context.Context, s assignment.Store) error
}

// storeCalls lists a call of each method. All of them would succeed.
func (p *probe) storeCalls(open assignment.Assignment) []storeCall {
	calls := []storeCall{
		{"Create", func(ctx context.Context, s assignment.Store) error {
			_, err := s.Create(ctx, p.candidate(p.newKey()))
			return err
		}},
		{"Update", func(ctx context.Context, s assignment.Store) error {
			_, err := s.Update(ctx, open.ID, assignment.Change{To: p.firstStep(), At: p.clock.Now()})
			return err
		}},
		{"Get", func(ctx context.Context, s assignment.Store) error {
			_, err := s.Get(ctx, open.ID)
			return err
		}},
		{"FindActive", func(ctx context.Context, s assignment.Store) error {
			_, err := s.FindActive(ctx, open.Key)
			return err
		}},
		{"List", func(ctx context.Context, s assignment.Store) error {
			_, err := s.List(ctx, assignment.Query{Limit: 10})
			return err
		}},
		{"Count", func(ctx context.Context, s assignment.Store) error {
			_, err := s.Count(ctx, assignment.Query{})
			return err
		}},
	}
	if p.has(AbilityReplace) {
		calls = append(calls, storeCall{"Replace", func(ctx context.Context, s assignment.Store) error {
			_, err := p.storeReplace(ctx, s, p.candidate(p.newKey()), p.terminal())
			return err
		}})
	}
	if p.has(AbilityBatch) {
		calls = append(calls, p.batchCalls()...)
	}
	return calls
}

func contextEndedBefore(p *probe) {
	open := p.newRow()
	p.clock.tick()
	for _, ctx := range p.endedContexts() {
		p.changesNothing("calls with an ended context", func() {
			for _, c := range p.storeCalls(open) {
				p.wantError("Store."+c.name+" with an ended context", c.call(ctx, p.store), ctx.Err())
			}
		})
	}
}

func endedCallsLeaveNothing(p *probe) {
	for _, ctx := range p.endedContexts() {
		for i := range 2 {
			open := p.newRow()
			for _, c := range p.storeCalls(open) {
				_ = c.call(ctx, p.handleStore(i))
			}
			p.holds(open)
			p.stored(p.move(open, p.firstStep()))
			p.holds(p.newRow())
		}
	}
}

func connectionsAreGivenBack(p *probe) {
	if p.backend.Connections == nil {
		p.skipf("the harness does not count connections: Backend.Connections is nil")
	}
	open := p.newRow()
	p.callsWithDeadlines(p.ctx, open)
	p.awaitNoConnections()
}

// awaitNoConnections waits, since a pool may need a moment to clean up after a cancelled
// call.
func (p *probe) awaitNoConnections() {
	if !p.eventually(func() bool { return p.backend.Connections() == 0 }) {
		p.failf("%d connections are still in use %v after all calls have returned", p.backend.Connections(), p.harness.Timeout)
	}
}
