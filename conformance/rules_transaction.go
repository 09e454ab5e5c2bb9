package conformance

import (
	"context"
	"errors"
	"time"

	"github.com/assignment-go/assignment"
)

func transactionRules() []Rule {
	rules := []Rule{
		{
			Name: "transaction/holder_rolls_back",
			Statement: "A caller that creates while an uncommitted row holds the slot gets the slot when that row is rolled " +
				"back: there is no conflict with a row that was never committed.",
			Contract: onConflict,
			check:    winnerRollsBack,
		},
		{
			Name:      "transaction/holder_commits",
			Statement: "A caller that creates while an uncommitted row holds the slot gets a conflict with that row when it is committed.",
			Contract:  onConflict,
			check:     winnerCommits,
		},
		{
			Name: "transaction/completion_commits",
			Statement: "Callers that create while the completion of the holder is uncommitted get a conflict with the holder " +
				"or wait; of those that wait one gets the slot.",
			Contract: onPromise,
			check:    completionCommits,
		},
		{
			Name:      "transaction/completion_rolls_back",
			Statement: "A completion that is rolled back does not free the slot.",
			Contract:  onPromise,
			check:     completionRollsBack,
		},
	}
	for i := range rules {
		rules[i].Level = Optional
	}
	return rules
}

// openTx begins a transaction of the host, with a service in it.
func (p *probe) openTx() (Tx, *assignment.Service) {
	if p.backend.Begin == nil {
		p.skipf("the harness can't begin transactions: Backend.Begin is nil")
	}
	tx, err := p.begin()
	p.ok("begin a transaction", err)
	tx = p.calls.tx(tx)
	return tx, p.serve(tx.Store)
}

func (p *probe) begin() (Tx, error) {
	defer p.calls.enter("Backend.Begin")()
	return p.backend.Begin(p.ctx)
}

const waiters = 4

// whileOpen lets callers create on the key while a transaction is open, and ends it after a
// pause in which they can start to wait.
func (p *probe) whileOpen(k assignment.Key, pause time.Duration, end func(context.Context) error) attempts {
	all := make(attempts, waiters)
	params := make([]assignment.CreateParams, waiters)
	p.together(waiters+1, func(i int) {
		if i == waiters {
			time.Sleep(pause)
			p.ok("end the transaction", end(p.ctx))
			return
		}
		params[i] = p.params(k)
		all[i].result.Assignment, all[i].err = p.handle(i).Create(p.ctx, params[i])
	})
	for i, a := range all {
		if errors.Is(a.err, assignment.ErrContended) { // the driver did not wait
			all[i].result.Assignment, all[i].err = p.handle(i).Create(p.ctx, params[i])
		}
	}
	return all
}

// pauses are how long the transaction stays open after the callers have started.
func pauses() []time.Duration {
	return []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond}
}

func winnerRollsBack(p *probe) {
	for _, pause := range pauses() {
		tx, inside := p.openTx()
		lost, err := inside.Create(p.ctx, p.params(p.newKey()))
		p.ok("create in a transaction", err)
		p.oneHolder(p.whileOpen(lost.Key, pause, tx.Rollback))
		_, err = p.other.Get(p.ctx, lost.ID)
		p.wantError("get the row that was rolled back", err, assignment.ErrNotFound)
	}
}

func winnerCommits(p *probe) {
	for _, pause := range pauses() {
		tx, inside := p.openTx()
		winner, err := inside.Create(p.ctx, p.params(p.newKey()))
		p.ok("create in a transaction", err)
		for _, a := range p.whileOpen(winner.Key, pause, tx.Commit) {
			p.conflict("create before a transaction commits", a.err, winner)
		}
		p.holds(winner)
	}
}

// completeInTx completes a holder in a transaction that it leaves open.
func (p *probe) completeInTx() (tx Tx, holder, completed assignment.Assignment) {
	path := pathTo(p.lifecycle, p.terminal())
	holder = p.newRow()
	for _, step := range path[:len(path)-1] {
		holder = p.move(holder, step)
	}
	p.clock.tick()
	tx, inside := p.openTx()
	completed, err := inside.Transition(p.ctx, holder.ID, path[len(path)-1])
	p.ok("complete in a transaction", err)
	return tx, holder, completed
}

func completionCommits(p *probe) {
	for _, pause := range pauses() {
		tx, holder, completed := p.completeInTx()
		all := p.whileOpen(holder.Key, pause, tx.Commit)
		p.stored(completed)
		p.creatorsBeside(all, holder)
	}
}

// creatorsBeside wants at most one winner among callers that create while the holder is
// completed, and conflicts of the others with the holder or the winner.
func (p *probe) creatorsBeside(all attempts, holder assignment.Assignment) {
	won := all.successes()
	if len(won) > 1 || len(all.failedWith(assignment.ErrActiveExists)) != len(all)-len(won) {
		p.failf("of %d callers that create while the holder is completed: %v; want at most 1 × success, else conflict", len(all), all)
	}
	winner := holder
	if len(won) == 1 {
		winner = won[0].result.Assignment
		p.holds(winner)
	} else {
		p.free(holder.Key)
	}
	for _, a := range all.failedWith(assignment.ErrActiveExists) {
		existing := holder
		if conflict, ok := errors.AsType[*assignment.ActiveExistsError](a.err); ok && conflict.Existing.ID == winner.ID {
			existing = winner
		}
		p.conflict("create while the holder is completed", a.err, existing)
	}
}

func completionRollsBack(p *probe) {
	for _, pause := range pauses() {
		tx, holder, _ := p.completeInTx()
		for _, a := range p.whileOpen(holder.Key, pause, tx.Rollback) {
			p.conflict("create before a completion is rolled back", a.err, holder)
		}
		p.holds(holder)
	}
}
