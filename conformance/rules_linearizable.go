package conformance

import (
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"
)

func linearizableRules() []Rule {
	const statement = "There is an order of all calls, each at one moment between its begin and its end, that explains every answer"
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
			Statement: statement + ", when some are cut short: those of unknown outcome may count at any later moment or " +
				"never, those that returned the context's error changed nothing.",
			Contract: onCancellation,
			needs:    wholeRows(),
			check:    func(p *probe) { p.linearizable(linearTest{handles: 2, cancels: true}) },
		},
	}
}

// wholeRows is what the model of a row consists of.
func wholeRows() []Ability {
	return []Ability{AbilityClientIDs, AbilityIfVersion, AbilityCreatedAt, AbilityUpdatedAt, AbilityCompletedAt}
}

// A rule makes at least linearLeast rounds, and more for as long as
// linearTime lasts: a backend in memory makes hundreds.
const (
	linearLeast = 25
	linearMost  = 300
	linearTime  = 1500 * time.Millisecond
	// visualiseTime bounds the drawing of one.
	visualiseTime = 2 * time.Second
)

// linearTest is how the histories of a rule are made, and what was recorded.
type linearTest struct {
	handles int
	cancels bool

	calls, open, nothing, overlaps int
	rounds, unchecked              int
}

func (p *probe) linearizable(t linearTest) {
	usual := p.usualWrite()
	c := newChecker(p.lifecycle)
	began, least := time.Now(), p.repeats(linearLeast)
	limit := time.Duration(p.repeats(int(linearTime)))
	more := func() bool { return time.Since(began) < limit || t.overlaps == 0 }
	for round := 0; round < least || round < linearMost && more(); round++ {
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

// usualWrite is how long a write takes when nothing else happens.
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

// verify wants histories that say something: of calls that did overlap, had an
// effect, and mostly were answered.
func (t *linearTest) verify(p *probe) {
	if t.overlaps == 0 {
		p.inconclusivef("of %d calls no two overlapped on one slot while one of them wrote, so nothing was learnt about "+
			"concurrency. Do the clients wait for each other, in the driver or in the harness?", t.calls)
	}
	if 2*t.unchecked > t.rounds {
		p.inconclusivef("of %d histories %d could not be judged within %v each", t.rounds, t.unchecked, checkTimeout)
	}
	if 2*(t.open+t.nothing) > t.calls {
		p.failf("of %d calls %d had an unknown outcome and %d were refused without an answer, although few were cut short",
			t.calls, t.open, t.nothing)
	}
}

// mostOpen bounds the unknown outcomes of one subject in a round, above which a
// check could take for ever.
const mostOpen = maxCancelled + 2

// explainable wants an order for the calls on one subject. It is false when the
// time did not suffice to tell.
func (p *probe) explainable(c checker, round int, history []*event) bool {
	if open := len(filter(history, (*event).open)); open > mostOpen {
		p.failf("%d of %d calls had an unknown outcome, though at most %d were cut short", open, len(history), maxCancelled)
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
