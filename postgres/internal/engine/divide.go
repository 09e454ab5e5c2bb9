package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// mayBeAboutRows reports whether a statement for many rows failed, for good,
// because of single rows: it is then divided, so that their failure is theirs
// alone. Any SQLSTATE can be about one row; see IsAboutStatement for the few that
// can't.
func (e *Engine) mayBeAboutRows(ctx context.Context, err error) bool {
	switch {
	case err == nil, ctx.Err() != nil:
		return false
	case errors.Is(err, errDivide), errors.Is(err, errUnsettled):
		return true
	case isUndone(err):
		return true
	case errors.Is(err, assignment.ErrUnknownOutcome), errors.Is(err, assignment.ErrRetryTransaction):
		return false
	}
	f := e.faultOf(err)
	report, ok := e.db.Describe(err)
	return ok && f != pgdb.FaultLost && f != pgdb.FaultAborted && !report.IsAboutStatement()
}

// isRefusedRow is mayBeAboutRows for a failure that has not been judged, in a
// transaction which a serialization failure ends.
func (e *Engine) isRefusedRow(ctx context.Context, err error) bool {
	f := e.faultOf(err)
	return (f == pgdb.FaultRejected || f == pgdb.FaultViolation) && e.mayBeAboutRows(ctx, err)
}

// sendParts creates the items in the transaction of an all-or-nothing batch. When
// the table refuses the statement, it looks by halves for the rows that are
// refused. It reports whether every item has a result.
func (b *batch) sendParts(ctx context.Context, q pgdb.Querier, p *progress, items []int) (complete bool, err error) {
	if len(items) == 1 {
		ans, err := b.sendItem(ctx, q, &b.inputs[items[0]])
		b.results[items[0]] = itemResult(ans.value, ans.refusal)
		return ans.settled, err
	}
	c := &chunk{batch: b, pending: items, progress: p, mode: sqlgen.Careful}
	refused, err := b.engine.inSavepoint(ctx, q, func() error { return c.insist(ctx, q) })
	if refused == nil || err != nil {
		return err == nil, err
	}
	for part := range slices.Chunk(items, (len(items)+1)/2) {
		if complete, err := b.sendParts(ctx, q, p, part); err != nil || !complete {
			return false, err
		}
	}
	return true, nil
}

// insist sends the chunk until each item has a result, which a second statement
// achieves unless something keeps a row out.
func (c *chunk) insist(ctx context.Context, q pgdb.Querier) error {
	for range 3 {
		if err := c.send(ctx, q); err != nil {
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
	case errors.Is(err, errDivide), e.isRefusedRow(ctx, err):
		return err, q.Exec(ctx, "ROLLBACK TO SAVEPOINT assignment_item; RELEASE SAVEPOINT assignment_item")
	default:
		return nil, err
	}
}
