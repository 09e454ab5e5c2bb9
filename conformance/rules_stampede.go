package conformance

import (
	"slices"

	"github.com/assignment-go/assignment"
)

func stampedeRules() []Rule {
	return []Rule{
		{
			Name: "stampede/create",
			Statement: "Of callers that create on many keys in lockstep, each time exactly one creates and the others get a " +
				"conflict with its row.",
			Contract: onPromise,
			check:    createStampede,
		},
		{
			Name: "stampede/one_id",
			Statement: "Of callers that send the same requests in lockstep, each time one creates and the others are " +
				"replayed.",
			Contract: onReplay,
			needs:    []Ability{AbilityClientIDs},
			check:    oneIDStampede,
		},
		{
			Name: "stampede/complete",
			Statement: "Of callers that create while the holder is completed at most one gets the slot; the others get a " +
				"conflict with the active row of the holder, or of the winner.",
			Contract: onConflict,
			check:    completeStampede,
		},
		{
			Name:      "stampede/reopen",
			Statement: "Of several closed assignments of a key that are reopened in lockstep, each time exactly one gets the slot.",
			Contract:  onUpdateConflict,
			needs:     []Ability{reopening},
			check:     reopenStampede,
		},
		{
			Name:      "stampede/reassign",
			Statement: "Of several assignments that are reassigned to one assignee in lockstep, each time exactly one gets the slot.",
			Contract:  onUpdateConflict,
			needs:     []Ability{AbilityReassign},
			check:     reassignStampede,
		},
		{
			Name:      "stampede/same_version",
			Statement: "Of callers that change an assignment with the same IfVersion in lockstep, each time exactly one succeeds.",
			Contract:  onStale,
			needs:     []Ability{AbilityIfVersion},
			check:     sameVersionStampede,
		},
		{
			Name:      "stampede/replace",
			Statement: "Callers of Replace in lockstep all succeed, one after the other, and one row is active at the end.",
			Contract:  onReplace,
			needs:     []Ability{AbilityReplace},
			check:     replaceStampede,
		},
	}
}

// oneWinner wants one success, and failures of the others with the target.
func (p *probe) oneWinner(all attempts, target error) assignment.Assignment {
	won := all.successes()
	if len(won) != 1 || len(all.failedWith(target)) != len(all)-1 {
		want := attempt{err: target}
		p.failf("of %d callers that compete: %v; want 1 × success, %d × %s", len(all), all, len(all)-1, want.kind())
	}
	return won[0].result.Assignment
}

// oneHolder wants one success, whose row is the active one, and conflicts of the others with
// it.
func (p *probe) oneHolder(all attempts) {
	winner := p.oneWinner(all, assignment.ErrActiveExists)
	for _, a := range all.failedWith(assignment.ErrActiveExists) {
		p.conflict("a caller that did not win", a.err, winner)
	}
	p.same("the active row", p.oneActive(winner.Key), winner)
}

func createStampede(p *probe) {
	p.stampede(func() race {
		params := p.requests(p.newKey())
		return race{
			call: func(i int, s *assignment.Service) (assignment.Result, error) {
				a, err := s.Create(p.ctx, params[i])
				return assignment.Result{Assignment: a}, err
			},
			check: p.oneHolder,
		}
	})
}

// requests makes a request for each caller.
func (p *probe) requests(k assignment.Key) []assignment.CreateParams {
	all := make([]assignment.CreateParams, stampedeCallers)
	for i := range all {
		all[i] = p.params(k)
	}
	return all
}

func oneIDStampede(p *probe) {
	p.stampede(func() race {
		params := p.params(p.newKey())
		return race{
			call: func(_ int, s *assignment.Service) (assignment.Result, error) { return s.Ensure(p.ctx, params) },
			check: func(all attempts) {
				if len(all.with(assignment.OutcomeCreated)) != 1 || len(all.with(assignment.OutcomeReplayed)) != len(all)-1 {
					p.failf("of %d callers with one ID in lockstep: %v; want 1 × created, %d × replayed", len(all), all, len(all)-1)
				}
			},
		}
	})
}

