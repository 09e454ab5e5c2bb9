package assignment

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Lifecycle says which statuses exist, which of them are terminal and which
// moves between them are allowed. It is immutable; the zero value is
// [DefaultLifecycle], and [NewLifecycle] makes others.
//
// A status that is not terminal holds the slot, also one that the lifecycle does
// not know, read from a table that others write to: the guarantee fails closed.
type Lifecycle struct {
	_     [0]func() // not comparable with ==: see Equal
	rules *rules    // nil: the default
}

// DefaultLifecycle returns pending → in_progress → completed, plus cancelled. The
// last two are terminal and may be reopened; pending may be completed at once.
func DefaultLifecycle() Lifecycle { return Lifecycle{} }

// CompletedOnlyLifecycle returns pending → in_progress → completed, in which only
// completed is terminal and may be reopened to pending.
func CompletedOnlyLifecycle() Lifecycle { return Lifecycle{rules: completedOnlyRules} }

// NewLifecycle returns the lifecycle that c describes, or an [*InvalidError].
func NewLifecycle(c LifecycleConfig) (Lifecycle, error) {
	if err := c.check(); err != nil {
		return Lifecycle{}, err
	}
	return Lifecycle{rules: newRules(c)}, nil
}

// Initial returns the status of a new assignment.
func (l Lifecycle) Initial() Status { return l.get().initial }

// Terminal returns the statuses that free the slot, sorted bytewise.
func (l Lifecycle) Terminal() []Status { return slices.Clone(l.get().terminal) }

// Statuses returns every status that the lifecycle knows, sorted bytewise.
func (l Lifecycle) Statuses() []Status { return slices.Clone(l.get().statuses) }

// Knows reports whether s is a status of the lifecycle.
func (l Lifecycle) Knows(s Status) bool { return slices.Contains(l.get().statuses, s) }

// IsTerminal reports whether s frees the slot.
func (l Lifecycle) IsTerminal(s Status) bool { return slices.Contains(l.get().terminal, s) }

// Allows reports whether an assignment may move between two different
// statuses. From a status that the lifecycle does not know, only terminal ones
// can be reached: a foreign row can be closed but never put to work.
func (l Lifecycle) Allows(from, to Status) bool {
	if !l.Knows(from) {
		return l.IsTerminal(to)
	}
	return slices.Contains(l.get().transitions[from], to)
}

// Equal reports whether both have the same statuses and allow the same moves.
func (l Lifecycle) Equal(other Lifecycle) bool {
	a, b := l.get(), other.get()
	return a == b || a.initial == b.initial &&
		slices.Equal(a.terminal, b.terminal) && slices.Equal(a.statuses, b.statuses) &&
		maps.EqualFunc(a.transitions, b.transitions, slices.Equal[[]Status])
}

// String names the initial status, the terminal ones and the moves.
func (l Lifecycle) String() string {
	r := l.get()
	var b strings.Builder
	fmt.Fprintf(&b, "initial %q, terminal %q", r.initial, r.terminal)
	for _, from := range r.statuses {
		if targets := r.transitions[from]; len(targets) > 0 {
			fmt.Fprintf(&b, ", %q to %q", from, targets)
		}
	}
	return b.String()
}

func (l Lifecycle) get() *rules {
	if l.rules == nil {
		return defaultRules
	}
	return l.rules
}

// rules are sorted and distinct, so that equal lifecycles have equal rules. They
// are never changed, and never handed out.
type rules struct {
	initial            Status
	terminal, statuses []Status
	transitions        map[Status][]Status
}

// newRules takes a config that is valid, or is checked with the result.
func newRules(c LifecycleConfig) *rules {
	r := &rules{initial: c.Initial, terminal: distinct(c.Terminal), transitions: make(map[Status][]Status, len(c.Transitions))}
	named := append([]Status{c.Initial}, c.Terminal...)
	for from, targets := range c.Transitions {
		named = append(append(named, from), targets...)
		if len(targets) > 0 {
			r.transitions[from] = distinct(targets)
		}
	}
	r.statuses = distinct(named)
	return r
}

func distinct(statuses []Status) []Status {
	return slices.Compact(slices.Sorted(slices.Values(statuses)))
}
