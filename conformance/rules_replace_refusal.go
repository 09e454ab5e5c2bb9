package conformance

import "github.com/assignment-go/assignment"

func replaceRefusalRules() []Rule {
	return replacing([]Rule{
		{
			Name: "replace/holder_that_may_not_move",
			Statement: "When the lifecycle forbids the retirement, Replace fails with a TransitionError about " +
				"the holder, and nothing is written.",
			Contract:    onReplaceRefused,
			needs:       []Ability{unretirable},
			everyPolicy: true,
			check:       replaceOfHolderThatMayNot,
		},
		{
			Name:      "replace/other_request_is_reuse",
			Statement: "Replace with an ID of another key or content is ErrIDReused, and retires nobody.",
			Contract:  onReplaceOwn,
			needs:     []Ability{AbilityClientIDs},
			check:     replaceIsReuse,
		},
		{
			Name:      "replace/own_create_is_replayed",
			Statement: "Replace with the ID and content of an earlier Create is its replay, and the other way round.",
			Contract:  onReplaceOwn,
			needs:     []Ability{AbilityClientIDs},
			check:     replaceReplaysACreate,
		},
	})
}

func replaceOfHolderThatMayNot(p *probe) {
	p.pairs(func(from, to assignment.Status) {
		if p.lifecycle.IsTerminal(from) || !p.lifecycle.IsTerminal(to) || p.lifecycle.Allows(from, to) {
			return
		}
		p.refuseReplace(from, to)
	})
}

func (p *probe) refuseReplace(from, to assignment.Status) {
	holder := p.bring(p.fresh(), from)
	p.clock.tick()
	p.changesNothing("replace a holder that may not move", func() {
		_, err := p.service.Replace(p.ctx, p.params(holder.Key), assignment.ReplaceParams{RetireTo: to})
		p.forbidden("replace a holder that may not move", err, assignment.TransitionError{ID: holder.ID, From: from, To: to})
	})
}

func replaceIsReuse(p *probe) {
	params := p.params(p.newKey())
	p.add(params)
	elsewhere := params
	elsewhere.Key = p.fresh().Key
	other := params
	other.ID = p.fresh().ID
	for _, params := range []assignment.CreateParams{elsewhere, other} {
		p.clock.tick()
		p.changesNothing("replace with a used ID", func() {
			_, err := p.replace(p.ctx, p.other, params)
			p.refused("replace with a used ID", err, assignment.ErrIDReused)
		})
	}
}

func replaceReplaysACreate(p *probe) {
	params := p.params(p.newKey())
	own := p.add(params)
	p.replaceReplays(params, own)
	params = p.params(own.Key)
	result, err := p.replace(p.ctx, p.service, params)
	next := p.created("replace", result, err)
	result, err = p.other.Ensure(p.ctx, params)
	p.same("the row", p.replayed("create after the same replace", result, err), next)
}
