// Package retry decides what a call does after a fault: a pure table, and the pause
// before the next attempt.
package retry

import "github.com/assignment-go/assignment/postgres/internal/pgdb"

const (
	// MaxStatements bounds how often one call runs its statement because the
	// holder was not visible to it, or because of a serialization failure.
	// Measured: 2 suffice in a burst, 5 under create/complete churn.
	MaxStatements = 8
	// maxResends bounds how often one call is sent again after its connection
	// broke. With the backoff it spans a few seconds, a server's restart.
	maxResends = 12
	// maxUnsent bounds how often one call that never left this process is
	// tried: enough to get past connections that died in the pool, few enough to
	// fail fast when the server is down.
	maxUnsent = 3
)

// Step is what a call does next. All but the first two finish it.
type Step int

// The steps.
const (
	StepAgain      Step = iota // run the statement again at once
	StepPause                  // run it again after a pause
	StepFail                   // nothing was written: return why
	StepContended              // nothing was written, and retrying did not help so far
	StepConstraint             // nothing was written: the violated index is the host's own
	StepInvisible              // the transaction's snapshot will never show the holder
	StepUnknown                // nobody knows whether anything was written
)

// Attempts is what a call knows about its earlier attempts, and all that the
// next step depends on.
type Attempts struct {
	// InHost means that the statements run in a transaction of the host's.
	InHost bool
	// Pooled means that there is another connection when one breaks.
	Pooled bool
	// Unrepeatable means that the call must not be sent again after its reply was
	// lost: a second attempt could not recognise what the first one did.
	Unrepeatable bool
	// Ambiguous is set once a statement may have been applied without a reply.
	// From then on only the row that shows what was asked for is proof.
	Ambiguous bool

	// Statements is how often the statement has run without resolving the call.
	Statements int

	violations, resends, unsent int
}

// Next returns the state after one more fault, and what to do about it.
func (a Attempts) Next(f pgdb.Fault) (Attempts, Step) {
	switch f {
	case pgdb.FaultNone, pgdb.FaultOutdated:
		a.Statements++
		return a, a.bounded(StepAgain)
	case pgdb.FaultViolation:
		a.Statements++
		a.violations++
		return a, a.bounded(StepAgain)
	case pgdb.FaultSerialization:
		if a.InHost {
			return a, a.certain(StepFail)
		}
		a.Statements++
		return a, a.bounded(StepPause)
	case pgdb.FaultNotSent, pgdb.FaultAborted:
		return a.unwritten(f)
	case pgdb.FaultLost, pgdb.FaultUnreadable:
		return a.noReply(f)
	default:
		return a, a.certain(StepFail)
	}
}

// unwritten is next after an attempt that left nothing behind. What is
// unrepeatable may be sent again, too.
func (a Attempts) unwritten(f pgdb.Fault) (Attempts, Step) {
	count, most := &a.resends, maxResends
	switch {
	case a.Ambiguous:
		return a.resend()
	case f == pgdb.FaultNotSent:
		count, most = &a.unsent, maxUnsent
	}
	*count++
	if a.InHost || !a.Pooled || *count >= most {
		return a, StepFail
	}
	return a, StepPause
}

// noReply is next after a statement without a usable reply. A transaction of the
// host's was not committed for certain, and ends with its connection.
func (a Attempts) noReply(f pgdb.Fault) (Attempts, Step) {
	if a.InHost {
		return a, StepFail
	}
	a.Ambiguous = true
	if f == pgdb.FaultUnreadable {
		return a, StepUnknown
	}
	return a.resend()
}

// bounded returns the step until too many statements have resolved nothing.
func (a Attempts) bounded(next Step) Step {
	switch {
	case a.InHost && a.violations > 1:
		return a.certain(StepInvisible)
	case a.violations >= MaxStatements:
		return a.certain(StepConstraint)
	case a.Statements >= MaxStatements:
		return a.certain(StepContended)
	default:
		return next
	}
}

// certain returns a step that says that nothing was written, unless the reply to
// an earlier attempt was lost: then nobody knows.
func (a Attempts) certain(end Step) Step {
	if a.Ambiguous {
		return StepUnknown
	}
	return end
}

// resend sends again what may have been applied.
func (a Attempts) resend() (Attempts, Step) {
	a.resends++
	if a.Unrepeatable || !a.Pooled || a.resends >= maxResends {
		return a, StepUnknown
	}
	return a, StepPause
}
