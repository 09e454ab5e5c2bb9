package conformance

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"

	"github.com/assignment-go/assignment"
)

func churnRules() []Rule {
	return []Rule{
		{
			Name: "race/create_and_complete",
			Statement: "While callers create on one key and complete what they created, no two of them hold the slot at " +
				"the same time.",
			Contract: onPromise,
			check:    createAndCompleteChurn,
		},
		{
			Name:      "race/never_two_active_rows",
			Statement: "A reader that lists or counts one key while others create and complete never sees two active rows.",
			Contract:  onPromise,
			check:     neverTwoActive,
		},
		{
			Name:      "race/cancelled_callers",
			Statement: "Callers whose contexts end while they compete leave no second active row and no locked slot.",
			Contract:  onCancellation,
			check:     cancelledCallers,
		},
	}
}

// churn creates on the key and, if it succeeds, completes the assignment.
func (p *probe) churn(s *assignment.Service, k assignment.Key, whileHeld func(assignment.Assignment)) bool {
	var a assignment.Assignment
	params := p.params(k)
	err := p.retryContended(func() (err error) {
		a, err = s.Create(p.ctx, params)
		return err
	})
	if errors.Is(err, assignment.ErrActiveExists) {
		return false
	}
	p.ok("create", err)
	whileHeld(a)
	for _, step := range pathTo(p.lifecycle, p.terminal()) {
		p.ok("complete the created assignment", p.retryContended(func() error {
			_, err := s.Transition(p.ctx, a.ID, step)
			return err
		}))
	}
	return true
}

func createAndCompleteChurn(p *probe) {
	p.rounds(5, func() { p.countedChurn(p.newKey()) })
}

// countedChurn counts the holders outside the driver: between the return of Create and the
// call that completes, only this caller holds the slot.
func (p *probe) countedChurn(k assignment.Key) {
	var holders, created atomic.Int64
	p.together(8, func(i int) {
		for range 10 {
			held := p.churn(p.handle(i), k, func(a assignment.Assignment) {
				if n := holders.Add(1); n > 1 {
					p.failf("%d callers hold one slot at the same time, one of them as %q", n, a.ID)
				}
				p.yieldRepeatedly()
				p.same("the holder while it is active", p.oneActive(k), a)
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

// yieldRepeatedly lets other callers run while this one holds the slot.
func (p *probe) yieldRepeatedly() {
	for range 10 {
		runtime.Gosched()
	}
}

func neverTwoActive(p *probe) {
	p.rounds(5, func() { p.watchedChurn(p.newKey()) })
}

// watchedChurn lets two readers read for as long as six writers are running.
func (p *probe) watchedChurn(k assignment.Key) {
	var writing atomic.Int64
	writing.Store(6)
	p.together(8, func(i int) {
		if i >= 6 {
			for writing.Load() > 0 {
				p.seesAtMostOne(p.handle(i), k)
				runtime.Gosched() // with one processor the writers would starve
			}
			return
		}
		defer writing.Add(-1)
		for range 10 {
			p.churn(p.handle(i), k, func(assignment.Assignment) { p.yieldRepeatedly() })
		}
	})
}

func (p *probe) seesAtMostOne(s *assignment.Service, k assignment.Key) {
	if active := p.list(s, activeOn(k)); len(active) > 1 {
		p.failf("a reader saw %d active rows on one key: %q", len(active), ids(active))
	}
	n, err := s.Count(p.ctx, activeOn(k))
	p.ok("count", err)
	if n > 1 {
		p.failf("a reader counted %d active rows on one key", n)
	}
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
		p.seesAtMostOne(p.other, k)
		for i, err := range errs {
			if !errors.Is(err, assignment.ErrActiveExists) {
				p.rowExistsAsReported(params[i], err)
			}
		}
		result, err := p.service.Ensure(p.ctx, p.params(k))
		p.ok("ensure after the cancelled callers", err)
		p.holds(result.Assignment)
	})
}
