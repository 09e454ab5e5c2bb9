package engine

import (
	"errors"
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// failure is an error of a statement with what it means. It is made once, where
// the error enters; errors for callers are made from it when a call ends.
type failure struct {
	pgdb.Meaning

	// err is the error as the handle returned it.
	err error
	// report is what the server reported; zero, and reported false, when it did not.
	report   pgdb.ServerError
	reported bool
	// undone is set when the statement was undone for what code of the host's did.
	undone *undoneError
	// unreplaced means that a replace undid itself for want of a successor.
	unreplaced bool
	// broken means that a transaction of the host's can't go on.
	broken bool
}

// classify tells what an error means. What is neither marked by the handle nor a
// report of the server counts as lost: the only safe assumption about a silent
// network.
func (e *Engine) classify(err error) *failure {
	if err == nil {
		return nil
	}
	f := &failure{err: err}
	f.report, f.reported = e.db.Describe(err)
	f.undone, _ = errors.AsType[*undoneError](err)
	_, inClient := pgdb.IsInClient(err)
	switch {
	case f.undone != nil:
		f.Fault = pgdb.FaultRejected
	case pgdb.IsNotSent(err):
		f.Fault = pgdb.FaultNotSent
	case inClient:
		f.Fault = pgdb.FaultInClient
	case f.reported:
		f.read()
	case pgdb.IsUnreadable(err):
		f.Fault = pgdb.FaultUnreadable
	default:
		f.Fault = pgdb.FaultLost
	}
	return f
}

// read takes the meaning from the report. A replace that undid itself for want of
// a successor wrote nothing, and must run again.
func (f *failure) read() {
	f.Meaning = f.report.Meaning()
	undo, ok := sqlgen.ReadUndo(f.report)
	switch {
	case !ok:
	case !sqlgen.IsUnreplaced(f.report):
		f.undone = &undoneError{event: undo.Event, attribute: undo.Attribute}
	case !f.report.RaisedByHost() && !f.report.Fatal:
		f.Meaning = pgdb.Meaning{Fault: pgdb.FaultOutdated, Sentinel: assignment.ErrContended}
		f.unreplaced = true
	}
}

// connection is what is known of the connection after a rollback.
type connection int

const (
	connectionUnknown connection = iota
	connectionAlive              // the server has confirmed the rollback
)

// rolledBack says that the statement was in a transaction that is gone, so that
// nothing of it remains, whatever became of it.
func (f *failure) rolledBack(after connection) {
	switch {
	case f.Fault != pgdb.FaultLost && f.Fault != pgdb.FaultUnreadable:
	case after == connectionAlive:
		f.Fault = pgdb.FaultInClient // the server has nothing to say about it
	default:
		f.Fault = pgdb.FaultAborted
	}
}

// brokenTransaction is the failure of a rollback to a savepoint: the transaction
// of the host's can't go on, whatever the cause alone would mean.
func brokenTransaction(cause error) *failure {
	return &failure{
		Meaning: pgdb.Meaning{Fault: pgdb.FaultRejected, Sentinel: assignment.ErrRetryTransaction},
		err:     fmt.Errorf("transaction is no longer usable: %w", cause), broken: true,
	}
}

// faultOrNone is the fault of a failure, if there is one.
func (f *failure) faultOrNone() pgdb.Fault {
	if f == nil {
		return pgdb.FaultNone
	}
	return f.Fault
}

// cause is the error of a failure, if there is one.
func (f *failure) cause() error {
	if f == nil {
		return errUnresolved
	}
	return f.err
}

// mayConcernRows reports whether a statement for many rows may have failed because
// of single ones. Any SQLSTATE can be about one row; see
// [pgdb.ServerError.IsAboutStatement] for the few that can't.
func (f *failure) mayConcernRows() bool {
	switch {
	case f == nil, f.undone != nil:
		return true // rows without a result, or with another than asked for
	case !f.reported, f.broken:
		return false
	}
	switch f.Fault {
	case pgdb.FaultLost, pgdb.FaultAborted, pgdb.FaultNotSent:
		return false
	default:
		return !f.report.IsAboutStatement()
	}
}

// undoneError says that a statement was undone, or did nothing, because code of
// the host's would have left something else than was asked for.
type undoneError struct {
	event sqlgen.Event
	// attribute is what would have been stored otherwise; empty when the row would
	// not have been stored at all.
	attribute string
	// after means that it happened once the row had been stored.
	after bool
	// policy means that row-level security is why.
	policy bool
}

func (e *undoneError) Error() string {
	if e.attribute == "" {
		return "the " + string(e.event) + " left no row"
	}
	return "the " + string(e.event) + " left another " + e.attribute
}
