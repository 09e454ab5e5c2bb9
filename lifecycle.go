package assignment

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Status is where an assignment stands in its [Lifecycle]. It is
// case-sensitive: "Completed" is not "completed".
type Status string

// The statuses of [DefaultLifecycle]. Start, Complete and Cancel move to the
// status of their name in every lifecycle.
const (
	StatusPending    Status = "pending"
	StatusInProgress Status = "in_progress"
	StatusCompleted  Status = "completed"
	StatusCancelled  Status = "cancelled"
)

// MaxStatusBytes is the longest status name, in bytes: what a PostgreSQL enum
// label can hold (NAMEDATALEN-1).
const MaxStatusBytes = 63

// Lifecycle says which statuses exist, which of them are terminal and which
// moves between them are allowed. It is an immutable value; the zero value is
// [DefaultLifecycle], and [NewLifecycle] makes others.
//
// A status holds the slot unless it is terminal. A status that the lifecycle
// does not know, read from a table that others write to, holds it too: the
// guarantee fails closed.
type Lifecycle struct {
	_     [0]func() // not comparable with ==: see Equal
	rules *rules    // nil: the default
}

// LifecycleConfig is what [NewLifecycle] makes a lifecycle of.
type LifecycleConfig struct {
	// Initial is the status of a new assignment, and where Reopen goes. It is
	// required and can't be terminal.
	Initial Status
	// Terminal lists the statuses that free the slot. At least one.
	Terminal []Status
	// Transitions maps a status to those that may follow it. A move to the
	// same status is always a no-op and must not be listed.
	Transitions map[Status][]Status
}

// rules are sorted and distinct, so that equal lifecycles have equal rules.
type rules struct {
	initial            Status
	terminal, statuses []Status
	transitions        map[Status][]Status
}

var defaultRules = newRules(LifecycleConfig{ //nolint:gochecknoglobals // immutable
	Initial:  StatusPending,
	Terminal: []Status{StatusCompleted, StatusCancelled},
	Transitions: map[Status][]Status{
		StatusPending:    {StatusInProgress, StatusCompleted, StatusCancelled},
		StatusInProgress: {StatusCompleted, StatusCancelled},
		StatusCompleted:  {StatusPending},
		StatusCancelled:  {StatusPending},
	},
})

var completedOnlyRules = newRules(LifecycleConfig{ //nolint:gochecknoglobals // immutable
	Initial:  StatusPending,
	Terminal: []Status{StatusCompleted},
	Transitions: map[Status][]Status{
		StatusPending:    {StatusInProgress, StatusCompleted},
		StatusInProgress: {StatusCompleted},
		StatusCompleted:  {StatusPending},
	},
})

// DefaultLifecycle returns pending → in_progress → completed, plus cancelled.
// Completed and cancelled are terminal; a pending assignment may be completed
// without being started, and both terminal ones may be reopened to pending. It
// is the zero Lifecycle.
func DefaultLifecycle() Lifecycle { return Lifecycle{} }

// CompletedOnlyLifecycle returns pending → in_progress → completed, in which
// only completed is terminal and may be reopened to pending: the lifecycle of a
// table whose index says WHERE status <> 'completed'.
func CompletedOnlyLifecycle() Lifecycle { return Lifecycle{rules: completedOnlyRules} }

// NewLifecycle returns the lifecycle that c describes, or an [*InvalidError]
// that names the field and the rule. It copies what c holds.
func NewLifecycle(c LifecycleConfig) (Lifecycle, error) {
	if err := c.check(); err != nil {
		return Lifecycle{}, err
	}
	return Lifecycle{rules: newRules(c)}, nil
}

func newRules(c LifecycleConfig) *rules {
	r := &rules{
		initial:     c.Initial,
		terminal:    distinct(c.Terminal),
		transitions: make(map[Status][]Status, len(c.Transitions)),
	}
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
	sorted := slices.Clone(statuses)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

func (l Lifecycle) get() *rules {
	if l.rules == nil {
		return defaultRules
	}
	return l.rules
}

// Initial returns the status of a new assignment.
func (l Lifecycle) Initial() Status { return l.get().initial }

// Terminal returns the statuses that free the slot, sorted bytewise.
func (l Lifecycle) Terminal() []Status { return slices.Clone(l.get().terminal) }

// Statuses returns every status that the lifecycle knows, sorted bytewise.
func (l Lifecycle) Statuses() []Status { return slices.Clone(l.get().statuses) }

// Knows reports whether s is a status of the lifecycle.
func (l Lifecycle) Knows(s Status) bool { return slices.Contains(l.get().statuses, s) }

// IsTerminal reports whether s frees the slot. Every other status, known or
// not, holds it.
func (l Lifecycle) IsTerminal(s Status) bool { return slices.Contains(l.get().terminal, s) }

// Allows reports whether an assignment may move between two different
// statuses. From a status that the lifecycle does not know, only terminal ones
// can be reached, so that a foreign row can be closed but never put to work.
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

func (c LifecycleConfig) check() error {
	switch {
	case c.Initial == "":
		return invalid("Lifecycle.Initial", "is required")
	case len(c.Terminal) == 0:
		return invalid("Lifecycle.Terminal", "needs at least one status, or no slot is ever freed")
	case slices.Contains(c.Terminal, c.Initial):
		return invalid("Lifecycle.Initial", fmt.Sprintf("%q is terminal; a new assignment must hold the slot", c.Initial))
	}
	for from, targets := range c.Transitions {
		if slices.Contains(targets, from) {
			return invalid("Lifecycle.Transitions", fmt.Sprintf("%q can't move to itself", from))
		}
	}
	for _, s := range newRules(c).statuses {
		if reason := checkStatusName(s); reason != "" {
			return invalid("Lifecycle", fmt.Sprintf("status %q %s", s, reason))
		}
	}
	return nil
}

// checkStatusName refuses what could not be an enum label or would need
// escaping inside an index predicate, which must be a literal.
func checkStatusName(s Status) string {
	switch {
	case s == "":
		return "is empty"
	case len(s) > MaxStatusBytes:
		return fmt.Sprintf("is longer than %d bytes", MaxStatusBytes)
	case !utf8.ValidString(string(s)):
		return "is not valid UTF-8"
	case strings.ContainsAny(string(s), `'"\`):
		return "holds a quote or a backslash"
	case strings.ContainsFunc(string(s), unicode.IsControl):
		return "holds a control character"
	default:
		return ""
	}
}
