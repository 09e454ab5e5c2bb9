package main

import (
	"fmt"
	"slices"

	"github.com/assignment-go/assignment"
)

// build returns the preset, or a lifecycle of the statuses.
func (l lifecycle) build() (assignment.Lifecycle, error) {
	named := l.Initial != "" || len(l.Active) > 0 || len(l.Terminal) > 0
	switch {
	case named && l.Preset != "":
		return assignment.Lifecycle{}, invalid("-lifecycle", "can't be combined with -initial, -active and -terminal")
	case named:
		return l.chain()
	case l.Preset == "" || l.Preset == "default":
		return assignment.DefaultLifecycle(), nil
	case l.Preset == "completed-only":
		return assignment.CompletedOnlyLifecycle(), nil
	default:
		return assignment.Lifecycle{}, invalid("-lifecycle", fmt.Sprintf("%q is neither default nor completed-only", l.Preset))
	}
}

// chain lets an assignment move from each active status to the next and to every
// terminal one, which is the order that most-advanced ranks by.
func (l lifecycle) chain() (assignment.Lifecycle, error) {
	if l.Initial == "" {
		l.Initial = string(assignment.StatusPending)
	}
	active := slices.Compact(append([]assignment.Status{assignment.Status(l.Initial)}, statuses(l.Active)...))
	c := assignment.LifecycleConfig{
		Initial: active[0], Terminal: statuses(l.Terminal), Transitions: make(map[assignment.Status][]assignment.Status),
	}
	for i, s := range active {
		c.Transitions[s] = append(slices.Clone(active[i+1:min(i+2, len(active))]), c.Terminal...)
	}
	return assignment.NewLifecycle(c)
}
