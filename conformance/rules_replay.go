package conformance

import "github.com/assignment-go/assignment"

func replayRules() []Rule {
	return withNeed(AbilityClientIDs, []Rule{
		{
			Name: "replay/same_request_returns_its_row",
			Statement: "A second Create with the same ID and content returns the row of the first one, on either handle " +
				"and at any later time, and writes nothing.",
			Contract: onReplay,
			check:    replayFindsItsRow,
		},
		{
			Name: "replay/after_completion",
			Statement: "The same request returns its row also when the row has been changed or closed since, in its " +
				"current state.",
			Contract:    onReplay,
			everyPolicy: true,
			check:       replayAfterCompletion,
		},
		{
			Name: "replay/after_reassignment",
			Statement: "The same request returns its row also when the row has been reassigned since, in its current " +
				"state.",
			Contract: onReplay,
			needs:    []Ability{AbilityReassign},
			check:    replayAfterReassignment,
		},
		{
			Name: "replay/takes_precedence_over_a_conflict",
			Statement: "When the row of the request is closed and another row holds the slot, the same request returns " +
				"its own row and no conflict.",
			Contract: onReplay,
			check:    replayBeforeConflict,
		},
		{
			Name: "replay/is_never_a_conflict_with_its_own_row",
			Statement: "A retry while the row of the request holds the slot is no conflict, neither for Create nor for " +
				"Ensure.",
			Contract: onReplay,
			check:    replayIsNoConflict,
		},
	})
}

func replayAfterReassignment(p *probe) {
	params := p.params(p.newKey())
	now := p.add(params)
	steps := []func(assignment.Assignment) (assignment.Assignment, error){
		func(a assignment.Assignment) (assignment.Assignment, error) {
			return p.service.Reassign(p.ctx, a.ID, p.newKey().AssigneeID)
		},
		func(a assignment.Assignment) (assignment.Assignment, error) {
			return p.service.Reassign(p.ctx, a.ID, p.newKey().AssigneeID)
		},
		func(a assignment.Assignment) (assignment.Assignment, error) { return p.moveTo(a, p.terminal()), nil },
		func(a assignment.Assignment) (assignment.Assignment, error) { return a, nil },
	}
	for i, step := range steps {
		p.clock.tick()
		var err error
		now, err = step(now)
		p.ok("change the row", err)
		p.changesNothing("the same request again", func() {
			result, err := p.handle(i).Ensure(p.ctx, params)
			p.same("the row of the retry", p.replayed("retry after a reassignment", result, err), now)
		})
	}
	holder := p.holder(params.Key) // the slot that the reassignment freed
	result, err := p.service.Ensure(p.ctx, params)
	p.same("the row of the retry", p.replayed("retry while another holds the slot", result, err), now)
	p.holds(holder)
}

func replayFindsItsRow(p *probe) {
	params := p.params(p.newKey())
	first := p.add(params)
	for i := range 2 {
		p.clock.tick()
		p.changesNothing("the same request again", func() {
			result, err := p.handle(i).Ensure(p.ctx, params)
			p.same("the row of the retry", p.replayed("the same request again", result, err), first)
		})
	}
}

func replayAfterCompletion(p *probe) {
	for _, status := range reachable(p.lifecycle) {
		params := p.params(p.newKey())
		first := p.add(params)
		p.clock.tick()
		now := p.moveTo(first, status)
		p.clock.tick()
		result, err := p.other.Ensure(p.ctx, params)
		p.same("the row of the retry", p.replayed("retry when the row is "+string(status), result, err), now)
		p.stored(now)
	}
}

func replayBeforeConflict(p *probe) {
	params := p.params(p.newKey())
	existing := p.moveTo(p.add(params), p.terminal())
	holder := p.holder(params.Key)
	for i := range 2 {
		result, err := p.handle(i).Ensure(p.ctx, params)
		p.same("the row of the retry", p.replayed("retry while another holds the slot", result, err), existing)
	}
	p.holds(holder)
}

func replayIsNoConflict(p *probe) {
	params := p.params(p.newKey())
	first := p.add(params)
	again, err := p.other.Create(p.ctx, params)
	p.ok("create again with the same ID", err)
	p.same("the row of the retry", again, first)
	result, err := p.store.Create(p.ctx, first)
	p.same("the row of the retry at the store", p.replayed("create again at the store", result, err), first)
}

