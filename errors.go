package assignment

import (
	"errors"
	"fmt"
)

// Sentinels. Every failure of a [Service] call is exactly one of these, or the
// context's error. All but [ErrUnknownOutcome] promise that the call has written
// nothing, and so does the context's error.
var (
	// ErrActiveExists means that another assignment holds the slot. The error is
	// an [*ActiveExistsError], which carries it: show it, or call Ensure instead.
	ErrActiveExists = errors.New("active assignment already exists")
	// ErrInvalid means that the input was rejected: by a rule of this package
	// before anything was sent, or by a rule of the host's own table, such as a
	// foreign key or a trigger. The error is an [*InvalidError].
	ErrInvalid = errors.New("invalid input")
	// ErrNotFound means that there is no such assignment.
	ErrNotFound = errors.New("assignment not found")
	// ErrTransition means that the lifecycle forbids the change: a [*TransitionError].
	ErrTransition = errors.New("transition not allowed")
	// ErrStale means that the version given with [IfVersion] is outdated. Read again.
	ErrStale = errors.New("assignment was changed by someone else")
	// ErrIDReused means that a request with another key or content used the ID.
	ErrIDReused = errors.New("id already used for another assignment")
	// ErrContended means that locks, timeouts or a bound on attempts ended the
	// call: try again. The caller's transaction stays usable.
	ErrContended = errors.New("contended")
	// ErrRetryTransaction means that the caller's transaction must be run again.
	ErrRetryTransaction = errors.New("transaction must be restarted")
	// ErrUnknownOutcome means that the write may have happened: its reply was lost,
	// or the context ended meanwhile. The error is an [*UnknownOutcomeError].
	ErrUnknownOutcome = errors.New("outcome unknown")
	// ErrUnguarded means that the store can't keep the guarantee, for example
	// because its index is missing. The error is a [*GuardError]. Don't start.
	ErrUnguarded = errors.New("active slot is not guarded")
	// ErrUnsupported means that this store can't do what was asked.
	ErrUnsupported = errors.New("not supported by this store")
	// ErrUnavailable means that the store failed for a reason of its own, such as
	// a connection that the server rejects or a full disk. Try again later.
	ErrUnavailable = errors.New("store unavailable")
)

// ActiveExistsError reports the holder of a slot. It is [ErrActiveExists].
type ActiveExistsError struct {
	Key      Key        // the slot that was asked for
	Existing Assignment // the holder; zero when row-level security hides it from the caller
}

// Error names the slot and its holder.
func (e *ActiveExistsError) Error() string {
	if e.Existing.ID == "" {
		return fmt.Sprintf("%v for %s: held by an assignment that this session can't see (row-level security)", ErrActiveExists, e.Key)
	}
	return fmt.Sprintf("%v for %s: held by %s", ErrActiveExists, e.Key, e.Existing.ID)
}

// Is reports whether target is [ErrActiveExists].
func (e *ActiveExistsError) Is(target error) bool { return target == ErrActiveExists }

// InvalidError reports input that was rejected. It is [ErrInvalid].
type InvalidError struct {
	Field  string // the parameter, such as "Key.AssigneeID", or the host's constraint or column
	Reason string // the rule that was broken, such as "is required"
}

// Error names the field and the rule.
func (e *InvalidError) Error() string {
	return fmt.Sprintf("%v: %s %s", ErrInvalid, e.Field, e.Reason)
}

// Is reports whether target is [ErrInvalid].
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

// TransitionError reports a change that the lifecycle forbids. It is
// [ErrTransition].
type TransitionError struct {
	ID       ID
	From, To Status // the same status when a terminal assignment was to be reassigned
}

// Error names the assignment and both statuses.
func (e *TransitionError) Error() string {
	if e.From == e.To {
		return fmt.Sprintf("%v: %s is %s and can't be changed", ErrTransition, e.ID, e.From)
	}
	return fmt.Sprintf("%v: %s from %s to %s", ErrTransition, e.ID, e.From, e.To)
}

// Is reports whether target is [ErrTransition].
func (e *TransitionError) Is(target error) bool { return target == ErrTransition }

// UnsupportedError reports an ability that the store lacks. It is
// [ErrUnsupported].
type UnsupportedError struct {
	Ability string // what was asked for, such as "Replace"
	Reason  string // why the store can't do it
}

// Error names the ability and the reason.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("%s is %v: %s", e.Ability, ErrUnsupported, e.Reason)
}

// Is reports whether target is [ErrUnsupported].
func (e *UnsupportedError) Is(target error) bool { return target == ErrUnsupported }

func invalid(field, reason string) error {
	return &InvalidError{Field: field, Reason: reason}
}

// callError names the call that failed, and the ID or key that it was about. Its
// text is made when it is read: many callers never print a conflict.
type callError struct {
	op  string
	on  any
	err error
}

func failed(op string, on any, err error) error { return &callError{op, on, err} }

func (e *callError) Error() string {
	if on := fmt.Sprint(e.on); on != "" { // a store that makes the IDs may have made none
		return e.op + " " + on + ": " + e.err.Error()
	}
	return e.op + ": " + e.err.Error()
}

func (e *callError) Unwrap() error { return e.err }
