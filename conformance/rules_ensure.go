package conformance

import "github.com/assignment-go/assignment"

func ensureRules() []Rule {
	return []Rule{
		{
			Name:      "ensure/returns_the_holder",
			Statement: "Ensure on a taken slot succeeds with the row of the holder and OutcomeExisting, and writes nothing.",
			Contract:  onEnsure,
			check:     ensureReturnsTheHolder,
		},
		{
			Name:      "ensure/creates_when_free",
			Statement: "Ensure on a freed slot creates a new assignment and does not return a closed one.",
			Contract:  onEnsure,
			check:     ensureCreatesWhenFree,
		},
	}
}

func ensureReturnsTheHolder(p *probe) {
	holder := p.newRow()
	for i := range 2 {
		p.clock.tick()
		p.changesNothing("ensure on a taken slot", func() {
			result, err := p.handle(i).Ensure(p.ctx, p.params(holder.Key))
			p.same("the row", p.wantOutcome("ensure on a taken slot", result, err, assignment.OutcomeExisting), holder)
		})
	}
}

func ensureCreatesWhenFree(p *probe) {
	former := p.closed(p.newKey())
	p.clock.tick()
	params := p.params(former.Key)
	want := p.expected(params)
	result, err := p.other.Ensure(p.ctx, params)
	p.same("the row", p.created("ensure on a freed slot", result, err), want)
	p.holds(want)
	p.stored(former)
}
