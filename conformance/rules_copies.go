package conformance

import (
	"errors"

	"github.com/assignment-go/assignment"
)

func copyRules() []Rule {
	return withNeed(AbilityMetadata, []Rule{
		{
			Name:      "copies/input_is_not_shared",
			Statement: "Changes to the metadata that was passed in, at any depth, do not affect the store.",
			Contract:  onCopies,
			check:     copiesOfInput,
		},
		{
			Name: "copies/returned_row_is_not_shared",
			Statement: "Changes to the metadata of a returned row, at any depth and from any method, do not affect the " +
				"store.",
			Contract: onCopies,
			needs:    []Ability{AbilityClientIDs},
			check:    copiesOfOutput,
		},
		{
			Name:      "copies/holder_in_a_conflict_is_not_shared",
			Statement: "Changes to the holder in a conflict do not affect the store.",
			Contract:  onCopies,
			check:     copiesOfTheHolder,
		},
		{
			Name:      "copies/retired_row_is_not_shared",
			Statement: "Changes to the retired row of a Replace do not affect the store.",
			Contract:  onCopies,
			needs:     []Ability{AbilityReplace},
			check:     copiesOfTheRetired,
		},
	})
}

// modify changes metadata at every depth.
func modify(m map[string]any) {
	m["n"] = "modified"
	m["added"] = true
	if tags, ok := m["tags"].([]any); ok && len(tags) > 0 {
		tags[0] = "modified"
	}
	if nested, ok := m["nested"].(map[string]any); ok {
		nested["deep"] = "modified"
	}
}

// copiesOfInput calls the store directly, because a service copies the metadata.
func copiesOfInput(p *probe) {
	a := p.candidate(p.newKey())
	want := a.Clone()
	_, err := p.store.Create(p.ctx, a)
	p.ok("create", err)
	modify(a.Metadata)
	p.stored(want)
	if !p.has(AbilityReplace) {
		return
	}
	b := p.candidate(a.Key)
	want = b.Clone()
	_, err = p.storeReplace(p.ctx, p.store, b, p.retireTo(a.Status))
	p.ok("replace", err)
	modify(b.Metadata)
	p.stored(want)
}

func copiesOfOutput(p *probe) {
	a := p.candidate(p.newKey())
	want := a.Clone()
	for range 2 {
		result, err := p.store.Create(p.ctx, a.Clone())
		p.modified("Create", want, result.Assignment, err)
	}
	got, err := p.store.Get(p.ctx, a.ID)
	p.modified("Get", want, got, err)
	got, err = p.store.FindActive(p.ctx, a.Key)
	p.modified("FindActive", want, got, err)
	page, err := p.store.List(p.ctx, assignment.Query{Limit: 1})
	p.ok("List", err)
	p.modified("List", want, page[0], nil)
	for range 2 {
		got, err = p.store.Update(p.ctx, a.ID, assignment.Change{To: p.firstStep(), At: p.clock.Now()})
		want = got.Clone()
		p.modified("Update", want, got, err)
	}
}

// modified changes the row that a method returned, and wants the stored row unchanged.
func (p *probe) modified(method string, want, got assignment.Assignment, err error) {
	p.ok(method, err)
	if got.Metadata == nil {
		p.failf("%s returned a row without its metadata", method)
	}
	modify(got.Metadata)
	p.stored(want)
}

func copiesOfTheHolder(p *probe) {
	holder := p.newRow()
	want := holder.Clone()
	_, err := p.store.Create(p.ctx, p.candidate(holder.Key))
	conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
	if !ok {
		p.failf("create on a taken slot: got %s, want an ActiveExistsError", outcome(err))
	}
	p.modified("a conflict", want, conflict.Existing, nil)
}

func copiesOfTheRetired(p *probe) {
	holder := p.newRow()
	result, err := p.replace(p.ctx, p.service, p.params(holder.Key))
	p.ok("replace", err)
	if result.Retired == nil {
		p.failf("replace: Result.Retired is nil, want the former holder")
	}
	want, retired := result.Assignment.Clone(), result.Retired.Clone()
	p.modified("Replace", want, result.Assignment, nil)
	p.modified("Replace", retired, *result.Retired, nil)
}
