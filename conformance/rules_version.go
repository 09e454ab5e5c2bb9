package conformance

import (
	"fmt"

	"github.com/assignment-go/assignment"
)

func versionRules() []Rule {
	return []Rule{
		{
			Name:        "version/counts_changes",
			Statement:   "Version is 1 in a new row and rises by exactly one with each change.",
			Contract:    onVersion,
			everyPolicy: true,
			check:       versionCountsChanges,
		},
		{
			Name:      "version/matching_version_is_applied",
			Statement: "A change with IfVersion and the current version succeeds; to the current status it is no change.",
			Contract:  onUpdate,
			needs:     []Ability{AbilityIfVersion},
			check:     versionMatchIsApplied,
		},
		{
			Name: "version/mismatch_is_stale",
			Statement: "A change with IfVersion and any other version fails with ErrStale and changes nothing, whether the " +
				"move is allowed, forbidden or no change.",
			Contract:    onStale,
			needs:       []Ability{AbilityIfVersion},
			everyPolicy: true,
			check:       versionMismatchIsStale,
		},
		{
			Name:      "version/missing_row_is_not_found",
			Statement: "A change with IfVersion of an ID that does not exist fails with ErrNotFound, not ErrStale.",
			Contract:  onUpdateMissing,
			needs:     []Ability{AbilityIfVersion},
			check:     versionOfMissingRow,
		},
		{
			Name:      "version/stale_takes_precedence_over_a_conflict",
			Statement: "A reopening with an old version fails with ErrStale, and not with a conflict, when the slot is taken.",
			Contract:  onStale,
			needs:     []Ability{AbilityIfVersion, reopening},
			check:     staleBeforeConflict,
		},
	}
}

func versionCountsChanges(p *probe) {
	a := p.newRow()
	want := int64(1)
	for _, step := range pathTo(p.lifecycle, p.terminal()) {
		p.wantVersion(a, want)
		a = p.move(a, step)
		want++
	}
	p.wantVersion(a, want)
	stored, err := p.other.Get(p.ctx, a.ID)
	p.ok("get", err)
	p.wantVersion(stored, want)
}

func (p *probe) wantVersion(a assignment.Assignment, want int64) {
	if a.Version != want && (p.has(AbilityIfVersion) || a.Version != 0) {
		p.failf("the row that is %q has version %d, want %d", a.Status, a.Version, want)
	}
}

func versionMatchIsApplied(p *probe) {
	a := p.newRow()
	moved, err := p.other.Transition(p.ctx, a.ID, p.firstStep(), assignment.IfVersion(1))
	p.ok("move with the current version", err)
	p.wantVersion(moved, 2)
	again, err := p.service.Transition(p.ctx, a.ID, moved.Status, assignment.IfVersion(2))
	p.ok("move to the current status with the current version", err)
	p.same("the row", again, moved)
}

// firstStep is the first status on the path of a new assignment to a terminal one.
func (p *probe) firstStep() assignment.Status { return pathTo(p.lifecycle, p.terminal())[0] }

func versionMismatchIsStale(p *probe) {
	for _, to := range p.lifecycle.Statuses() {
		a := p.move(p.newRow(), p.firstStep())
		for _, version := range []int64{1, 3, 1 << 40} {
			p.clock.tick()
			_, err := p.service.Transition(p.ctx, a.ID, to, assignment.IfVersion(version))
			p.wantError(fmt.Sprintf("move from %q to %q with version %d instead of 2", a.Status, to, version), err, assignment.ErrStale)
		}
		p.stored(a)
	}
}

func versionOfMissingRow(p *probe) {
	_, err := p.service.Transition(p.ctx, p.newID(), p.firstStep(), assignment.IfVersion(1))
	p.wantError("move an ID that does not exist with a version", err, assignment.ErrNotFound)
}

func staleBeforeConflict(p *probe) {
	closed := p.closed(p.newKey())
	p.holder(closed.Key)
	p.changesNothing("reopen with an old version", func() {
		_, err := p.service.Reopen(p.ctx, closed.ID, assignment.IfVersion(1))
		p.wantError("reopen with an old version", err, assignment.ErrStale)
	})
}
