package engine

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// errDivide means that some row needs a statement of its own: it violates a unique
// index that is not the guard, even when existing rows are left out, or no statement
// resolves it.
var errDivide = errors.New("a row of the batch needs a statement of its own")

func halves(items []int) iter.Seq[[]int] { return slices.Chunk(items, (len(items)+1)/2) }

// mayConcernRows reports whether a call for many rows ended with an error, for
// good, because of single ones: it is then divided, so that their failure is theirs
// alone.
func (c *call) mayConcernRows(ctx context.Context, err error) bool {
	switch f := c.failure; {
	case errors.Is(err, errDivide):
		return true
	case err == nil, ctx.Err() != nil:
		return false
	case f == nil, f.undone != nil:
		return true
	case errors.Is(err, assignment.ErrUnknownOutcome), errors.Is(err, assignment.ErrRetryTransaction):
		return false
	default:
		return f.mayConcernRows()
	}
}

// isOfRow reports whether a statement for some rows was rejected because of one, in
// a transaction that goes on after a rollback to a savepoint.
func (f *failure) isOfRow(ctx context.Context) bool {
	return (f.Fault == pgdb.FaultRejected || f.Fault == pgdb.FaultViolation) && ctx.Err() == nil && f.mayConcernRows()
}
