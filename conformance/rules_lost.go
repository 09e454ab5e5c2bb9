package conformance

import "github.com/assignment-go/assignment"

// lostRules are about writes that were carried out but whose reply is lost.
func lostRules() []Rule {
	return []Rule{
		{
			Name: "lost/change_is_not_repeated",
			Statement: "A change whose reply is lost is not repeated: when another caller has changed the row since, that " +
				"change stays and the outcome is unknown.",
			Contract: onLost,
			check:    lostChangeIsNotRepeated,
			Level:    Optional,
		},
		{
			Name: "lost/change_succeeds_or_is_unknown",
			Statement: "A change whose reply is lost succeeds or its outcome is unknown, when no other caller has changed " +
				"the row since. It is made once.",
			Contract: onLost,
			check:    lostChangeSucceedsOrIsUnknown,
			Level:    Optional,
		},
		{
			Name: "lost/create_succeeds_or_is_unknown",
			Statement: "A Create whose reply is lost succeeds with its own row or its outcome is unknown, whatever has " +
				"happened to that row and its slot since. There is one row.",
			Contract: onLost,
			needs:    []Ability{AbilityClientIDs},
			check:    lostCreateSucceedsOrIsUnknown,
		},
	}
}

// openLossy opens a store that loses its next reply. meanwhile runs on a goroutine of the
// harness; happened checks its error on that of the check.
func (p *probe) openLossy(meanwhile func() error) (store assignment.Store, happened func()) {
	if p.backend.OpenLossy == nil {
		p.skipf("the harness can't lose replies: Backend.OpenLossy is nil")
	}
	result := make(chan error, 1)
	defer p.calls.enter("Backend.OpenLossy")()
	store, err := p.backend.OpenLossy(p.ctx, func() { result <- meanwhile() })
	p.ok("open a store that loses a reply", err)
	return p.calls.on(store), func() {
		select {
		case err := <-result:
			p.ok("the call of another caller meanwhile", err)
		default:
			p.failf("the harness has lost no reply: Backend.OpenLossy did not call meanwhile")
		}
	}
}

// undoneBy returns a change and another one that a second caller can make after it, such as
// a reopening and a completion, and the moves that prepare the row.
func (p *probe) undoneBy() (prepare []assignment.Status, change, after assignment.Status) {
	to, initial := p.terminal(), p.lifecycle.Initial()
	if p.lifecycle.Allows(to, initial) {
		return pathTo(p.lifecycle, to), initial, p.firstStep()
	}
	first := p.firstStep()
	for _, s := range p.lifecycle.Statuses() {
		if s != first && p.lifecycle.Allows(first, s) {
			return nil, first, s
		}
	}
	p.skipf("the lifecycle has no two moves in a row")
	return nil, "", ""
}

func lostChangeIsNotRepeated(p *probe) {
	prepare, change, after := p.undoneBy()
	a := p.newRow()
	for _, to := range prepare {
		a = p.move(a, to)
	}
	var left assignment.Assignment
	store, happened := p.openLossy(func() (err error) {
		left, err = p.other.Transition(p.ctx, a.ID, after)
		return err
	})
	_, err := store.Update(p.ctx, a.ID, assignment.Change{To: change, At: p.clock.tick()})
	happened()
	p.wantError("a change whose reply was lost and that another change has overwritten", err, assignment.ErrUnknownOutcome)
	p.unknownAlone(err)
	p.stored(left)
}

func lostChangeSucceedsOrIsUnknown(p *probe) {
	for _, version := range []int64{0, 1} {
		if version > 0 && !p.has(AbilityIfVersion) {
			continue
		}
		a := p.newRow()
		at := p.clock.tick()
		store, happened := p.openLossy(func() error { return nil })
		got, err := store.Update(p.ctx, a.ID, assignment.Change{To: p.firstStep(), IfVersion: version, At: at})
		happened()
		want, applyErr := assignment.Change{To: p.firstStep(), At: at}.Apply(a, p.lifecycle)
		p.ok("apply the change", applyErr)
		if err == nil {
			p.same("the changed row", got, want)
		} else {
			p.wantError("a change whose reply was lost", err, assignment.ErrUnknownOutcome)
			p.unknownAlone(err)
		}
		p.stored(want)
	}
}

func lostCreateSucceedsOrIsUnknown(p *probe) {
	for name, meanwhile := range map[string]func(a assignment.Assignment) error{
		"no other call": func(assignment.Assignment) error { return nil },
		"its row was closed and its slot taken": func(a assignment.Assignment) error {
			for _, to := range pathTo(p.lifecycle, p.terminal()) {
				if _, err := p.other.Transition(p.ctx, a.ID, to); err != nil {
					return err
				}
			}
			_, err := p.other.Create(p.ctx, p.params(a.Key))
			return err
		},
		"its row was reassigned": func(a assignment.Assignment) error {
			if !p.has(AbilityReassign) {
				return nil
			}
			_, err := p.other.Reassign(p.ctx, a.ID, p.newKey().AssigneeID)
			return err
		},
	} {
		a := p.candidate(p.newKey())
		store, happened := p.openLossy(func() error { return meanwhile(a) })
		got, err := store.Create(p.ctx, a)
		happened()
		doing := "a Create whose reply was lost, after " + name
		switch {
		case err == nil && got.Assignment.ID != a.ID:
			p.failf("%s: it returned %q, want its own row %q", doing, got.Assignment.ID, a.ID)
		case err != nil:
			p.wantError(doing, err, assignment.ErrUnknownOutcome)
			p.unknownAlone(err)
		}
		_, err = p.other.Get(p.ctx, a.ID)
		p.ok("get the row", err)
	}
}