func reuseRules() []Rule {
	return withNeed(AbilityClientIDs, []Rule{
		{
			Name: "replay/other_key_is_reuse",
			Statement: "A Create under the ID of an assignment with another key fails with ErrIDReused, whether the slot " +
				"of the new key is free or taken.",
			Contract: onReuse,
			check:    otherKeyIsReuse,
		},
		{
			Name: "replay/other_content_is_reuse",
			Statement: "A Create under the ID of an assignment with other content fails with ErrIDReused, whichever " +
				"attribute differs.",
			Contract: onReuse,
			needs:    []Ability{AbilityRequest},
			check:    otherContentIsReuse,
		},
		{
			Name: "replay/other_assignee_is_reuse",
			Statement: "A Create under the ID of an assignment of the same subject to another assignee fails with " +
				"ErrIDReused.",
			Contract: onReuse,
			needs:    []Ability{AbilityRequest},
			check:    otherAssigneeIsReuse,
		},
		{
			Name: "replay/equal_looking_request_is_reuse",
			Statement: "Another request under an ID in use fails with ErrIDReused, also when the row has since become " +
				"equal to what that request would create.",
			Contract: onReuse,
			needs:    []Ability{AbilityRequest, AbilityReassign},
			check:    equalLookingIsReuse,
		},
	})
}

func otherKeyIsReuse(p *probe) {
	params := p.params(p.newKey())
	p.add(params)
	for _, k := range []assignment.Key{p.newKey(), p.newRow().Key, p.closed(p.newKey()).Key} {
		params.Key = k
		p.changesNothing("create with the ID of another key", func() {
			_, err := p.other.Ensure(p.ctx, params)
			p.wantError("create with the ID of another key", err, assignment.ErrIDReused)
		})
	}
}

func otherContentIsReuse(p *probe) {
	params := p.params(p.newKey())
	p.add(params)
	p.rejectsOtherContent(params)
	params = p.params(p.newKey())
	p.moveTo(p.add(params), p.terminal())
	p.rejectsOtherContent(params)
}

func (p *probe) rejectsOtherContent(params assignment.CreateParams) {
	for name, change := range p.otherContents() {
		other := params
		change(&other)
		p.changesNothing("create with the ID of another "+name, func() {
			_, err := p.service.Ensure(p.ctx, other)
			p.wantError("create with the ID of another "+name, err, assignment.ErrIDReused)
		})
	}
}

// otherContents lists changes of one attribute each.
func (p *probe) otherContents() map[string]func(*assignment.CreateParams) {
	all := map[string]func(*assignment.CreateParams){
		string(AbilityAssignedBy): func(c *assignment.CreateParams) { c.AssignedBy = "somebody else" },
		string(AbilityAccountID):  func(c *assignment.CreateParams) { c.AccountID = "" },
		string(AbilityDueAt):      func(c *assignment.CreateParams) { c.DueAt = c.DueAt.Add(p.harness.TimePrecision) },
		string(AbilityMetadata): func(c *assignment.CreateParams) {
			c.Metadata = map[string]any{"n": c.Metadata["n"], "tags": []any{"a", "b"}, "nested": map[string]any{"deep": false}}
		},
	}
	for name := range all {
		if !p.has(Ability(name)) {
			delete(all, name)
		}
	}
	return all
}

func otherAssigneeIsReuse(p *probe) {
	params := p.params(p.newKey())
	p.add(params)
	params.Key.AssigneeID = p.newKey().AssigneeID
	p.changesNothing("create with the ID of another assignee", func() {
		_, err := p.other.Ensure(p.ctx, params)
		p.wantError("create with the ID of another assignee", err, assignment.ErrIDReused)
	})
}

func equalLookingIsReuse(p *probe) {
	params := p.params(p.newKey())
	first := p.add(params)
	other := params
	other.Key.AssigneeID = p.newKey().AssigneeID
	_, err := p.service.Reassign(p.ctx, first.ID, other.Key.AssigneeID)
	p.ok("reassign", err)
	p.changesNothing("create for the new assignee of the row", func() {
		_, err := p.other.Ensure(p.ctx, other)
		p.wantError("create for the new assignee of the row", err, assignment.ErrIDReused)
	})
	result, err := p.other.Ensure(p.ctx, params)
	p.replayed("the request that created the row", result, err)
}
