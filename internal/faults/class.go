package faults

import (
	"context"
	"errors"
	"fmt"

	"github.com/assignment-go/assignment"
)

// Class is what a call reported: a kind of success or of error.
type Class string

// The classes.
const (
	Created  Class = "created"
	Existing Class = "existing"
	Replayed Class = "replayed"
	// Changed is a change of status that succeeded, now or in an earlier attempt.
	Changed     Class = "changed"
	Conflict    Class = "conflict"
	NotFound    Class = "not found"
	Transition  Class = "transition"
	Contended   Class = "contended"
	RetryTx     Class = "retry transaction"
	Unknown     Class = "unknown"
	Unavailable Class = "unavailable"
	// Unguarded is an error that says that the guard is missing.
	Unguarded   Class = "unguarded"
	Interrupted Class = "interrupted"
	// Unclassified is an error that no caller could act on.
	Unclassified Class = "unclassified"
)

// mayHaveWritten reports whether a call of this class may have written a row.
func (c Class) mayHaveWritten() bool {
	switch c {
	case Created, Replayed, Changed, Unknown:
		return true
	default:
		return false
	}
}

// expected maps the sentinels that callers of this suite can get to their class.
// The other sentinels have no cause here, so that any of them is a violation.
func expected() map[error]Class {
	return map[error]Class{
		assignment.ErrActiveExists:     Conflict,
		assignment.ErrNotFound:         NotFound,
		assignment.ErrTransition:       Transition,
		assignment.ErrContended:        Contended,
		assignment.ErrRetryTransaction: RetryTx,
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

// classify returns the one class of an error, or Unclassified with what is wrong
// with it.
func classify(ctx context.Context, err error) (Class, string) {
	var found []Class
	for sentinel, class := range expected() {
		if errors.Is(err, sentinel) {
			found = append(found, class)
		}
	}
	for _, sentinel := range unexpected() {
		if errors.Is(err, sentinel) {
			return Unclassified, fmt.Sprintf("I6: an error that has no cause here: %v", err)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], ""
	case errors.Is(err, assignment.ErrUnknownOutcome):
		return Unknown, fmt.Sprintf("I6: an unknown outcome that is also something else (%v): %v", found, err)
	case len(found) > 1:
		return Unclassified, fmt.Sprintf("I6: an error of %d classes at once (%v): %v", len(found), found, err)
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return Interrupted, ""
	default:
		return Unclassified, fmt.Sprintf("I6: an error that is none of the sentinels: %v", err)
	}
}
