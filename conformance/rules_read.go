package conformance

import "github.com/assignment-go/assignment"

func readRules() []Rule {
	return []Rule{
		{
			Name:      "read/get_of_unknown_id_is_not_found",
			Statement: "Get of an ID that does not exist fails with ErrNotFound.",
			Contract:  onGet,
			check:     getOfUnknownID,
		},
		{
			Name: "read/find_active_of_free_slot_is_not_found",
			Statement: "FindActive of a key fails with ErrNotFound when the key was never used or all its assignments are " +
				"closed.",
			Contract: onFindActive,
			check:    findActiveOfFreeSlot,
		},
		{
			Name:      "read/find_active_compares_the_whole_key",
			Statement: "FindActive finds the holder of exactly this key, and not of one that shares a part with it.",
			Contract:  onFindActive,
			check:     findActiveNeedsBothParts,
		},
		{
			Name:      "read/writes_are_visible_to_the_next_call",
			Statement: "What one handle has written is visible to the next call on the other handle.",
			Contract:  onAtomicity,
			check:     writesAreSeenAtOnce,
		},
	}
}

func getOfUnknownID(p *probe) {
	p.newRow()
	for i := range 2 {
		_, err := p.handle(i).Get(p.ctx, p.newID())
		p.wantError("get an ID that does not exist", err, assignment.ErrNotFound)
	}
}

func findActiveOfFreeSlot(p *probe) {
	p.newRow()
	p.free(p.newKey())
	k := p.newKey()
	p.closed(k)
	p.closed(k)
	p.free(k)
}

func findActiveNeedsBothParts(p *probe) {
	one, two := p.newKey(), p.newKey()
	p.holds(p.holder(one))
	p.holds(p.holder(two))
	p.free(assignment.Key{AssigneeID: one.AssigneeID, SubjectID: two.SubjectID})
	p.free(assignment.Key{AssigneeID: two.AssigneeID, SubjectID: one.SubjectID})
}

func writesAreSeenAtOnce(p *probe) {
	k := p.newKey()
	for i := range 10 {
		writer, reader := p.handle(i), p.handle(i+1)
		a, err := writer.Create(p.ctx, p.params(k))
		p.ok("create", err)
		got, err := reader.FindActive(p.ctx, k)
		p.ok("find what the other handle has just created", err)
		p.same("the row that the other handle has just created", got, a)
		a = p.moveTo(a, p.terminal())
		got, err = p.other.Get(p.ctx, a.ID)
		p.ok("get what the other handle has just changed", err)
		p.same("the row that the other handle has just changed", got, a)
		p.free(k)
	}
}
