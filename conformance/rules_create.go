package conformance

import "github.com/assignment-go/assignment"

func createRules() []Rule {
	return []Rule{
		{
			Name: "create/stores_the_row_as_given",
			Statement: "Create stores every attribute as given, with the initial status, version 1 and the time " +
				"of the call.",
			Contract:    onCreate,
			everyPolicy: true,
			check:       createStoresTheRow,
		},
		{
			Name:      "create/optional_attributes_may_be_absent",
			Statement: "A row created with a key alone has no other attributes.",
			Contract:  onFidelity,
			check:     createTakesAKeyAlone,
		},
		{
			Name: "create/conflict_returns_the_holder",
			Statement: "Create on a taken slot fails with the full row of the holder, on either handle, and writes " +
				"nothing.",
			Contract: onConflict,
			check:    conflictCarriesTheHolder,
		},
		{
			Name:        "create/conflict_returns_the_current_row_of_the_holder",
			Statement:   "The holder in the error is its current row, not the one that was created.",
			Contract:    onConflict,
			everyPolicy: true,
			check:       conflictCarriesTheLatestState,
		},
		{
			Name: "create/conflict_returns_the_holder_of_the_same_key",
			Statement: "When other rows of the same assignee or the same subject are active, the error has the holder of " +
				"exactly this key.",
			Contract: onConflict,
			check:    conflictNamesTheHolderOfThisKey,
		},
		{
			Name: "create/keys_are_independent",
			Statement: "An assignee may have many subjects and a subject many assignees: only the pair is limited to one " +
				"active assignment.",
			Contract: onPromise,
			check:    otherKeysAreIndependent,
		},
	}
}

func createStoresTheRow(p *probe) {
	params := p.params(p.newKey())
	want := p.expected(params)
	result, err := p.service.Ensure(p.ctx, params)
	p.same("the returned row", p.created("create", result, err), want)
	p.stored(want)
	p.holds(want)
}

func createTakesAKeyAlone(p *probe) {
	params := assignment.CreateParams{ID: p.chosenID(), Key: p.newKey()}
	want := p.expected(params)
	p.same("the returned row", p.add(params), want)
	p.stored(want)
}

func conflictCarriesTheHolder(p *probe) {
	holder := p.newRow()
	for i := range 2 {
		p.clock.tick()
		p.changesNothing("create on a taken slot", func() {
			_, err := p.handle(i).Create(p.ctx, p.params(holder.Key))
			p.conflict("create on a taken slot", err, holder)
		})
	}
}

func conflictCarriesTheLatestState(p *probe) {
	for _, to := range p.lifecycle.Statuses() {
		if p.lifecycle.IsTerminal(to) || !p.lifecycle.Allows(p.lifecycle.Initial(), to) {
			continue
		}
		holder := p.newRow()
		p.clock.tick()
		holder = p.move(holder, to)
		_, err := p.other.Create(p.ctx, p.params(holder.Key))
		p.conflict("create on a slot held by a changed row", err, holder)
	}
}

func conflictNamesTheHolderOfThisKey(p *probe) {
	keys := crossed(p.newKey(), p.newKey())
	holders := make([]assignment.Assignment, 0, len(keys))
	for _, k := range keys {
		p.closed(k)
		holders = append(holders, p.holder(k))
	}
	for _, holder := range holders {
		_, err := p.service.Create(p.ctx, p.params(holder.Key))
		p.conflict("create on a taken slot among similar ones", err, holder)
	}
}

// crossed is the two keys and the two other combinations of their parts.
func crossed(one, two assignment.Key) []assignment.Key {
	return []assignment.Key{
		one, two,
		{AssigneeID: one.AssigneeID, SubjectID: two.SubjectID},
		{AssigneeID: two.AssigneeID, SubjectID: one.SubjectID},
	}
}

func otherKeysAreIndependent(p *probe) {
	one, two := p.newKey(), p.newKey()
	first := p.holder(one)
	sameAssignee := p.holder(assignment.Key{AssigneeID: one.AssigneeID, SubjectID: two.SubjectID})
	sameSubject := p.holder(assignment.Key{AssigneeID: two.AssigneeID, SubjectID: one.SubjectID})
	for _, a := range []assignment.Assignment{first, sameAssignee, sameSubject} {
		p.holds(a)
	}
	p.free(two)
}
