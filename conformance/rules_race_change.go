package conformance

import (
	"errors"

	"github.com/assignment-go/assignment"
)

func changeRaceRules() []Rule {
	return []Rule{
		{
			Name: "race/reopen_against_create",
			Statement: "Of concurrent callers that reopen or create on one key exactly one gets the slot, and the others " +
				"get a conflict with its row.",
			Contract:    onUpdateConflict,
			needs:       []Ability{reopening},
			everyPolicy: true,
			check:       reopenAgainstCreate,
		},
		{
			Name:      "race/reopen_against_reopen",
			Statement: "Of several terminal assignments of one key that are reopened concurrently exactly one gets the slot.",
			Contract:  onUpdateConflict,
			needs:     []Ability{reopening},
			check:     reopenAgainstReopen,
		},
		{
			Name: "race/reassign_against_create",
			Statement: "Of concurrent callers that reassign to an assignee or create for the same one exactly one gets the " +
				"slot.",
			Contract: onUpdateConflict,
			needs:    []Ability{AbilityReassign},
			check:    reassignAgainstCreate,
		},
		{
			Name: "race/reassign_crosswise",
			Statement: "When two assignments are concurrently reassigned to each other's assignee, both calls return a " +
				"conflict.",
			Contract: onPromise,
			needs:    []Ability{AbilityReassign},
			check:    reassignCrosswise,
		},
		{
			Name: "race/same_version_updates",
			Statement: "Of concurrent callers that change an assignment with the same IfVersion exactly one succeeds, and " +
				"the others fail with ErrStale.",
			Contract: onStale,
			needs:    []Ability{AbilityIfVersion},
			check:    sameVersionUpdates,
		},
		{
			Name:      "race/same_change",
			Statement: "Concurrent callers that make the same change all succeed, and it is made once: the version rises by one.",
			Contract:  onUpdateNoOp,
			check:     sameChange,
		},
	}
}

// oneGets runs callers that compete for the slot of k and wants one winner. Callers with
// even and odd numbers may make different calls; both use both handles.
func (p *probe) oneGets(n int, k assignment.Key, call func(i int, s *assignment.Service) (assignment.Assignment, error)) {
	all := make(attempts, n)
	p.together(n, func(i int) {
		err := p.retryContended(func() error {
			a, err := call(i, p.handle(i/2))
			all[i].result = assignment.Result{Assignment: a}
			return err
		})
		all[i].err = err
	})
	won := all.successes()
	if len(won) != 1 || len(all.failedWith(assignment.ErrActiveExists)) != n-1 {
		p.failf("of %d callers that compete for one slot: %v; want 1 × success, %d × conflict", n, all, n-1)
	}
	winner := won[0].result.Assignment
	for _, a := range all.failedWith(assignment.ErrActiveExists) {
		p.conflict("a caller that did not win", a.err, winner)
	}
	p.same("the active row", p.oneActive(k), winner)
}

func reopenAgainstCreate(p *probe) {
	p.rounds(raceRounds, func() {
		k := p.newKey()
		closed := p.closedTimes(4, k)
		p.oneGets(8, k, func(i int, s *assignment.Service) (assignment.Assignment, error) {
			if i%2 == 0 {
				return s.Create(p.ctx, p.params(k))
			}
			return s.Reopen(p.ctx, closed[i/2].ID)
		})
	})
}

// closedTimes gives the key a history of n rows.
func (p *probe) closedTimes(n int, k assignment.Key) []assignment.Assignment {
	closed := make([]assignment.Assignment, n)
	for i := range closed {
		closed[i] = p.closed(k)
	}
	return closed
}

func reopenAgainstReopen(p *probe) {
	p.rounds(raceRounds, func() {
		k := p.newKey()
		closed := p.closedTimes(6, k)
		p.oneGets(len(closed), k, func(i int, s *assignment.Service) (assignment.Assignment, error) {
			return s.Reopen(p.ctx, closed[i].ID)
		})
	})
}

func reassignAgainstCreate(p *probe) {
	p.rounds(raceRounds, func() {
		k := p.newKey()
		others := make([]assignment.Assignment, 0, 4)
		for range cap(others) {
			others = append(others, p.holder(assignment.Key{AssigneeID: p.newKey().AssigneeID, SubjectID: k.SubjectID}))
		}
		p.oneGets(8, k, func(i int, s *assignment.Service) (assignment.Assignment, error) {
			if i%2 == 0 {
				return s.Create(p.ctx, p.params(k))
			}
			return s.Reassign(p.ctx, others[i/2].ID, k.AssigneeID)
		})
	})
}

func reassignCrosswise(p *probe) {
	p.rounds(raceRounds, func() {
		k := p.newKey()
		a := p.holder(k)
		b := p.holder(assignment.Key{AssigneeID: p.newKey().AssigneeID, SubjectID: k.SubjectID})
		pair := []assignment.Assignment{a, b}
		p.together(2, func(i int) {
			err := p.retryContended(func() error {
				_, err := p.handle(i).Reassign(p.ctx, pair[i].ID, pair[1-i].Key.AssigneeID)
				return err
			})
			p.wantError("reassign crosswise", err, assignment.ErrActiveExists)
		})
		p.holds(a)
		p.holds(b)
	})
}

func sameVersionUpdates(p *probe) {
	p.rounds(raceRounds, func() {
		a := p.newRow()
		all := p.burst(10, func(_ int, s *assignment.Service) (assignment.Result, error) {
			changed, err := s.Transition(p.ctx, a.ID, p.firstStep(), assignment.IfVersion(a.Version))
			return assignment.Result{Assignment: changed}, err
		})
		if len(all.successes()) != 1 || len(all.failedWith(assignment.ErrStale)) != len(all)-1 {
			p.failf("of %d callers with the same version: %v; want 1 × success, %d × stale", len(all), all, len(all)-1)
		}
		p.stored(all.successes()[0].result.Assignment)
	})
}

func sameChange(p *probe) {
	p.rounds(raceRounds, func() {
		a := p.newRow()
		p.together(10, func(i int) {
			err := p.retryContended(func() error {
				changed, err := p.handle(i).Transition(p.ctx, a.ID, p.firstStep())
				if err == nil {
					p.wantVersion(changed, a.Version+1)
				}
				return err
			})
			if errors.Is(err, assignment.ErrTransition) {
				p.failf("a caller that made the same change later was rejected: %v", err)
			}
			p.ok("make the same change", err)
		})
	})
}