func completeStampede(p *probe) {
	const completer = stampedeCallers / 2
	path := pathTo(p.lifecycle, p.terminal())
	p.stampede(func() race {
		holder := p.newRow()
		for _, step := range path[:len(path)-1] {
			holder = p.move(holder, step)
		}
		params := p.requests(holder.Key)
		return race{
			call: func(i int, s *assignment.Service) (r assignment.Result, err error) {
				if i == completer {
					r.Assignment, err = s.Transition(p.ctx, holder.ID, path[len(path)-1])
				} else {
					r.Assignment, err = s.Create(p.ctx, params[i])
				}
				return r, err
			},
			check: func(all attempts) {
				p.ok("complete the holder", all[completer].err)
				p.creatorsBeside(slices.Delete(all, completer, completer+1), holder)
			},
		}
	})
}

// contenders is how many existing rows compete for a slot.
const contenders = 4

func reopenStampede(p *probe) {
	p.stampede(func() race {
		k := p.newKey()
		closed := p.closedTimes(contenders, k)
		return race{
			call: func(i int, s *assignment.Service) (assignment.Result, error) {
				a, err := s.Reopen(p.ctx, closed[i%contenders].ID)
				return assignment.Result{Assignment: a}, err
			},
			check: func(all attempts) { p.oneContenderWins(all, k) },
		}
	})
}

// oneContenderWins wants all callers for one row to succeed, and conflicts of the others with
// that row. The later callers for the winner find the change already made.
func (p *probe) oneContenderWins(all attempts, k assignment.Key) {
	holder := p.oneActive(k)
	for i, a := range all {
		won := a.err == nil && a.result.Assignment.ID == holder.ID
		lost := a.err != nil && len(all[i:i+1].failedWith(assignment.ErrActiveExists)) == 1
		if !won && !lost {
			p.failf("caller %d of %d that compete for one slot: %s, want success or a conflict with %q", i+1, len(all), outcome(a.err), holder.ID)
		}
		if lost {
			p.conflict("a caller that did not win", a.err, holder)
		}
	}
	if len(all.successes()) != len(all)/contenders {
		p.failf("of %d callers for %d rows: %v; want those for one row to succeed", len(all), contenders, all)
	}
}

func reassignStampede(p *probe) {
	p.stampede(func() race {
		k := p.newKey()
		others := make([]assignment.Assignment, contenders)
		for i := range others {
			others[i] = p.holder(assignment.Key{AssigneeID: p.newKey().AssigneeID, SubjectID: k.SubjectID})
		}
		return race{
			call: func(i int, s *assignment.Service) (assignment.Result, error) {
				a, err := s.Reassign(p.ctx, others[i%contenders].ID, k.AssigneeID)
				return assignment.Result{Assignment: a}, err
			},
			check: func(all attempts) { p.oneContenderWins(all, k) },
		}
	})
}

func sameVersionStampede(p *probe) {
	to := p.firstStep()
	p.stampede(func() race {
		a := p.newRow()
		return race{
			call: func(_ int, s *assignment.Service) (assignment.Result, error) {
				changed, err := s.Transition(p.ctx, a.ID, to, assignment.IfVersion(a.Version))
				return assignment.Result{Assignment: changed}, err
			},
			check: func(all attempts) { p.oneWinner(all, assignment.ErrStale) },
		}
	})
}

func replaceStampede(p *probe) {
	p.stampede(func() race {
		k := p.newKey()
		params := p.requests(k)
		return race{
			call: func(i int, s *assignment.Service) (assignment.Result, error) { return p.replace(p.ctx, s, params[i]) },
			check: func(all attempts) {
				if len(all.successes()) != len(all) {
					p.failf("of %d callers that replace in lockstep: %v; want all to succeed", len(all), all)
				}
				p.oneActive(k)
				p.wantCount(assignment.Query{AssigneeID: k.AssigneeID}, len(all))
			},
		}
	})
}
