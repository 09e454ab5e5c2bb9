package conformance

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// shrinker searches for the fewest calls that contradict each other. Each of its steps only
// weakens what a history claims: when the smaller history has no possible order, the whole
// one has none either.
type shrinker struct {
	checker checker
	until   time.Time
}

// shrinkTime bounds the search; the smallest history found by then is shown.
const shrinkTime = 3 * time.Second

// tryTime bounds one check of the search.
const tryTime = 200 * time.Millisecond

func (c checker) shrink(history []*event) []*event {
	s := shrinker{c, time.Now().Add(shrinkTime)}
	history = s.prefix(history)
	for {
		smaller := s.pass(history)
		if cost(smaller) == cost(history) {
			return smaller
		}
		history = smaller
	}
}

func (s shrinker) illegal(history []*event) bool {
	left := time.Until(s.until)
	return left > 0 && s.checker.check(history, min(left, tryTime)) == porcupine.Illegal
}

// prefix returns the history up to the first end of a call after which it has no possible
// order. Calls that are running at that moment may have taken effect.
func (s shrinker) prefix(history []*event) []*event {
	ends := slices.Clone(history)
	slices.SortFunc(ends, func(a, b *event) int { return cmp.Compare(a.end, b.end) })
	for _, last := range ends {
		if until := before(history, last.end); s.illegal(until) {
			return until
		}
	}
	return history
}

func before(history []*event, end int64) []*event {
	var until []*event
	for _, e := range history {
		switch {
		case e.begin > end:
		case e.end <= end:
			until = append(until, e)
		case e.op.writes():
			until = append(until, e.withoutReply())
		}
	}
	return until
}

// withoutReply returns the call with its reply ignored.
func (e *event) withoutReply() *event {
	open := *e
	open.replyIgnored, open.end = true, math.MaxInt64
	return &open
}

// pass tries, for each call, to remove it if it changed nothing, or else to ignore its reply.
func (s shrinker) pass(history []*event) []*event {
	for i := len(history) - 1; i >= 0; i-- {
		smaller := slices.Clone(history)
		switch e := history[i]; {
		case e.replyIgnored:
			continue
		case e.wrote() || e.open():
			smaller[i] = e.withoutReply()
		default:
			smaller = slices.Delete(smaller, i, i+1)
		}
		if s.illegal(smaller) {
			history = smaller
		}
	}
	return history
}

// cost counts the calls whose replies are not ignored.
func cost(history []*event) int { return len(withReplies(history)) }

// withReplies returns the calls whose replies are not ignored.
func withReplies(history []*event) []*event {
	return filter(history, func(e *event) bool { return !e.replyIgnored })
}
