package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// mayConcernRows reports whether a call for many rows ended with an error, for
// good, because of single ones: it is then divided, so that their failure is theirs
// alone.
func (c *call) mayConcernRows(ctx context.Context, err error) bool {
	switch f := c.failure; {
	case err == nil, ctx.Err() != nil:
		return false
	case errors.Is(err, errDivide), f == nil, f.undone != nil:
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

// sendParts creates the items in the transaction of an all-or-nothing batch. When
// the table refuses the statement, it looks by halves for the rows that are
// refused. It reports whether every item has a result.
func (b *batch) sendParts(ctx context.Context, q pgdb.Querier, call *call, items []int) (complete bool, err error) {
	if len(items) == 1 {
		return b.sendItem(ctx, q, call, items[0])
	}
	c := &chunk{batch: b, pending: items, call: call, mode: sqlgen.Careful}
	refused, err := b.engine.inSavepoint(ctx, q, func() error { return c.insist(ctx, q) })
	if refused == nil || err != nil {
		return err == nil, err
	}
	for part := range slices.Chunk(items, (len(items)+1)/2) {
		if complete, err := b.sendParts(ctx, q, call, part); err != nil || !complete {
			return false, err
		}
	}
	return true, nil
}

// insist sends the chunk until each item has a result, which a second statement
// achieves unless something keeps a row out.
func (c *chunk) insist(ctx context.Context, q pgdb.Querier) error {
	for range 3 {
		if err := c.insert(ctx, q); err != nil {
			return err
		}
		c.keep()
		if len(c.pending) == 0 {
			return nil
		}
	}
	return errDivide
}

// inSavepoint undoes what fn has done when that was refused because of a row, and
// says why it was.
func (e *Engine) inSavepoint(ctx context.Context, q pgdb.Querier, fn func() error) (refused, err error) {
	if err := q.Exec(ctx, "SAVEPOINT assignment_item"); err != nil {
		return nil, err
	}
	switch err := fn(); {
	case err == nil:
		return nil, q.Exec(ctx, "RELEASE SAVEPOINT assignment_item")
	case errors.Is(err, errDivide), e.classify(err).isOfRow(ctx):
		return err, q.Exec(ctx, "ROLLBACK TO SAVEPOINT assignment_item; RELEASE SAVEPOINT assignment_item")
	default:
		return nil, err
	}
}
