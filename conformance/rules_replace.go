package conformance

import (
	"context"

	"github.com/assignment-go/assignment"
)

func replaceRules() []Rule {
	return withNeed(AbilityReplace, []Rule{
		{
			Name:        "replace/retires_the_holder",
			Statement:   "Replace moves the holder to the given terminal status, creates the new assignment and returns both.",
			Contract:    onReplace,
			everyPolicy: true,
			check:       replaceRetiresTheHolder,
		},
		{
			Name:      "replace/takes_a_free_slot",
			Statement: "Replace on a free slot creates, retires nothing, and does not change the history of the key.",
			Contract:  onReplace,
			check:     replaceTakesAFreeSlot,
		},
		{
			Name:      "replace/does_not_affect_other_keys",
			Statement: "Replace only retires the holder of exactly this key.",
			Contract:  onReplace,
			check:     replaceChangesNoOtherKey,
		},
		{
			Name: "replace/same_request_is_replayed",
			Statement: "A second Replace with the same ID and content returns the row of the first one and retires " +
				"nothing, whether that row still holds the slot or not.",
			Contract: onReplaceExisting,
			needs:    []Ability{AbilityClientIDs},
			check:    replaceIsReplayed,
		},
	})
}

// replace retires the holder to the first terminal status that a new row may move to.
func (p *probe) replace(ctx context.Context, s *assignment.Service, params assignment.CreateParams) (assignment.Result, error) {
	return s.Replace(ctx, params, assignment.ReplaceParams{RetireTo: p.retireTo(p.lifecycle.Initial())})
}

// storeReplace calls Replace of a store, which must have it unless the harness declares
// it absent.
func (p *probe) storeReplace(
	ctx context.Context, store assignment.Store, next assignment.Assignment, to assignment.Status,
) (assignment.Result, error) {
	replacer, ok := store.(assignment.Replacer)
	if !ok {
		p.failf("%s", explained(errNoReplacer))
	}
	return replacer.Replace(ctx, next, to)
}

func (p *probe) retireTo(from assignment.Status) assignment.Status {
	for _, to := range p.lifecycle.Terminal() {
		if p.lifecycle.Allows(from, to) {
			return to
		}
	}
	p.skipf("the lifecycle allows no move from %q to a terminal status", from)
	return ""
}

func replaceRetiresTheHolder(p *probe) {
	p.pairs(func(from, to assignment.Status) {
		if p.lifecycle.IsTerminal(from) || !p.lifecycle.IsTerminal(to) || !p.lifecycle.Allows(from, to) {
			return
		}
		holder := p.moveTo(p.newRow(), from)
		at := p.clock.tick()
		params := p.params(holder.Key)
		result, err := p.other.Replace(p.ctx, params, assignment.ReplaceParams{RetireTo: to})
		p.same("the new row", p.created("replace", result, err), p.expected(params))
		if result.Retired == nil {
			p.failf("replace: Result.Retired is nil, want the former holder")
		}
		want := holder
		want.Status, want.Version, want.UpdatedAt, want.CompletedAt = to, holder.Version+1, at, at
		p.same("the retired row", *result.Retired, want)
		p.stored(want)
		p.holds(result.Assignment)
	})
}

func replaceTakesAFreeSlot(p *probe) {
	former := p.closed(p.newKey())
	p.clock.tick()
	for _, k := range []assignment.Key{former.Key, p.newKey()} {
		params := p.params(k)
		want := p.expected(params)
		result, err := p.replace(p.ctx, p.service, params)
		p.same("the new row", p.created("replace on a free slot", result, err), want)
		if result.Retired != nil {
			p.failf("replace on a free slot: Result.Retired is %v, want nil", result.Retired)
		}
		p.holds(want)
	}
	p.stored(former)
}

func replaceChangesNoOtherKey(p *probe) {
	one, two := p.newKey(), p.newKey()
	p.holder(one)
	others := []assignment.Assignment{
		p.holder(assignment.Key{AssigneeID: one.AssigneeID, SubjectID: two.SubjectID}),
		p.holder(assignment.Key{AssigneeID: two.AssigneeID, SubjectID: one.SubjectID}),
	}
	p.clock.tick()
	_, err := p.replace(p.ctx, p.service, p.params(one))
	p.ok("replace", err)
	for _, a := range others {
		p.holds(a)
	}
}

func replaceIsReplayed(p *probe) {
	params := p.params(p.newRow().Key)
	result, err := p.replace(p.ctx, p.service, params)
	existing := p.created("replace", result, err)
	p.replaceReplays(params, existing)
	existing = p.moveTo(existing, p.terminal())
	p.replaceReplays(params, existing)
	p.holder(existing.Key)
	p.replaceReplays(params, existing)
}

func (p *probe) replaceReplays(params assignment.CreateParams, existing assignment.Assignment) {
	p.clock.tick()
	p.changesNothing("the same replace again", func() {
		result, err := p.replace(p.ctx, p.other, params)
		p.same("the row", p.replayed("the same replace again", result, err), existing)
		if result.Retired != nil {
			p.failf("a replay retired a row: %v", result.Retired)
		}
	})
}
