package engine

import "github.com/assignment-go/assignment/postgres/internal/pgdb"

// rolledBackError marks the failure of a statement in a transaction or savepoint
// that was rolled back, or that went with its connection: nothing of the
// statement remains, whatever became of it.
type rolledBackError struct {
	err error
	// alive means that the server confirmed the rollback, so that the connection
	// is not what failed.
	alive bool
}

func rolledBack(err error, alive bool) error {
	if err == nil {
		return nil
	}
	return &rolledBackError{err: err, alive: alive}
}

func (e *rolledBackError) Error() string { return e.err.Error() }

func (e *rolledBackError) Unwrap() error { return e.err }

// faultInstead is what a fault comes down to once its transaction is gone.
func (e *rolledBackError) faultInstead(f pgdb.Fault) pgdb.Fault {
	switch {
	case f != pgdb.FaultLost && f != pgdb.FaultUnreadable:
		return f
	case e.alive:
		return pgdb.FaultInClient // the server has nothing to say about it
	default:
		return pgdb.FaultAborted
	}
}
