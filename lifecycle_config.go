package assignment

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Status is where an assignment stands in its [Lifecycle]. It is case-sensitive.
type Status string

// The statuses of [DefaultLifecycle].
const (
	StatusPending    Status = "pending"
	StatusInProgress Status = "in_progress"
	StatusCompleted  Status = "completed"
	StatusCancelled  Status = "cancelled"
)

// LifecycleConfig is what [NewLifecycle] makes a lifecycle of.
type LifecycleConfig struct {
	Initial  Status   // that of a new assignment, and where Reopen goes; required
	Terminal []Status // those that free the slot; at least one
	// Transitions maps a status to those that may follow it, but not to itself.
	Transitions map[Status][]Status
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
		if !s.valid() {
			return invalid("Lifecycle", fmt.Sprintf(
				"status %q must be 1 to %d bytes of UTF-8 without quotes, backslashes and control characters", s, MaxStatusBytes))
		}
	}
	return nil
}

// valid rejects what could not be an enum label, or would need escaping in the
// predicate of an index, which must be a literal.
func (s Status) valid() bool {
	return s != "" && len(s) <= MaxStatusBytes && utf8.ValidString(string(s)) &&
		!strings.ContainsAny(string(s), `'"\`) && !strings.ContainsFunc(string(s), unicode.IsControl)
}

//nolint:gochecknoglobals // immutable
var (
	defaultRules = newRules(LifecycleConfig{
		Initial:  StatusPending,
		Terminal: []Status{StatusCompleted, StatusCancelled},
		Transitions: map[Status][]Status{
			StatusPending:    {StatusInProgress, StatusCompleted, StatusCancelled},
			StatusInProgress: {StatusCompleted, StatusCancelled},
			StatusCompleted:  {StatusPending},
			StatusCancelled:  {StatusPending},
		},
	})
	completedOnlyRules = newRules(LifecycleConfig{
		Initial:  StatusPending,
		Terminal: []Status{StatusCompleted},
		Transitions: map[Status][]Status{
			StatusPending:    {StatusInProgress, StatusCompleted},
			StatusInProgress: {StatusCompleted},
			StatusCompleted:  {StatusPending},
		},
	})
)
