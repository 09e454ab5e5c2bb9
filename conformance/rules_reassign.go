package conformance

import "github.com/assignment-go/assignment"

func reassignRules() []Rule {
	return withNeed(AbilityReassign, []Rule{
		{
			Name: "reassign/moves_the_slot",
			Statement: "Reassign frees the slot of the old key and takes that of the new one; only the assignee, the " +
				"version and UpdatedAt change.",
			Contract: onUpdate,
			check:    reassignMovesTheSlot,
		},
		{
			Name:        "reassign/conflict_returns_the_holder",
			Statement:   "Reassigning to a taken slot fails with the full row of its holder, and changes nothing.",
			Contract:    onUpdateConflict,
			everyPolicy: true,
			check:       reassignConflictCarriesTheHolder,
		},
		{
			Name: "reassign/to_the_same_assignee_is_no_change",
			Statement: "Reassigning to the current assignee succeeds and changes nothing, also for a terminal " +
				"assignment.",
			Contract: onUpdateNoOp,
			check:    reassignToOneself,
		},
		{
			Name: "reassign/terminal_is_rejected",
			Statement: "Reassigning a terminal assignment fails with a TransitionError that has its status twice, and " +
				"changes nothing.",
			Contract:    onClosedKey,
			everyPolicy: true,
			check:       reassignOfTerminalIsRejected,
		},
		{
			Name:      "reassign/history_of_the_new_key_is_no_conflict",
			Statement: "Terminal assignments of the new key do not prevent a reassignment.",
			Contract:  onPromise,
			check:     reassignOntoHistory,
		},
		{
			Name:      "reassign/unknown_id_is_not_found",
			Statement: "Reassigning an ID that does not exist fails with ErrNotFound.",
			Contract:  onUpdateMissing,
			check:     reassignOfUnknownID,
		},
		{
			Name:      "reassign/old_version_is_stale",
			Statement: "Reassigning with IfVersion and another version fails with ErrStale, also to the current assignee.",
			Contract:  onStale,
			needs:     []Ability{AbilityIfVersion},
			check:     reassignOfOldVersion,
		},
	})
}

func reassignMovesTheSlot(p *probe) {
	a := p.newRow()
	assignee := p.newKey().AssigneeID
	at := p.clock.tick()
	got, err := p.other.Reassign(p.ctx, a.ID, assignee)
	p.ok("reassign", err)
	want := a
	want.Key.AssigneeID, want.Version, want.UpdatedAt = assignee, 2, at
	p.same("the reassigned row", got, want)
	p.stored(want)
	p.holds(want)
	p.free(a.Key)
	p.holder(a.Key)
}

func reassignConflictCarriesTheHolder(p *probe) {
	a := p.newRow()
	target := assignment.Key{AssigneeID: p.newKey().AssigneeID, SubjectID: a.Key.SubjectID}
	holder := p.holder(target)
	for i := range 2 {
		p.clock.tick()
		p.changesNothing("reassign to a taken slot", func() {
			_, err := p.handle(i).Reassign(p.ctx, a.ID, target.AssigneeID)
			p.conflict("reassign to a taken slot", err, holder)
		})
	}
}

func reassignToOneself(p *probe) {
	for _, a := range []assignment.Assignment{p.newRow(), p.closed(p.newKey())} {
		p.clock.tick()
		got, err := p.service.Reassign(p.ctx, a.ID, a.Key.AssigneeID)
		p.ok("reassign to the current assignee", err)
		p.same("the row", got, a)
		p.stored(a)
	}
}

func reassignOfTerminalIsRejected(p *probe) {
	for _, status := range filter(reachable(p.lifecycle), p.lifecycle.IsTerminal) {
		a := p.moveTo(p.newRow(), status)
		p.clock.tick()
		p.changesNothing("reassign a terminal row", func() {
			_, err := p.other.Reassign(p.ctx, a.ID, p.newKey().AssigneeID)
			p.forbidden("reassign a terminal row", err, assignment.TransitionError{ID: a.ID, From: status, To: status})
		})
	}
}

func reassignOntoHistory(p *probe) {
	a := p.newRow()
	former := p.closed(assignment.Key{AssigneeID: p.newKey().AssigneeID, SubjectID: a.Key.SubjectID})
	got, err := p.service.Reassign(p.ctx, a.ID, former.Key.AssigneeID)
	p.ok("reassign to a slot with a history", err)
	p.holds(got)
	p.stored(former)
}

func reassignOfUnknownID(p *probe) {
	_, err := p.service.Reassign(p.ctx, p.newID(), p.newKey().AssigneeID)
	p.wantError("reassign an ID that does not exist", err, assignment.ErrNotFound)
}

func reassignOfOldVersion(p *probe) {
	a := p.newRow()
	for _, assignee := range []string{p.newKey().AssigneeID, a.Key.AssigneeID} {
		p.changesNothing("reassign with another version", func() {
			_, err := p.service.Reassign(p.ctx, a.ID, assignee, assignment.IfVersion(2))
			p.wantError("reassign with another version", err, assignment.ErrStale)
		})
	}
	got, err := p.service.Reassign(p.ctx, a.ID, p.newKey().AssigneeID, assignment.IfVersion(1))
	p.ok("reassign with the current version", err)
	p.wantVersion(got, 2)
}
