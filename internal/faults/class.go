package faults

import (
	"context"
	"errors"
	"fmt"

	"github.com/assignment-go/assignment"
)

// Class is what a call reported.
type Class string

// The classes of an answer.
const (
	Created  Class = "created"
	Existing Class = "existing"
	Replayed Class = "replayed"
	// Changed is the success of a change of status, made now or found made.
	Changed     Class = "changed"
	Conflict    Class = "conflict"
	NotFound    Class = "not found"
	Transition  Class = "transition"
	Contended   Class = "contended"
	Restart     Class = "restart transaction"
	Unknown     Class = "unknown"
	Unavailable Class = "unavailable"
	// Unguarded is the answer while the guard is missing.
	Unguarded   Class = "unguarded"
	Interrupted Class = "interrupted"
	// Leaked is an error that no caller could act upon.
	Leaked Class = "leaked"
)

// mayHaveWritten reports whether a row may carry the mark of such a call.
func (c Class) mayHaveWritten() bool {
	switch c {
	case Created, Replayed, Changed, Unknown:
		return true
	default:
		return false
	}
}

// expected are the sentinels that callers of this suite can meet. The others
// have no cause here, so that meeting one is a finding.
func expected() map[error]Class {
	return map[error]Class{
		assignment.ErrActiveExists:     Conflict,
		assignment.ErrNotFound:         NotFound,
		assignment.ErrTransition:       Transition,
		assignment.ErrContended:        Contended,
		assignment.ErrRetryTransaction: Restart,
		assignment.ErrUnknownOutcome:   Unknown,
		assignment.ErrUnavailable:      Unavailable,
	}
}

func unexpected() []error {
	return []error{
		assignment.ErrInvalid, assignment.ErrStale, assignment.ErrIDReused,
		assignment.ErrUnguarded, assignment.ErrUnsupported,
	}
}

// classify returns the one class of an error, or Leaked with what is wrong
// about it.
func classify(ctx context.Context, err error) (Class, string) {
	var found []Class
	for sentinel, class := range expected() {
		if errors.Is(err, sentinel) {
			found = append(found, class)
		}
	}
	for _, sentinel := range unexpected() {
		if errors.Is(err, sentinel) {
			return Leaked, fmt.Sprintf("I6: an error without a cause here: %v", err)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], ""
	case errors.Is(err, assignment.ErrUnknownOutcome):
		return Unknown, fmt.Sprintf("I6: unknown, and more (%v): %v", found, err)
	case len(found) > 1:
		return Leaked, fmt.Sprintf("I6: an error that is %d at once (%v): %v", len(found), found, err)
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return Interrupted, ""
	default:
		return Leaked, fmt.Sprintf("I6: an error that is none of the sentinels: %v", err)
	}
}
