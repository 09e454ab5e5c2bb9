package conformance

import (
	"time"

	"github.com/assignment-go/assignment"
)

func completionRules() []Rule {
	return []Rule{
		{
			Name:        "completion/time_is_set_in_terminal_statuses",
			Statement:   "CompletedAt is the time of the move to the terminal status, and zero in every other status.",
			Contract:    onCompletedAt,
			everyPolicy: true,
			check:       completedAtWhileTerminal,
		},
		{
			Name:        "completion/time_is_cleared_by_reopening",
			Statement:   "A reopened assignment has no CompletedAt, and gets a new one when it is closed again.",
			Contract:    onCompletedAt,
			needs:       []Ability{reopening},
			everyPolicy: true,
			check:       reopeningClearsCompletedAt,
		},
	}
}

// completedAt is what a row that moves to the status now must have.
func (p *probe) completedAt(to assignment.Status) time.Time {
	if p.lifecycle.IsTerminal(to) {
		return p.clock.Now()
	}
	return time.Time{}
}

func completedAtWhileTerminal(p *probe) {
	for _, status := range reachable(p.lifecycle) {
		a := p.newRow()
		p.clock.tick()
		for _, step := range pathTo(p.lifecycle, status) {
			p.clock.tick()
			a = p.move(a, step)
		}
		want := a
		want.CompletedAt = p.completedAt(status)
		p.same("the row that is "+string(status), a, want)
		p.stored(want)
	}
}

func reopeningClearsCompletedAt(p *probe) {
	closed := p.closed(p.newKey())
	p.clock.tick()
	open, err := p.service.Reopen(p.ctx, closed.ID)
	p.ok("reopen", err)
	want := open
	want.CompletedAt = time.Time{}
	p.same("the reopened row", open, want)
	at := p.clock.tick()
	want = p.moveTo(open, closed.Status)
	want.CompletedAt = at
	p.stored(want)
}
