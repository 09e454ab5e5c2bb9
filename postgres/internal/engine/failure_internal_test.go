package engine

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

var errNetwork = errors.New("broken pipe")

// reportError is a report of the server, as the handle of a test returns it.
type reportError pgdb.ServerError

func (r reportError) Error() string { return r.Code + " " + r.Message }

// TestClassify is the fault of every kind of error that a handle returns.
func TestClassify(t *testing.T) {
	e := &Engine{db: &testDB{}}
	for name, test := range map[string]struct {
		err  error
		want pgdb.Fault
	}{
		"unknown to the handle":            {errNetwork, pgdb.FaultLost},
		"a context that ended":             {context.Canceled, pgdb.FaultLost},
		"not sent":                         {pgdb.NotSent(errNetwork), pgdb.FaultNotSent},
		"not sent, by the server's report": {pgdb.NotSent(reportError{Code: "53300"}), pgdb.FaultNotSent},
		"in the client":                    {pgdb.InClient(errNetwork, 1), pgdb.FaultInClient},
		"unreadable":                       {pgdb.Unreadable(errNetwork), pgdb.FaultUnreadable},
		"unreadable, yet reported":         {pgdb.Unreadable(reportError{Code: "40001"}), pgdb.FaultSerialization},
		"a unique violation":               {reportError{Code: "23505"}, pgdb.FaultViolation},
		"one deep in a chain":              {fmt.Errorf("insert: %w", reportError{Code: "23505"}), pgdb.FaultViolation},
		"a check":                          {reportError{Code: "23514"}, pgdb.FaultRejected},
		"a shutdown":                       {reportError{Code: "57P01", Fatal: true}, pgdb.FaultLost},
		"undone by the engine":             {&undoneError{event: sqlgen.OnInsert}, pgdb.FaultRejected},
		"undone by the statement":          {reportError{Code: "22P02", Message: `"assignment-undo:INSERT:ID;"`}, pgdb.FaultRejected},
		"without a successor":              {reportError{Code: "22P02", Message: `"assignment-undo:UPDATE:unreplaced;"`}, pgdb.FaultOutdated},
	} {
		t.Run(name, func(t *testing.T) {
			if got := e.classify(test.err); got.Fault != test.want || !errors.Is(got.err, test.err) {
				t.Errorf("got %s, want %s", got.Fault, test.want)
			}
		})
	}
	t.Run("no error", func(t *testing.T) {
		if f := e.classify(nil); f != nil || f.faultOrNone() != pgdb.FaultNone {
			t.Errorf("got %v", f)
		}
	})
	t.Run("what the statement undid", func(t *testing.T) {
		f := e.classify(reportError{Code: "22P02", Message: `"assignment-undo:INSERT:Key.SubjectID;"`})
		if f.undone == nil || f.undone.event != sqlgen.OnInsert || f.undone.attribute != "Key.SubjectID" {
			t.Errorf("got %+v", f.undone)
		}
	})
}

// TestRolledBack is what remains of each fault once its transaction is gone.
func TestRolledBack(t *testing.T) {
	for fault := pgdb.FaultNone; fault <= pgdb.FaultLost; fault++ {
		confirmed, unconfirmed := fault, fault
		if fault == pgdb.FaultLost || fault == pgdb.FaultUnreadable {
			confirmed, unconfirmed = pgdb.FaultInClient, pgdb.FaultAborted
		}
		t.Run(fault.String(), func(t *testing.T) {
			for after, want := range map[connection]pgdb.Fault{connectionAlive: confirmed, connectionUnknown: unconfirmed} {
				f := &failure{Meaning: pgdb.Meaning{Fault: fault}}
				f.rolledBack(after)
				if f.Fault != want {
					t.Errorf("got %s, want %s", f.Fault, want)
				}
			}
		})
	}
}

// TestOutcomes is the error that a call returns whose statement always fails in the
// same way.
func TestOutcomes(t *testing.T) {
	report := func(code string) error { return reportError{Code: code} }
	for name, test := range map[string]struct {
		err          error
		pool, inHost error
		// rollback is how that to a savepoint ends.
		rollback error
	}{
		"sees nothing":                {nil, assignment.ErrContended, assignment.ErrContended, nil},
		"is not sent":                 {pgdb.NotSent(errNetwork), assignment.ErrUnavailable, assignment.ErrUnavailable, nil},
		"can't be encoded":            {pgdb.InClient(errNetwork, 1), assignment.ErrUnavailable, assignment.ErrUnavailable, nil},
		"is lost":                     {errNetwork, assignment.ErrUnknownOutcome, assignment.ErrRetryTransaction, errNetwork},
		"has a reply out of shape":    {pgdb.Unreadable(errNetwork), assignment.ErrUnknownOutcome, assignment.ErrUnavailable, nil},
		"always deadlocks":            {report("40P01"), assignment.ErrContended, assignment.ErrRetryTransaction, nil},
		"waits for a lock in vain":    {report("55P03"), assignment.ErrContended, assignment.ErrContended, nil},
		"violates an unknown index":   {report("23505"), assignment.ErrInvalid, assignment.ErrRetryTransaction, nil},
		"violates a check":            {report("23514"), assignment.ErrInvalid, assignment.ErrInvalid, nil},
		"is in a failed transaction":  {report("25P02"), assignment.ErrRetryTransaction, assignment.ErrRetryTransaction, nil},
		"finds no guard":              {report("42P10"), assignment.ErrUnguarded, assignment.ErrUnguarded, nil},
		"finds no table":              {report("42P01"), assignment.ErrUnguarded, assignment.ErrUnguarded, nil},
		"finds the server in trouble": {report("53200"), assignment.ErrUnavailable, assignment.ErrUnavailable, nil},
		"is undone by a trigger":      {&undoneError{event: sqlgen.OnInsert, attribute: "ID"}, assignment.ErrInvalid, assignment.ErrInvalid, nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, db := range []*testDB{{pooled: true}, {inHost: true, rollback: test.rollback}} {
				want := test.pool
				if db.inHost {
					want = test.inHost
				}
				if err := runScript(t, db, script{{err: test.err}}); !errors.Is(err, want) {
					t.Errorf("in a transaction of the host's %v: got %v, want %v", db.inHost, err, want)
				}
			}
		})
	}
}
