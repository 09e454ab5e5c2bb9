package conformance

import (
	"fmt"

	"github.com/assignment-go/assignment"
)

func transitionRules() []Rule {
	return []Rule{
		{
			Name:        "transition/allowed_moves_succeed",
			Statement:   "A move that the lifecycle allows changes the status, the version and the times, and nothing else.",
			Contract:    onUpdate,
			everyPolicy: true,
			check:       allowedMovesHappen,
		},
		{
			Name: "transition/forbidden_moves_are_rejected",
			Statement: "Any other move fails with a TransitionError that has the ID and both statuses, and changes " +
				"nothing.",
			Contract:    onUpdateRejected,
			everyPolicy: true,
			check:       forbiddenMovesAreRejected,
		},
		{
			Name: "transition/same_status_is_no_change",
			Statement: "A move to the current status succeeds and changes nothing, not even the version, so that a retry " +
				"is safe.",
			Contract:    onUpdateNoOp,
			everyPolicy: true,
			check:       sameStatusIsNoChange,
		},
		{
			Name:      "transition/changes_only_the_row_with_the_id",
			Statement: "A change only affects the row with its ID, not other rows of the same assignee, subject or status.",
			Contract:  onUpdate,
			check:     onlyTheNamedRowChanges,
		},
		{
			Name:      "transition/unknown_id_is_not_found",
			Statement: "A change of an ID that does not exist fails with ErrNotFound and creates nothing.",
			Contract:  onUpdateMissing,
			check:     unknownIDIsNotFound,
		},
	}
}

// pairs visits each pair of a reachable status and another status.
func (p *probe) pairs(visit func(from, to assignment.Status)) {
	for _, from := range reachable(p.lifecycle) {
		for _, to := range p.lifecycle.Statuses() {
			if from != to {
				visit(from, to)
			}
		}
	}
}

func allowedMovesHappen(p *probe) {
	p.pairs(func(from, to assignment.Status) {
		if !p.lifecycle.Allows(from, to) {
			return
		}
		a := p.moveTo(p.newRow(), from)
		at := p.clock.tick()
		got, err := p.other.Transition(p.ctx, a.ID, to)
		p.ok(fmt.Sprintf("move from %q to %q", from, to), err)
		want := a
		want.Status, want.Version, want.UpdatedAt, want.CompletedAt = to, a.Version+1, at, p.completedAt(to)
		p.same(fmt.Sprintf("the row moved from %q to %q", from, to), got, want)
		p.stored(want)
	})
}

func forbiddenMovesAreRejected(p *probe) {
	p.pairs(func(from, to assignment.Status) {
		if p.lifecycle.Allows(from, to) {
			return
		}
		a := p.moveTo(p.newRow(), from)
		p.clock.tick()
		doing := fmt.Sprintf("move from %q to %q", from, to)
		p.changesNothing(doing, func() {
			_, err := p.other.Transition(p.ctx, a.ID, to)
			p.forbidden(doing, err, assignment.TransitionError{ID: a.ID, From: from, To: to})
		})
	})
}

func sameStatusIsNoChange(p *probe) {
	for _, status := range reachable(p.lifecycle) {
		a := p.moveTo(p.newRow(), status)
		p.clock.tick()
		got, err := p.other.Transition(p.ctx, a.ID, status)
		p.ok(fmt.Sprintf("move from %q to itself", status), err)
		p.same("the row moved to its own status", got, a)
		p.stored(a)
	}
}

func onlyTheNamedRowChanges(p *probe) {
	one, two := p.newKey(), p.newKey()
	p.closed(one)
	named := p.holder(one)
	bystanders := []assignment.Assignment{
		p.holder(assignment.Key{AssigneeID: one.AssigneeID, SubjectID: two.SubjectID}),
		p.holder(assignment.Key{AssigneeID: two.AssigneeID, SubjectID: one.SubjectID}),
		p.holder(two),
		p.closed(p.newKey()),
	}
	p.clock.tick()
	p.move(named, pathTo(p.lifecycle, p.terminal())[0])
	for _, a := range bystanders {
		p.stored(a)
	}
}

func unknownIDIsNotFound(p *probe) {
	p.newRow()
	p.changesNothing("move an ID that does not exist", func() {
		_, err := p.service.Transition(p.ctx, p.newID(), p.terminal())
		p.wantError("move an ID that does not exist", err, assignment.ErrNotFound)
	})
}
