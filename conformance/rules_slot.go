package conformance

import "github.com/assignment-go/assignment"

func slotRules() []Rule {
	return []Rule{
		{
			Name:        "slot/terminal_status_frees_it",
			Statement:   "When an assignment becomes terminal, its slot is free and the next Create takes it.",
			Contract:    onPromise,
			everyPolicy: true,
			check:       terminalFreesTheSlot,
		},
		{
			Name:        "slot/every_other_status_holds_it",
			Statement:   "An assignment holds its slot in every status that is not terminal.",
			Contract:    onPromise,
			everyPolicy: true,
			check:       activeKeepsTheSlot,
		},
		{
			Name:        "slot/history_is_unlimited",
			Statement:   "A key may have any number of terminal assignments besides an active one.",
			Contract:    onPromise,
			everyPolicy: true,
			check:       historyMayRepeat,
		},
	}
}

func terminalFreesTheSlot(p *probe) {
	for _, status := range filter(reachable(p.lifecycle), p.lifecycle.IsTerminal) {
		first := p.moveTo(p.newRow(), status)
		p.free(first.Key)
		second := p.holder(first.Key)
		p.stored(first)
		p.holds(second)
	}
}

func activeKeepsTheSlot(p *probe) {
	for _, status := range reachable(p.lifecycle) {
		if p.lifecycle.IsTerminal(status) {
			continue
		}
		holder := p.moveTo(p.newRow(), status)
		p.holds(holder)
		_, err := p.other.Create(p.ctx, p.params(holder.Key))
		p.conflict("create on a slot held by a row that is "+string(status), err, holder)
	}
}

func historyMayRepeat(p *probe) {
	k := p.newKey()
	want := make([]assignment.Assignment, 5)
	for i := range want[:4] {
		want[i] = p.closed(k)
		p.clock.tick()
	}
	want[4] = p.holder(k)
	p.sameRows("the history of a key", p.list(p.other, assignment.Query{AssigneeID: k.AssigneeID}), want)
}
