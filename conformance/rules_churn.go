package conformance

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/assignment-go/assignment"
)

func churnRules() []Rule {
	return []Rule{
		{
			Name:      "race/create_and_complete_churn",
			Statement: "While callers create on one key and complete what they created, each holder is alone for as long as it is active.",
			Contract:  onPromise,
			check:     createAndCompleteChurn,
		},
		{
			Name:      "race/no_moment_with_two",
			Statement: "Whoever lists or counts one key while others create and complete never sees two active rows.",
			Contract:  onPromise,
			check:     noMomentWithTwo,
		},
		{
			Name:      "race/cancelled_callers",
			Statement: "Callers whose contexts end while they compete never leave a second active row or a stuck slot.",
			Contract:  onTruth,
			check:     cancelledCallers,
		},
	}
}

// churn creates on the key and, when it succeeded, ends the assignment again.
func (p *probe) churn(s *assignment.Service, k assignment.Key, whileHeld func(assignment.Assignment)) bool {
	var a assignment.Assignment
	params := p.params(k)
	err := p.settled(func() (err error) {
		a, err = s.Create(p.ctx, params)
		return err
	})
	if errors.Is(err, assignment.ErrActiveExists) {
		return false
	}
	p.ok("create", err)
	whileHeld(a)
	for _, step := range pathTo(p.lifecycle, p.terminal()) {
		p.ok("complete one's own assignment", p.settled(func() error {
			_, err := s.Transition(p.ctx, a.ID, step)
			return err
		}))
	}
	return true
}

// createAndCompleteChurn counts the holders on the outside: between the return
// of Create and the call that completes, the slot is this caller's alone.
func createAndCompleteChurn(p *probe) {
	k := p.newKey()
	var holders, created atomic.Int64
	p.together(8, func(i int) {
		for range 30 {
			held := p.churn(p.handle(i), k, func(a assignment.Assignment) {
				if n := holders.Add(1); n > 1 {
					p.failf("%d callers hold one slot at the same time, one of them with %q", n, a.ID)
				}
				p.same("the holder while it is active", p.mustFind(k), a)
				holders.Add(-1)
			})
			if held {
				created.Add(1)
			}
		}
	})
	p.wantCount(assignment.Query{AssigneeID: k.AssigneeID}, int(created.Load()))
	p.free(k)
}

func (p *probe) mustFind(k assignment.Key) assignment.Assignment {
	a, err := p.service.FindActive(p.ctx, k)
	p.ok("find the holder while it is active", err)
	return a
}

func noMomentWithTwo(p *probe) {
	k := p.newKey()
	p.together(8, func(i int) {
		for range 30 {
			if i%4 != 3 {
				p.churn(p.handle(i), k, func(assignment.Assignment) {})
				continue
			}
			p.atMostOneActive(k)
			n, err := p.handle(i/4).Count(p.ctx, activeOn(k))
			p.ok("count", err)
			if n > 1 {
				p.failf("a reader counted %d active rows on one key", n)
			}
		}
	})
}

func cancelledCallers(p *probe) {
	p.rounds(raceRounds, func() {
		k := p.newKey()
		ctx, cancel := context.WithCancel(p.ctx)
		defer cancel()
		errs := make([]error, 8)
		params := make([]assignment.CreateParams, len(errs))
		p.together(len(errs), func(i int) {
			params[i] = p.params(k)
			if i == 3 {
				cancel()
			}
			_, errs[i] = p.handle(i).Create(ctx, params[i])
		})
		p.atMostOneActive(k)
		for i, err := range errs {
			p.cancelledTruth(params[i], err)
		}
		result, err := p.service.Ensure(p.ctx, p.params(k))
		p.ok("ensure after the cancelled callers", err)
		p.holds(result.Assignment)
	})
}

// cancelledTruth wants the row to exist exactly when the caller may conclude so.
func (p *probe) cancelledTruth(params assignment.CreateParams, err error) {
	if errors.Is(err, assignment.ErrActiveExists) {
		err = context.Canceled // it was certain that nothing was written, too
	}
	done, known := p.certain(err, params.ID)
	_, getErr := p.other.Get(p.ctx, params.ID)
	if written := getErr == nil; known && written != done {
		p.failf("create returned %s, but that the row exists is %t", outcome(err), written)
	}
}
