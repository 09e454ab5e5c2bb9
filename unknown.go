package assignment

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// UnknownOutcomeError reports a write that may or may not have happened. It is
// [ErrUnknownOutcome].
//
// To resolve a creation, repeat it with ID; a conflict is no proof that the lost
// write won't take effect. To resolve a change, read the row: repeating the change
// could undo that of others. Its chain has no other sentinel or typed error, and
// no error of a context, since those promise that nothing was written.
type UnknownOutcomeError struct {
	ID  ID    // the first one of a batch that is all or nothing; empty with an [IDMaker]
	Err error // what the driver saw last, for logs
}

// Error names the assignment and the cause.
func (e *UnknownOutcomeError) Error() string {
	if e.ID == "" {
		return fmt.Sprintf("%v: %v", ErrUnknownOutcome, e.Err)
	}
	return fmt.Sprintf("%v for %s: %v", ErrUnknownOutcome, e.ID, e.Err)
}

// Is finds [ErrUnknownOutcome], and in the chain of Err what promises nothing.
func (e *UnknownOutcomeError) Is(target error) bool {
	return target == ErrUnknownOutcome || !promises(target) && errors.Is(e.Err, target)
}

// As finds what errors.As finds in the chain of Err, unless that is a promise.
func (e *UnknownOutcomeError) As(target any) bool {
	found := reflect.New(reflect.TypeOf(target).Elem())
	if !errors.As(e.Err, found.Interface()) {
		return false
	}
	if err, ok := reflect.TypeAssert[error](found.Elem()); ok && promises(err) {
		return false
	}
	reflect.ValueOf(target).Elem().Set(found.Elem())
	return true
}

// promises reports whether err tells its reader that nothing was written. A host
// that tests for a deadline first would believe that of an unknown outcome, if the
// deadline that ended the call could be found in it.
func promises(err error) bool {
	switch err.(type) { //nolint:errorlint // errors.Is and errors.As walk the chain, and ask for each part of it
	case *ActiveExistsError, *BatchError, *GuardError, *InvalidError, *TransitionError, *UnsupportedError, *callError:
		return true
	}
	return slices.Contains([]error{
		ErrActiveExists, ErrInvalid, ErrNotFound, ErrTransition, ErrStale, ErrIDReused, ErrContended,
		ErrRetryTransaction, ErrUnguarded, ErrUnsupported, ErrUnavailable,
		context.Canceled, context.DeadlineExceeded,
	}, err)
}
