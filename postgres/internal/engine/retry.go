package engine

import "github.com/assignment-go/assignment/postgres/internal/pgdb"

const (
	// maxStatements bounds how often one call runs its statement because the
	// holder was not visible to it, or because of a serialization failure.
	// Measured: 2 suffice in a burst, 5 under create/complete churn.
	maxStatements = 8
	// maxResends bounds how often one call is sent again after its connection
	// broke. With the backoff it spans a few seconds, a server's restart.
	maxResends = 12
	// maxUnsent bounds how often one call that never left this process is
	// tried: enough to get past connections that died in the pool, few enough to
	// fail fast when the server is down.
	maxUnsent = 3
)

// step is what a call does next. All but the first two finish it.
type step int

const (
	stepAgain      step = iota // run the statement again at once
	stepPause                  // run it again after a pause
	stepFail                   // nothing was written: return why
	stepContended              // nothing was written, and retrying did not help so far
	stepConstraint             // nothing was written: the violated index is the host's own
	stepInvisible              // the transaction's snapshot will never show the holder
	stepUnknown                // nobody knows whether anything was written
)

// attempts is what a call knows about its earlier attempts, and all that the
// next step depends on.
type attempts struct {
	// inHost means that the statements run in a transaction of the host's.
	inHost bool
	// pooled means that there is another connection when one breaks.
	pooled bool
	// unrepeatable means that the call must not be sent again after its reply was
	// lost: a second attempt could not recognise what the first one did.
	unrepeatable bool
	// ambiguous is set once a statement may have been applied without a reply.
	// From then on only the row that shows what was asked for is proof.
	ambiguous bool

	statements, violations, resends, unsent int
}

// next returns the state after one more fault, and what to do about it.
func (a attempts) next(f pgdb.Fault) (attempts, step) {
	switch f {
	case pgdb.FaultNone, pgdb.FaultOutdated:
		a.statements++
		return a, a.bounded(stepAgain)
	case pgdb.FaultViolation:
		a.statements++
		a.violations++
		return a, a.bounded(stepAgain)
	case pgdb.FaultSerialization:
		if a.inHost {
			return a, a.certain(stepFail)
		}
		a.statements++
		return a, a.bounded(stepPause)
	case pgdb.FaultNotSent, pgdb.FaultAborted:
		return a.unwritten(f)
	case pgdb.FaultLost, pgdb.FaultUnreadable:
		return a.noReply(f)
	default:
		return a, a.certain(stepFail)
	}
}

// unwritten is next after an attempt that left nothing behind. What is
// unrepeatable may be sent again, too.
func (a attempts) unwritten(f pgdb.Fault) (attempts, step) {
	count, most := &a.resends, maxResends
	switch {
	case a.ambiguous:
		return a.resend()
	case f == pgdb.FaultNotSent:
		count, most = &a.unsent, maxUnsent
	}
	*count++
	if a.inHost || !a.pooled || *count >= most {
		return a, stepFail
	}
	return a, stepPause
}

// noReply is next after a statement without a usable reply. A transaction of the
// host's was not committed for certain, and ends with its connection.
func (a attempts) noReply(f pgdb.Fault) (attempts, step) {
	if a.inHost {
		return a, stepFail
	}
	a.ambiguous = true
	if f == pgdb.FaultUnreadable {
		return a, stepUnknown
	}
	return a.resend()
}

// bounded returns the step until too many statements have resolved nothing.
func (a attempts) bounded(next step) step {
	switch {
	case a.inHost && a.violations > 1:
		return a.certain(stepInvisible)
	case a.violations >= maxStatements:
		return a.certain(stepConstraint)
	case a.statements >= maxStatements:
		return a.certain(stepContended)
	default:
		return next
	}
}

// certain returns a step that says that nothing was written, unless the reply to
// an earlier attempt was lost: then nobody knows.
func (a attempts) certain(end step) step {
	if a.ambiguous {
		return stepUnknown
	}
	return end
}

// resend sends again what may have been applied.
func (a attempts) resend() (attempts, step) {
	a.resends++
	if a.unrepeatable || !a.pooled || a.resends >= maxResends {
		return a, stepUnknown
	}
	return a, stepPause
}
