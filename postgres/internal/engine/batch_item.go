package engine

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/retry"
)

// createOne resolves one item, which the table may reject.
func (w *wholeBatch) createOne(ctx context.Context, q pgdb.Querier, i int) error {
	op := w.batch.create(i)
	op.InHost = w.InHost
	f, err := w.inSavepoint(ctx, q, func() error {
		for range retry.MaxStatements {
			if resolved, err := op.send(ctx, q); resolved || err != nil {
				return err
			}
		}
		return errUndo
	})
	switch {
	case err != nil:
		return err
	case f != nil:
		return w.explain(ctx, q, op, f, i)
	default:
		w.batch.resolve(i, op.result, op.rejection)
		return nil
	}
}

// explain gives an item the result of a statement that the table rejected.
func (w *wholeBatch) explain(ctx context.Context, q pgdb.Querier, op *insertion, f *failure, i int) error {
	e := w.batch.engine
	if f.Fault == pgdb.FaultViolation {
		switch resolved, err := op.violated(ctx, q, f); {
		case resolved:
			w.batch.resolve(i, op.result, op.rejection)
			return nil
		case err != nil:
			if f = e.classify(err); !f.isOfRow(ctx) {
				return err
			}
		case !op.unnamed:
			return f.err // no row that violates the index can be seen: it may be gone
		}
	}
	w.batch.resolve(i, assignment.Result{}, e.rejected(ctx, q, f))
	return nil
}

// inSavepoint undoes what fn has done when that failed because of a row, and
// returns why it did.
func (w *wholeBatch) inSavepoint(ctx context.Context, q pgdb.Querier, fn func() error) (ofRow *failure, err error) {
	if err := q.Exec(ctx, "SAVEPOINT assignment_item"); err != nil {
		return nil, err
	}
	if err = fn(); err == nil {
		return nil, q.Exec(ctx, "RELEASE SAVEPOINT assignment_item")
	}
	f := w.batch.engine.classify(err)
	if !errors.Is(err, errDivide) && !f.isOfRow(ctx) {
		return nil, err
	}
	return f, q.Exec(ctx, "ROLLBACK TO SAVEPOINT assignment_item; RELEASE SAVEPOINT assignment_item")
}
