package conformance

import "github.com/assignment-go/assignment"

func foreignRules() []Rule {
	return []Rule{
		{
			Name:        "foreign/unknown_status_holds_the_slot",
			Statement:   "A row with a status that the lifecycle does not know, written by another program, holds its slot.",
			Contract:    onUnknown,
			everyPolicy: true,
			check:       unknownStatusHoldsTheSlot,
			Level:       Optional,
		},
		{
			Name:        "foreign/unknown_status_can_be_closed",
			Statement:   "A row of unknown status can move to a terminal status, and to no other.",
			Contract:    onForeign,
			everyPolicy: true,
			check:       unknownStatusCanBeClosed,
			Level:       Optional,
		},
		{
			Name:      "foreign/unknown_status_can_be_replaced",
			Statement: "Replace retires a holder of unknown status like any other.",
			Contract:  onForeign,
			needs:     []Ability{AbilityReplace},
			check:     unknownStatusCanBeReplaced,
		},
	}
}

// foreign writes a row with Plant whose status no lifecycle of the suite knows.
func (p *probe) foreign() assignment.Assignment {
	if p.backend.Plant == nil {
		p.skipf("the harness can't write rows of another program: Backend.Plant is nil")
	}
	a := p.candidate(p.newKey())
	a.Status = "snoozed"
	a.ID = p.newID()
	a.Request = "" // which only a service sets
	returned := p.calls.enter("Backend.Plant")
	err := p.backend.Plant(p.ctx, a.Clone())
	returned()
	p.ok("write a row of another program", err)
	return a
}

func unknownStatusHoldsTheSlot(p *probe) {
	holder := p.foreign()
	p.holds(holder)
	p.stored(holder)
	_, err := p.service.Create(p.ctx, p.params(holder.Key))
	p.conflict("create on a slot held by a row of unknown status", err, holder)
	p.sameRows("list of what is active", p.list(p.other, activeOn(holder.Key)), []assignment.Assignment{holder})
	p.wantCount(activeOn(holder.Key), 1)
}

func unknownStatusCanBeClosed(p *probe) {
	for _, to := range p.lifecycle.Statuses() {
		holder := p.foreign()
		at := p.clock.tick()
		got, err := p.service.Transition(p.ctx, holder.ID, to)
		if !p.lifecycle.IsTerminal(to) {
			p.forbidden("move from an unknown status", err, assignment.TransitionError{ID: holder.ID, From: holder.Status, To: to})
			p.holds(holder)
			continue
		}
		p.ok("close a row of unknown status", err)
		want := holder
		want.Status, want.Version, want.UpdatedAt, want.CompletedAt = to, 2, at, at
		p.same("the closed row", got, want)
		p.free(holder.Key)
	}
}

func unknownStatusCanBeReplaced(p *probe) {
	holder := p.foreign()
	p.clock.tick()
	params := p.params(holder.Key)
	result, err := p.other.Replace(p.ctx, params, assignment.ReplaceParams{RetireTo: p.terminal()})
	p.created("replace a row of unknown status", result, err)
	if result.Retired == nil || result.Retired.ID != holder.ID {
		p.failf("replace retired %v, want %q", result.Retired, holder.ID)
	}
	p.holds(result.Assignment)
}
