package conformance

import (
	"errors"

	"github.com/assignment-go/assignment"
)

func newIDRules() []Rule {
	return withNeed(AbilityClientIDs, []Rule{
		{
			Name:      "newid/creates_like_create",
			Statement: "CreateNew on a free slot stores the row as given, and the row holds the slot.",
			Contract:  onCreateNew,
			check:     newIDCreates,
		},
		{
			Name: "newid/conflict_returns_the_holder",
			Statement: "CreateNew on a taken slot fails with the current row of the holder, on either handle, and writes " +
				"nothing.",
			Contract:    onCreateNew,
			everyPolicy: true,
			check:       newIDConflicts,
		},
		{
			Name: "newid/used_id_behaves_like_create",
			Statement: "CreateNew under an ID in use returns the row of the same request, fails with ErrIDReused for " +
				"another request, or conflicts with another holder of the slot. It never writes.",
			Contract: onCreateNew,
			check:    newIDIsUsed,
		},
		{
			Name: "newid/race_for_a_slot",
			Statement: "Of callers of CreateNew and Create on one key, exactly one creates and the others get its row, also " +
				"when the slot is repeatedly freed and taken.",
			Contract: onPromise,
			check:    newIDRace,
		},
	})
}

// createNew is what Service calls for an ID that it made.
func (p *probe) createNew(handle int, a assignment.Assignment) (assignment.Result, error) {
	store := p.store
	if handle%2 == 1 {
		store = p.second
	}
	creator, ok := store.(assignment.NewIDCreator)
	if !ok {
		return store.Create(p.ctx, a)
	}
	return creator.CreateNew(p.ctx, a)
}

// enough is how many rows it takes until a driver that adapts to recent outcomes has
// adapted.
const enough = 80

func newIDCreates(p *probe) {
	for i := range enough {
		want := p.candidate(p.newKey())
		result, err := p.createNew(i, want)
		p.same("the created row", p.created("create under a new ID", result, err), want)
		p.holds(want)
		p.stored(want)
	}
}

func newIDConflicts(p *probe) {
	for _, status := range reachable(p.lifecycle) {
		if p.lifecycle.IsTerminal(status) {
			continue
		}
		holder := p.moveTo(p.newRow(), status)
		for i := range 4 {
			p.changesNothing("create under a new ID on a taken slot", func() {
				_, err := p.createNew(i, p.candidate(holder.Key))
				p.conflict("create under a new ID on a taken slot", err, holder)
			})
		}
	}
}

func newIDIsUsed(p *probe) {
	existing := p.candidate(p.newKey())
	result, err := p.store.Create(p.ctx, existing)
	p.wantUsedID(existing, p.created("create", result, err))
	now := p.moveTo(existing, p.terminal())
	p.wantUsedID(existing, now)
	p.conflictMayComeFirst("create under a new ID that is in use", existing, p.holder(existing.Key), func(result assignment.Result, err error) {
		p.same("the row of the request", p.replayed("create under a new ID that is in use", result, err), now)
	})
	other := p.candidate(p.newKey())
	other.ID = existing.ID
	p.conflictMayComeFirst("create under a new ID of another request", other, p.holder(other.Key), func(_ assignment.Result, err error) {
		p.wantError("create under a new ID of another request", err, assignment.ErrIDReused)
	})
}

// conflictMayComeFirst wants the conflict with the holder, or else what Create returns.
func (p *probe) conflictMayComeFirst(
	doing string, a, holder assignment.Assignment, orElse func(assignment.Result, error),
) {
	for i := range 2 {
		p.changesNothing(doing, func() {
			result, err := p.createNew(i, a)
			if errors.Is(err, assignment.ErrActiveExists) {
				p.conflict(doing, err, holder)
				return
			}
			orElse(result, err)
		})
	}
}

// wantUsedID wants the row for the request that created it, and ErrIDReused for another
// request on a free slot.
func (p *probe) wantUsedID(existing, now assignment.Assignment) {
	for i := range 2 {
		p.changesNothing("create under a new ID that is in use", func() {
			result, err := p.createNew(i, existing)
			p.same("the row of the request", p.replayed("create under a new ID that is in use", result, err), now)
		})
		other := p.candidate(p.newKey())
		other.ID = existing.ID
		p.changesNothing("create under a new ID of another request", func() {
			_, err := p.createNew(i, other)
			p.wantError("create under a new ID of another request", err, assignment.ErrIDReused)
		})
	}
}

func newIDRace(p *probe) {
	const callers = 12
	k := p.newKey()
	p.rounds(raceRounds, func() {
		rows := make([]assignment.Assignment, callers)
		for i := range rows {
			rows[i] = p.candidate(k)
		}
		all := p.burst(callers, func(i int, _ *assignment.Service) (assignment.Result, error) {
			if i%4 == 3 {
				return p.store.Create(p.ctx, rows[i])
			}
			return p.createNew(i, rows[i])
		})
		won := all.with(assignment.OutcomeCreated)
		if len(won) != 1 || len(all.failedWith(assignment.ErrActiveExists)) != callers-1 {
			p.failf("of %d callers that create on one key at once: %v; want 1 × created, %d × conflict", callers, all, callers-1)
		}
		winner := won[0].result.Assignment
		for _, a := range all.failedWith(assignment.ErrActiveExists) {
			p.conflict("a caller that did not win", a.err, winner)
		}
		p.same("the active row", p.oneActive(k), winner)
		p.moveTo(winner, p.terminal())
	})
}
