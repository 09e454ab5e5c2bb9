package engine

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/retry"
)

// operation is one write, which may have to be sent more than once. It keeps its
// own result. See [Engine.run].
type operation interface {
	// needs is what the statements of the next attempt run in.
	needs() needs
	// send runs the statements of one attempt, and reports whether the operation is
	// resolved: it has its result, or the call its rejection. When it is not, the
	// statements saw an outdated state, and must run again.
	send(ctx context.Context, q pgdb.Querier) (resolved bool, err error)
	// failed is told why an attempt failed, and may resolve the operation by
	// statements of its own. An error takes the place of the failure.
	failed(ctx context.Context, f *failure) (resolved bool, err error)
}

// errUndo is returned by send to roll the attempt back. It is no failure, and the
// operation may be resolved: what it found out needs nothing of what it wrote.
var errUndo = errors.New("roll the attempt back")

// needs is what the statements of an attempt run in. In a transaction of the
// host's they always have a savepoint, so that a failure leaves it usable.
type needs struct {
	// transaction means that there are several statements that belong together.
	transaction bool
	// lock is an ID that only one transaction at a time may use, because no index
	// keeps it unique; empty when one does.
	lock assignment.ID
}

// call is the state of one call that writes, whatever it writes.
type call struct {
	retry.Attempts

	// id is the row that an unknown outcome is about.
	id assignment.ID
	// rejection is why the request can't be met, once that is resolved.
	rejection error
	// failure is that of the last attempt; nil when that saw an outdated state.
	failure *failure
}

// reject resolves the call, for operations to return.
func (c *call) reject(why error) (resolved bool) {
	c.rejection = why
	return true
}

// outcome is the error of a call that is resolved. After a lost reply a rejection
// proves nothing, whatever it says: the lost statement may have been applied and
// then changed or undone by others, or may still be under way.
func (c *call) outcome() error {
	if c.rejection == nil || !c.Ambiguous {
		return c.rejection
	}
	return unknown(c.id, c.rejection)
}

func unknown(id assignment.ID, err error) error {
	return &assignment.UnknownOutcomeError{ID: id, Err: err}
}
