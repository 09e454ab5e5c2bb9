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
// To settle a Create, Replace or CreateMany, repeat the call with ID: it is then
// created or replayed. A conflict with another assignment tells who holds the
// slot now; the lost write can, in rare cases, still land once that one is
// closed. To settle a change, read the row and decide by what it shows: others
// may have changed it since, and to repeat the change blindly would undo that.
//
// What the driver saw last can be found in the chain, but for what promises that
// nothing was written: [errors.Is] reports no other sentinel of this package and
// no error of a context, and [errors.As] finds no other typed error of this
// package. So no order of tests can mistake an unknown outcome for a refusal.
type UnknownOutcomeError struct {
	// ID is the assignment that the write was about; the first one of a batch
	// that is all or nothing. It is empty when the store makes the IDs, see
	// [IDMaker]: FindActive then tells who holds the slot.
	ID ID
	// Err is what the driver saw last, for logs.
	Err error
}

// Error names the assignment and the cause.
func (e *UnknownOutcomeError) Error() string {
	return fmt.Sprintf("%v%s: %v", ErrUnknownOutcome, named(" for ", e.ID), e.Err)
}

// Is reports whether target is [ErrUnknownOutcome], or is found in the chain of
// Err and makes no promise about what was written.
func (e *UnknownOutcomeError) Is(target error) bool {
	return target == ErrUnknownOutcome || !promises(target) && errors.Is(e.Err, target)
}

// As finds what errors.As finds in the chain of Err, unless that makes a promise
// about what was written.
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

// promises reports whether an error tells its reader that nothing was written.
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
