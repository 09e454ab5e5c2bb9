package conformance

import (
	"errors"

	"github.com/assignment-go/assignment"
)

// raceRounds is how often each race is repeated: often enough to catch a driver with the
// check-then-create race, and not too often for a database.
const raceRounds = 25

func createRaceRules() []Rule {
	return []Rule{
		{
			Name: "race/ten_callers_one_key",
			Statement: "Of ten concurrent callers on one key exactly one creates, nine get a conflict with its row, and " +
				"exactly one row is active.",
			Contract: onPromise,
			check:    tenCallersOneKey,
		},
		{
			Name:      "race/thirty_two_callers_two_handles",
			Statement: "Of 32 concurrent callers on two handles exactly one creates, and the others get a conflict with its row.",
			Contract:  onPromise,
			check:     manyCallersTwoHandles,
		},
		{
			Name: "race/one_id_many_callers",
			Statement: "Of concurrent callers with the same request one creates and the others are replayed; none gets a " +
				"conflict.",
			Contract: onReplay,
			needs:    []Ability{AbilityClientIDs},
			check:    oneIDManyCallers,
		},
		{
			Name:      "race/ensure",
			Statement: "Concurrent callers of Ensure on one key all get the same row, and exactly one of them has created it.",
			Contract:  onEnsure,
			check:     ensureBurst,
		},
		{
			Name: "race/one_id_two_keys",
			Statement: "Of concurrent callers with one ID on two keys, all on one key succeed and all on the other fail " +
				"with ErrIDReused.",
			Contract: onReuse,
			needs:    []Ability{AbilityClientIDs},
			check:    oneIDTwoKeys,
		},
		{
			Name:      "race/independent_keys",
			Statement: "Concurrent callers on different keys never conflict.",
			Contract:  onPromise,
			check:     independentKeys,
		},
	}
}

func tenCallersOneKey(p *probe) {
	p.rounds(raceRounds, func() { p.oneWins(10, func(int) *assignment.Service { return p.service }) })
}

func manyCallersTwoHandles(p *probe) {
	p.rounds(raceRounds, func() { p.oneWins(32, p.handle) })
}

// oneWins lets n callers create on one key, and wants one winner and conflicts with its row.
func (p *probe) oneWins(n int, handle func(i int) *assignment.Service) {
	k := p.newKey()
	all := p.burst(n, func(i int, _ *assignment.Service) (assignment.Result, error) {
		a, err := handle(i).Create(p.ctx, p.params(k))
		return assignment.Result{Assignment: a}, err
	})
	won := all.successes()
	if len(won) != 1 || len(all.failedWith(assignment.ErrActiveExists)) != n-1 {
		p.failf("of %d concurrent callers on one key: %v; want 1 × success, %d × conflict", n, all, n-1)
	}
	winner := won[0].result.Assignment
	for _, a := range all.failedWith(assignment.ErrActiveExists) {
		p.conflict("a caller that did not win", a.err, winner)
	}
	p.same("the active row", p.oneActive(k), winner)
	p.wantCount(assignment.Query{AssigneeID: k.AssigneeID}, 1)
}

func oneIDManyCallers(p *probe) {
	p.rounds(raceRounds, func() {
		params := p.params(p.newKey())
		want := p.expected(params)
		all := p.burst(16, func(_ int, s *assignment.Service) (assignment.Result, error) {
			return s.Ensure(p.ctx, params)
		})
		if len(all.with(assignment.OutcomeCreated)) != 1 || len(all.with(assignment.OutcomeReplayed)) != len(all)-1 {
			p.failf("of %d callers with one ID: %v; want 1 × created, %d × replayed", len(all), all, len(all)-1)
		}
		for _, a := range all {
			p.same("the row of each caller", a.result.Assignment, want)
		}
		p.holds(want)
	})
}

func ensureBurst(p *probe) {
	p.rounds(raceRounds, func() {
		k := p.newKey()
		all := p.burst(16, func(_ int, s *assignment.Service) (assignment.Result, error) {
			return s.Ensure(p.ctx, p.params(k))
		})
		won := all.with(assignment.OutcomeCreated)
		if len(won) != 1 || len(all.with(assignment.OutcomeExisting)) != len(all)-1 {
			p.failf("of %d callers of Ensure: %v; want 1 × created, %d × existing", len(all), all, len(all)-1)
		}
		for _, a := range all {
			p.same("the row of each caller", a.result.Assignment, won[0].result.Assignment)
		}
		p.oneActive(k)
	})
}

func oneIDTwoKeys(p *probe) {
	p.rounds(raceRounds, func() {
		params := p.params(p.newKey())
		keys := []assignment.Key{params.Key, p.newKey()}
		all := p.burst(12, func(i int, s *assignment.Service) (assignment.Result, error) {
			existing := params
			existing.Key = keys[i/6]
			return s.Ensure(p.ctx, existing)
		})
		if len(all.with(assignment.OutcomeCreated)) != 1 || len(all.with(assignment.OutcomeReplayed)) != 5 ||
			len(all.failedWith(assignment.ErrIDReused)) != 6 {
			p.failf("of 6 callers on each of two keys with one ID: %v; want 1 × created, 5 × replayed, 6 × reused", all)
		}
		p.wantCount(assignment.Query{AssigneeID: keys[0].AssigneeID}, p.countOf(all[:6]))
		p.wantCount(assignment.Query{AssigneeID: keys[1].AssigneeID}, p.countOf(all[6:]))
	})
}

// countOf is how many rows the callers have created.
func (p *probe) countOf(all attempts) int { return len(all.with(assignment.OutcomeCreated)) }

func independentKeys(p *probe) {
	p.rounds(raceRounds, func() {
		keys := crossed(p.newKey(), p.newKey())
		p.together(len(keys), func(i int) {
			_, err := p.handle(i).Create(p.ctx, p.params(keys[i]))
			if errors.Is(err, assignment.ErrActiveExists) {
				p.failf("create on a key that no other caller uses: %v", err)
			}
			p.ok("create on a key that no other caller uses", err)
		})
	})
}
