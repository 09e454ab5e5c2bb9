package pgdb

import (
	"slices"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Meaning is what a report of the server means for the statement that it ended.
type Meaning struct {
	// Fault is what the report means for the next step.
	Fault Fault
	// Sentinel is what a call returns when the report ends it. It is nil where that
	// depends on whose transaction was under way.
	Sentinel error
	// Problem goes with ErrUnguarded.
	Problem assignment.GuardProblem
}

func rejectedAs(sentinel error) Meaning { return Meaning{Fault: FaultRejected, Sentinel: sentinel} }

func unguardedBy(problem assignment.GuardProblem) Meaning {
	return Meaning{Fault: FaultRejected, Sentinel: assignment.ErrUnguarded, Problem: problem}
}

// Meaning reads the report. docs/postgres.md has the same as a table.
//
// Code of the host's can raise any SQLSTATE. What it raises means nothing for the
// statement of the store: a trigger that divides by zero did not fail because of
// the caller's values, and one whose SQL names a missing column does not mean that
// the guard is missing.
func (r ServerError) Meaning() Meaning {
	ofHost := r.RaisedByHost()
	switch {
	case r.Fatal, !ofHost && r.endsConnection():
		return Meaning{Fault: FaultLost}
	case r.Code == "40001", r.Code == "40P01":
		return Meaning{Fault: FaultSerialization}
	case r.Code == "55P03", r.Code == "57014":
		return rejectedAs(assignment.ErrContended)
	case ofHost && r.isOfServer():
		return rejectedAs(assignment.ErrUnavailable)
	case ofHost, r.IsPolicy():
		return rejectedAs(assignment.ErrInvalid)
	default:
		return r.ownMeaning()
	}
}

// ownMeaning reads a report that no code of the host's had a part in.
func (r ServerError) ownMeaning() Meaning {
	switch {
	case r.isRewritten():
		return unguardedBy(schema.GuardRewriteRule)
	case r.isMoved():
		return rejectedAs(assignment.ErrInvalid)
	}
	switch r.Code {
	case "23505":
		return Meaning{Fault: FaultViolation, Sentinel: assignment.ErrInvalid}
	case "25P02":
		return rejectedAs(assignment.ErrRetryTransaction)
	case "42P10":
		return unguardedBy(schema.GuardMissing)
	case "42P01", "3F000":
		return unguardedBy(schema.GuardNoTable)
	case "42703":
		return unguardedBy(schema.GuardNoColumn)
	}
	switch {
	case r.isStalePlan():
		return Meaning{Fault: FaultOutdated, Sentinel: assignment.ErrUnavailable}
	case slices.Contains([]string{"22", "23", "27", "44", "54", "P0"}, r.class()):
		return rejectedAs(assignment.ErrInvalid)
	default:
		return rejectedAs(assignment.ErrUnavailable)
	}
}
