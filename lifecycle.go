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
// moves between them are allowed. It belongs to the store, which enforces it;
// the predicate of a PostgreSQL guard is rendered from it.
//
// A status holds the slot unless it is listed in Terminal. A status that the
// lifecycle does not know, read from a table that others write to, holds it
// too: the guarantee fails closed.
//
// Treat a Lifecycle as read-only once a store has it.
type Lifecycle struct {
	// Initial is the status of a new assignment, and where Reopen goes. It is
	// required and can't be terminal.
	Initial Status
	// Terminal lists the statuses that free the slot. At least one.
	Terminal []Status
	// Transitions maps a status to those that may follow it. A move to the
	// same status is always a no-op and must not be listed.
	Transitions map[Status][]Status
}

// DefaultLifecycle returns pending → in_progress → completed, plus cancelled.
// Completed and cancelled are terminal; a pending assignment may be completed
// without being started, and both terminal ones may be reopened to pending.
func DefaultLifecycle() Lifecycle {
	return Lifecycle{
		Initial:  StatusPending,
		Terminal: []Status{StatusCompleted, StatusCancelled},
		Transitions: map[Status][]Status{
			StatusPending:    {StatusInProgress, StatusCompleted, StatusCancelled},
			StatusInProgress: {StatusCompleted, StatusCancelled},
			StatusCompleted:  {StatusPending},
			StatusCancelled:  {StatusPending},
		},
	}
}

// CompletedOnlyLifecycle returns the lifecycle of the incident's table, whose
// index says WHERE status != 'completed': pending → in_progress → completed,
// in which only completed is terminal and may be reopened to pending.
func CompletedOnlyLifecycle() Lifecycle {
	return Lifecycle{
		Initial:  StatusPending,
		Terminal: []Status{StatusCompleted},
		Transitions: map[Status][]Status{
			StatusPending:    {StatusInProgress, StatusCompleted},
			StatusInProgress: {StatusCompleted},
			StatusCompleted:  {StatusPending},
		},
	}
}

// Validate returns an [*InvalidError] that names the field and the rule, or nil.
func (l Lifecycle) Validate() error {
	if l.Initial == "" {
		return invalid("Lifecycle.Initial", "is required")
	}
	if len(l.Terminal) == 0 {
		return invalid("Lifecycle.Terminal", "needs at least one status, or no slot is ever freed")
	}
	if l.IsTerminal(l.Initial) {
		return invalid("Lifecycle.Initial", fmt.Sprintf("%q is terminal; a new assignment must hold the slot", l.Initial))
	}
	for from, targets := range l.Transitions {
		if slices.Contains(targets, from) {
			return invalid("Lifecycle.Transitions", fmt.Sprintf("%q can't move to itself", from))
		}
	}
	for _, s := range l.Statuses() {
		if reason := checkStatusName(s); reason != "" {
			return invalid("Lifecycle", fmt.Sprintf("status %q %s", s, reason))
		}
	}
	return nil
}

// Statuses returns every status that the lifecycle names, sorted bytewise.
func (l Lifecycle) Statuses() []Status {
	known := append([]Status{l.Initial}, l.Terminal...)
	for from, targets := range l.Transitions {
		known = append(append(known, from), targets...)
	}
	slices.Sort(known)
	return slices.Compact(known)
}

// Knows reports whether the lifecycle names s.
func (l Lifecycle) Knows(s Status) bool {
	if s == "" {
		return false
	}
	if s == l.Initial || l.IsTerminal(s) {
		return true
	}
	if _, moves := l.Transitions[s]; moves {
		return true
	}
	for _, targets := range l.Transitions {
		if slices.Contains(targets, s) {
			return true
		}
	}
	return false
}

// IsTerminal reports whether s frees the slot. Every other status, known or
// not, holds it.
func (l Lifecycle) IsTerminal(s Status) bool {
	return slices.Contains(l.Terminal, s)
}

// Allows reports whether an assignment may move between two different
// statuses. From a status that the lifecycle does not know, only terminal ones
// can be reached, so that a foreign row can be closed but never put to work.
func (l Lifecycle) Allows(from, to Status) bool {
	if !l.Knows(from) {
		return l.IsTerminal(to)
	}
	return slices.Contains(l.Transitions[from], to)
}

// Clone returns a copy that shares no memory with l.
func (l Lifecycle) Clone() Lifecycle {
	l.Terminal = slices.Clone(l.Terminal)
	l.Transitions = maps.Clone(l.Transitions)
	for from, targets := range l.Transitions {
		l.Transitions[from] = slices.Clone(targets)
	}
	return l
}

// LifecycleOrDefault is what drivers apply to their optional lifecycle: nil
// means [DefaultLifecycle], anything else is validated and copied. A pointer
// to a zero Lifecycle is a mistake and refused, never read as the default.
func LifecycleOrDefault(l *Lifecycle) (Lifecycle, error) {
	if l == nil {
		return DefaultLifecycle(), nil
	}
	if err := l.Validate(); err != nil {
		return Lifecycle{}, err
	}
	return l.Clone(), nil
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
