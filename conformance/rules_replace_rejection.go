package conformance

import "github.com/assignment-go/assignment"

func replaceRejectionRules() []Rule {
	return withNeed(AbilityReplace, []Rule{
		{
			Name: "replace/forbidden_retirement_is_rejected",
			Statement: "When the lifecycle forbids the retirement, Replace fails with a TransitionError about the holder " +
				"and writes nothing.",
			Contract:    onReplaceRejected,
			needs:       []Ability{unretirable},
			everyPolicy: true,
			check:       forbiddenRetirementIsRejected,
		},
		{
			Name:      "replace/other_request_is_reuse",
			Statement: "Replace under the ID of an assignment with another key or content fails with ErrIDReused and retires nothing.",
			Contract:  onReplaceExisting,
			needs:     []Ability{AbilityClientIDs},
			check:     replaceIsReuse,
		},
		{
			Name:      "replace/earlier_create_is_replayed",
			Statement: "Replace with the ID and content of an earlier Create is a replay, and so is Create after Replace.",
			Contract:  onReplaceExisting,
			needs:     []Ability{AbilityClientIDs},
			check:     replaceReplaysACreate,
		},
	})
}

func forbiddenRetirementIsRejected(p *probe) {
	p.pairs(func(from, to assignment.Status) {
		if p.lifecycle.IsTerminal(from) || !p.lifecycle.IsTerminal(to) || p.lifecycle.Allows(from, to) {
			return
		}
		p.rejectsReplace(from, to)
	})
}

func (p *probe) rejectsReplace(from, to assignment.Status) {
	holder := p.moveTo(p.newRow(), from)
	p.clock.tick()
	p.changesNothing("replace a holder whose retirement is forbidden", func() {
		_, err := p.service.Replace(p.ctx, p.params(holder.Key), assignment.ReplaceParams{RetireTo: to})
		p.forbidden("replace a holder whose retirement is forbidden", err, assignment.TransitionError{ID: holder.ID, From: from, To: to})
	})
}

func replaceIsReuse(p *probe) {
	params := p.params(p.newKey())
	p.add(params)
	elsewhere := params
	elsewhere.Key = p.newRow().Key
	other := params
	other.ID = p.newRow().ID
	for _, params := range []assignment.CreateParams{elsewhere, other} {
		p.clock.tick()
		p.changesNothing("replace with a used ID", func() {
			_, err := p.replace(p.ctx, p.other, params)
			p.wantError("replace with a used ID", err, assignment.ErrIDReused)
		})
	}
}

func replaceReplaysACreate(p *probe) {
	params := p.params(p.newKey())
	existing := p.add(params)
	p.replaceReplays(params, existing)
	params = p.params(existing.Key)
	result, err := p.replace(p.ctx, p.service, params)
	next := p.created("replace", result, err)
	result, err = p.other.Ensure(p.ctx, params)
	p.same("the row", p.replayed("create after the same replace", result, err), next)
}
