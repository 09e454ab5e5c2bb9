package conformance

import "github.com/assignment-go/assignment"

func reopenRules() []Rule {
	return []Rule{
		{
			Name:        "reopen/takes_a_free_slot",
			Statement:   "A terminal assignment that becomes active again holds the slot again.",
			Contract:    onUpdate,
			needs:       []Ability{reopening},
			everyPolicy: true,
			check:       reopenTakesTheSlot,
		},
		{
			Name: "reopen/conflict_returns_the_holder",
			Statement: "Reopening on a taken slot fails with the full row of the holder, as Create does, and changes " +
				"nothing.",
			Contract:    onUpdateConflict,
			needs:       []Ability{reopening},
			everyPolicy: true,
			check:       reopenConflictCarriesTheHolder,
		},
		{
			Name:        "reopen/only_one_per_key",
			Statement:   "Of several terminal assignments of a key, only one at a time can be active again.",
			Contract:    onPromise,
			needs:       []Ability{reopening},
			everyPolicy: true,
			check:       onlyOneOfAHistoryReopens,
		},
	}
}

func reopenTakesTheSlot(p *probe) {
	closed := p.closed(p.newKey())
	at := p.clock.tick()
	open, err := p.other.Reopen(p.ctx, closed.ID)
	p.ok("reopen on a free slot", err)
	want := closed
	want.Status, want.Version, want.UpdatedAt = p.lifecycle.Initial(), closed.Version+1, at
	want.CompletedAt = p.completedAt(want.Status)
	p.same("the reopened row", open, want)
	p.holds(want)
	_, err = p.service.Create(p.ctx, p.params(open.Key))
	p.conflict("create after a reopening", err, open)
}

func reopenConflictCarriesTheHolder(p *probe) {
	closed := p.closed(p.newKey())
	holder := p.holder(closed.Key)
	for i := range 2 {
		p.clock.tick()
		p.changesNothing("reopen on a taken slot", func() {
			_, err := p.handle(i).Reopen(p.ctx, closed.ID)
			p.conflict("reopen on a taken slot", err, holder)
		})
	}
}

func onlyOneOfAHistoryReopens(p *probe) {
	k := p.newKey()
	first, second := p.closed(k), p.closed(k)
	open, err := p.service.Reopen(p.ctx, first.ID)
	p.ok("reopen the first", err)
	_, err = p.other.Reopen(p.ctx, second.ID)
	p.conflict("reopen the second", err, open)
	p.moveTo(open, first.Status)
	open, err = p.other.Reopen(p.ctx, second.ID)
	p.ok("reopen the second after the first was closed", err)
	_, err = p.service.Reopen(p.ctx, first.ID)
	p.conflict("reopen the first again", err, open)
	p.wantError("the conflict", err, assignment.ErrActiveExists)
}
