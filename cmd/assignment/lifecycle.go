package main

import (
	"fmt"
	"slices"

	"github.com/assignment-go/assignment"
)

// build returns the preset, or a lifecycle of the statuses.
func (l lifecycle) build() (*assignment.Lifecycle, error) {
	named := l.Initial != "" || len(l.Active) > 0 || len(l.Terminal) > 0
	var built assignment.Lifecycle
	switch {
	case named && l.Preset != "":
		return nil, &assignment.InvalidError{Field: "-lifecycle", Reason: "can't be combined with -initial, -active and -terminal"}
	case named:
		built = l.chain()
	case l.Preset == "" || l.Preset == "default":
		built = assignment.DefaultLifecycle()
	case l.Preset == "completed-only":
		built = assignment.CompletedOnlyLifecycle()
	default:
		return nil, &assignment.InvalidError{Field: "-lifecycle", Reason: fmt.Sprintf("%q is neither default nor completed-only", l.Preset)}
	}
	return &built, built.Validate()
}

// chain lets an assignment go from each active status to the next and to every
// terminal one, which is the order that most-advanced goes by.
func (l lifecycle) chain() assignment.Lifecycle {
	if l.Initial == "" {
		l.Initial = string(assignment.StatusPending)
	}
	active := slices.Compact(append([]assignment.Status{assignment.Status(l.Initial)}, statuses(l.Active)...))
	built := assignment.Lifecycle{
		Initial: active[0], Terminal: statuses(l.Terminal), Transitions: make(map[assignment.Status][]assignment.Status),
	}
	for i, s := range active {
		built.Transitions[s] = append(slices.Clone(active[i+1:min(i+2, len(active))]), built.Terminal...)
	}
	return built
}
