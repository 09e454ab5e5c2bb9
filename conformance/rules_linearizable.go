package conformance

import (
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"
)

func linearizableRules() []Rule {
	const statement = "There is an order of all calls, each at one moment between its start and its end, that explains every result"
	return []Rule{
		{
			Name:      "linearizable/one_handle",
			Statement: statement + ", when clients share a handle.",
			Contract:  onAtomicity,
			needs:     wholeRows(),
			check:     func(p *probe) { p.linearizable(linearTest{handles: 1}) },
		},
		{
			Name:      "linearizable/two_handles",
			Statement: statement + ", when clients use different handles.",
			Contract:  onAtomicity,
			needs:     wholeRows(),
			check:     func(p *probe) { p.linearizable(linearTest{handles: 2}) },
		},
		{
			Name: "linearizable/with_cancellations",
			Statement: statement + ", when some calls are cancelled: a call of unknown outcome may take effect at any later " +
				"moment or never, and one that returned the context's error changed nothing.",
			Contract: onCancellation,
			needs:    wholeRows(),
			check:    func(p *probe) { p.linearizable(linearTest{handles: 2, cancels: true}) },
		},
	}
}

// wholeRows lists the abilities that the model of a row needs.
func wholeRows() []Ability {
	return []Ability{AbilityClientIDs, AbilityIfVersion, AbilityCreatedAt, AbilityUpdatedAt, AbilityCompletedAt}
}

// A rule runs at least minRounds rounds, and more until roundsTime is over: a backend in
// memory runs hundreds.
const (
	minRounds  = 25
	maxRounds  = 300
	roundsTime = 1500 * time.Millisecond
	// visualiseTime bounds the drawing of a history.
	visualiseTime = 2 * time.Second
)

// linearTest is how the histories of a rule are recorded, and counts of what was recorded.
type linearTest struct {
	handles int
	cancels bool

	calls, open, nothing, overlaps int
	rounds, unchecked              int
}

func (p *probe) linearizable(t linearTest) {
	usual := p.usualWrite()
	c := newChecker(p.lifecycle)
	began, least := time.Now(), p.repeats(minRounds)
	limit := time.Duration(p.repeats(int(roundsTime)))
	more := func() bool { return time.Since(began) < limit || t.overlaps == 0 }
	for round := 0; round < least || round < maxRounds && more(); round++ {
		p.ok(fmt.Sprintf("round %d", round+1), p.ctx.Err())
		r := &recorder{probe: p, handles: t.handles, yields: round%2 == 1, inStep: round%4 > 1, usual: usual}
		history := r.record(p.plan(t.cancels))
		t.tally(history)
		for slot := range linearSubjects {
			about := filter(history, func(e *event) bool { return e.slot == slot })
			t.rounds++
			if !p.explainable(c, round, about) {
				t.unchecked++
			}
		}
	}
	t.verify(p)
}

// usualWrite is the duration of a write without concurrent calls.
func (p *probe) usualWrite() time.Duration {
	usual := p.harness.Timeout
	for range 5 {
		began := time.Now()
		p.newRow()
		usual = min(usual, time.Since(began))
	}
	return usual
}

func (t *linearTest) tally(history []*event) {
	for _, e := range history {
		t.calls++
		switch {
		case e.open():
			t.open++
		case e.got.kind == replyNotWritten:
			t.nothing++
		}
	}
	t.overlaps += overlaps(history)
}

// verify wants meaningful histories: calls that overlap, that have an effect, and most of
// which have a definite result.
func (t *linearTest) verify(p *probe) {
	if t.overlaps == 0 {
		p.inconclusivef("of %d calls, no two overlapped on one slot of which one wrote, so nothing was learned about "+
			"concurrency: do the clients wait for each other, in the driver or in the harness?", t.calls)
	}
	if 2*t.unchecked > t.rounds {
		p.inconclusivef("%d of %d histories could not be checked within %v each", t.unchecked, t.rounds, checkTimeout)
	}
	if 2*(t.open+t.nothing) > t.calls {
		p.failf("of %d calls, %d had an unknown outcome and %d failed without effect, although few were cancelled",
			t.calls, t.open, t.nothing)
	}
}

// mostOpen bounds the unknown outcomes per subject in a round: with more, a check could take
// too long.
const mostOpen = maxCancelled + 2

// explainable wants an order of the calls on one subject. It returns false when the check
// has timed out.
func (p *probe) explainable(c checker, round int, history []*event) bool {
	if open := len(filter(history, (*event).open)); open > mostOpen {
		p.failf("%d of %d calls had an unknown outcome, although at most %d were cancelled", open, len(history), maxCancelled)
	}
	switch c.check(history, c.timeout) {
	case porcupine.Ok:
		return true
	case porcupine.Unknown:
		return false
	case porcupine.Illegal:
	}
	f := failed("round %d of seed %d: %s", round+1, p.harness.Seed, c.explain(c.shrink(history), history, p.lifecycle))
	if page, err := c.visualise(history, visualiseTime); err == nil {
		f.artifacts = []Artifact{{Name: "history.html", Content: page}}
	}
	panic(f)
}
