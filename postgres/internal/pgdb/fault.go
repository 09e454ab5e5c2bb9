package pgdb

// Fault is what a failed statement means for the next step.
type Fault int

// The faults, from success to an unknown outcome.
const (
	FaultNone          Fault = iota // it returned, but saw too little
	FaultOutdated                   // nothing was written: its plan was outdated, or it undid itself to run again
	FaultViolation                  // a unique index rejected it
	FaultSerialization              // the transaction lost against another
	FaultRejected                   // the server reported a failure: nothing was written
	FaultInClient                   // it failed in this process and always will: nothing was sent
	FaultNotSent                    // nothing reached the server
	FaultAborted                    // its connection broke, and with it a transaction that was never committed
	FaultUnreadable                 // it may have been applied, and its reply can't be read, ever
	FaultLost                       // it may have been applied
)

// String names the fault.
func (f Fault) String() string {
	return [...]string{
		FaultNone: "none", FaultOutdated: "outdated", FaultViolation: "violation", FaultSerialization: "serialization",
		FaultRejected: "rejected", FaultInClient: "in client", FaultNotSent: "not sent", FaultAborted: "aborted",
		FaultUnreadable: "unreadable", FaultLost: "lost",
	}[f]
}
