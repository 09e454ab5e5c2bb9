package assignment

import (
	"errors"
	"fmt"
	"strconv"
)

// Sentinels. Every failure of a [Service] call is exactly one of these, or the
// context's error when the context ended first; test with [errors.Is]. What the
// driver reported stays in the chain.
//
// They say what a caller may believe. All but [ErrUnknownOutcome] promise that
// the call has written nothing, and so does the context's error: an error in
// whose chain [context.Canceled] or [context.DeadlineExceeded] is found is never
// an unknown outcome, so that the order of the tests does not matter.
var (
	// ErrActiveExists means that another assignment holds the slot. The error
	// is an [*ActiveExistsError], which carries it, unless it is hidden from the
	// caller. Nothing was written.
	ErrActiveExists = errors.New("active assignment already exists")
	// ErrInvalid means that the input was refused: by a rule of this package
	// before anything was sent, or by a rule of the host's own table, such as a
	// foreign key or a trigger. The error is an [*InvalidError], which names the
	// field and the rule. Nothing was written.
	ErrInvalid = errors.New("invalid input")
	// ErrNotFound means that there is no such assignment. Nothing was written.
	ErrNotFound = errors.New("assignment not found")
	// ErrTransition means that the lifecycle does not allow the change. The
	// error is a [*TransitionError]. Nothing was written.
	ErrTransition = errors.New("transition not allowed")
	// ErrStale means that the assignment no longer has the version that the
	// caller named with [IfVersion]. Nothing was written.
	ErrStale = errors.New("assignment was changed by someone else")
	// ErrIDReused means that the ID belongs to an assignment that another
	// request created, one with another key or content. What became of that
	// assignment since does not matter. This call has written nothing, nor has
	// an attempt of it whose reply was lost.
	ErrIDReused = errors.New("id already used for another assignment")
	// ErrContended means that a lock or statement timeout, a deadlock or a retry
	// bound ended the attempt. Nothing was written: retry. It is never the answer
	// to what a retry can't change. Inside the caller's transaction, that
	// transaction stays usable.
	ErrContended = errors.New("contended")
	// ErrRetryTransaction means that the caller's own transaction can't go on
	// and must be rolled back and restarted whole: a serialization failure, a
	// deadlock or a lost connection inside it. The driver can't do that for the
	// caller. Nothing was written, since nothing was committed.
	ErrRetryTransaction = errors.New("transaction must be restarted")
	// ErrUnknownOutcome means that the write may or may not have happened: its
	// reply was lost, or the context ended while it was in flight. The error is
	// an [*UnknownOutcomeError], which says how to settle the matter. It is no
	// other sentinel, and not the context's error, even if that is what cut the
	// call short. A write that succeeded was committed; whether a synchronous
	// standby has it, too, is another matter, see docs/postgres.md.
	ErrUnknownOutcome = errors.New("outcome unknown")
	// ErrUnguarded means that the store can't keep the guarantee, for example
	// because the index that guards the slot is missing. The error is a
	// [*GuardError]. Nothing was written. Refuse to start.
	ErrUnguarded = errors.New("active slot is not guarded")
	// ErrUnsupported means that this store can't do what was asked. The error
	// is an [*UnsupportedError]. Nothing was written.
	ErrUnsupported = errors.New("not supported by this store")
	// ErrUnavailable means that the store failed for a reason of its own, such
	// as a refused connection, a missing privilege or a full disk. Nothing was
	// written.
	ErrUnavailable = errors.New("store unavailable")
)

// ActiveExistsError reports that a slot is taken, and by whom. It is
// [ErrActiveExists].
type ActiveExistsError struct {
	// Key is the slot that was asked for.
	Key Key
	// Existing is the assignment that holds it. It is zero, without an ID, when
	// the holder is there but hidden from this caller: PostgreSQL's row-level
	// security can hide the rows of other tenants, which hold their slots all the
	// same.
	Existing Assignment
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

// InvalidError reports input that was refused, with nothing written. It is
// [ErrInvalid].
type InvalidError struct {
	// Field names the offending parameter, such as "Key.AssigneeID", or the
	// constraint or column of the host's own table that refused the row.
	Field string
	// Reason is the rule that was broken, such as "is required".
	Reason string
}

// Error names the field and the rule.
func (e *InvalidError) Error() string {
	return fmt.Sprintf("%v: %s %s", ErrInvalid, e.Field, e.Reason)
}

// Is reports whether target is [ErrInvalid].
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

// TransitionError reports a change that the lifecycle does not allow. It is
// [ErrTransition].
type TransitionError struct {
	// ID is the assignment.
	ID ID
	// From is its status.
	From Status
	// To is the status that was asked for; equal to From when the change was
	// not one of status, as when a terminal assignment is to be reassigned.
	To Status
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
	// Ability names what was asked for, such as "Replace".
	Ability string
	// Reason says why the store can't do it.
	Reason string
}

// Error names the ability and the reason.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("%s is %v: %s", e.Ability, ErrUnsupported, e.Reason)
}

// Is reports whether target is [ErrUnsupported].
func (e *UnsupportedError) Is(target error) bool { return target == ErrUnsupported }

// staleError tells both versions; ErrStale stays testable through the chain.
func staleError(want, have int64) error {
	return fmt.Errorf("%w: version is %s, not %s", ErrStale, strconv.FormatInt(have, 10), strconv.FormatInt(want, 10))
}

func invalid(field, reason string) error {
	return &InvalidError{Field: field, Reason: reason}
}

// callError says which call failed. Its text is only made when somebody reads
// it: a conflict is an answer that many callers never print.
type callError struct {
	op  string
	id  ID // empty when the store would have made it
	err error
}

func failed(op string, id ID, err error) error { return &callError{op, id, err} }

func (e *callError) Error() string { return e.op + named(" ", e.id) + ": " + e.err.Error() }

func (e *callError) Unwrap() error { return e.err }

// named is the ID for a message; empty when there is none yet.
func named(before string, id ID) string {
	if id == "" {
		return ""
	}
	return before + string(id)
}
