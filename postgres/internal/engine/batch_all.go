package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// itemwise is the mode that creates one item after the other, to find the one that
// is rejected, or because the table can't take more at once. Each mode is tried
// when the one before met rows that it can't tell apart.
const itemwise = sqlgen.Careful + 1

// createAll runs the whole batch in one transaction, or in a savepoint of the
// caller's. Nothing of a refused batch stays.
func (b *batch) createAll(ctx context.Context) ([]assignment.ItemResult, error) {
	op := &wholeBatch{batch: b, call: call{id: b.row(0).ID, attempts: attempts{unrepeatable: b.plan.DatabaseIDs}}}
	if !b.plan.CanBatch() {
		op.mode = itemwise
	}
	results, err := op.run(ctx)
	if _, named := errors.AsType[*assignment.BatchError](err); named || !op.mayConcernRows(ctx, err) {
		return results, err
	}
	b.immediate = true
	op.mode = max(op.mode, sqlgen.Careful)
	return op.run(ctx)
}

// wholeBatch is the operation of a batch that is created whole or not at all.
type wholeBatch struct {
	call

	batch *batch
	mode  sqlgen.Mode
	// attempt has the results of the last attempt.
	attempt *batch
	// divide means that some row needs a statement of its own.
	divide bool
}

func (w *wholeBatch) run(ctx context.Context) ([]assignment.ItemResult, error) {
	switch err := w.batch.engine.run(ctx, &w.call, w); {
	case err != nil:
		return nil, err
	case w.divide:
		return nil, errDivide
	default:
		return w.attempt.results, nil
	}
}

func (*wholeBatch) needs() needs { return needs{transaction: true} }

func (w *wholeBatch) send(ctx context.Context, q pgdb.Querier) (resolved bool, err error) {
	w.divide = false
	w.attempt = w.batch.again()
	complete, err := w.attempt.sendAs(ctx, q, &w.call, w.mode)
	switch {
	case err != nil:
		return false, err
	case !complete:
		w.divide = w.mode == sqlgen.Trusting
		return w.divide, errUndo
	}
	if rejection := w.attempt.refusal(); rejection != nil {
		return w.reject(rejection), errUndo
	}
	return true, nil
}

// failed divides the batch after a unique violation, unless each row is checked at
// once: then what violates is found where it does.
func (w *wholeBatch) failed(_ context.Context, f *failure) (resolved bool, err error) {
	w.divide = f.Fault == pgdb.FaultViolation && !w.batch.immediate
	return w.divide, nil
}

// sendAs reports whether every item has a result.
func (b *batch) sendAs(ctx context.Context, q pgdb.Querier, c *call, mode sqlgen.Mode) (complete bool, err error) {
	if b.immediate && !c.inHost {
		// what is checked when the transaction is committed names no row
		if err := q.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
			return false, err
		}
	}
	if mode == itemwise {
		return b.sendItems(ctx, q, c)
	}
	for _, wave := range b.waves {
		complete, err := b.sendWave(ctx, q, c, wave, mode)
		if err != nil || !complete {
			return false, err
		}
	}
	b.settleTwins()
	return true, nil
}

// sendWave goes on after a refusal, so that the first refusal in the caller's
// order is found.
func (b *batch) sendWave(ctx context.Context, q pgdb.Querier, c *call, wave []int, mode sqlgen.Mode) (complete bool, err error) {
	for items := range slices.Chunk(wave, maxChunk) {
		if mode == sqlgen.Careful {
			if complete, err := b.sendParts(ctx, q, c, items); err != nil || !complete {
				return false, err
			}
			continue
		}
		part := &chunk{batch: b, pending: items, call: c, mode: mode}
		for tries := 0; len(part.pending) > 0; tries++ {
			if tries == maxEmpty {
				return false, nil
			}
			if err := part.insert(ctx, q); err != nil {
				return false, err
			}
			part.keep()
		}
	}
	return true, nil
}

// refusal names the first item that was refused.
func (b *batch) refusal() error {
	for i, r := range b.results {
		if r.Err != nil {
			return &assignment.BatchError{Index: i, Err: r.Err}
		}
	}
	return nil
}

// sendItems takes the items in the order of the waves, which is that of the
// slots, and like them goes on after a refusal.
func (b *batch) sendItems(ctx context.Context, q pgdb.Querier, c *call) (complete bool, err error) {
	if b.plan.IDNotUnique {
		if err := lockIDs(ctx, q, c, b.ids()...); err != nil {
			return false, err
		}
	}
	for _, i := range slices.Concat(b.waves...) {
		if resolved, err := b.sendItem(ctx, q, c, i); err != nil || !resolved {
			return false, err
		}
	}
	b.settleTwins()
	return true, nil
}

func (b *batch) ids() []assignment.ID {
	ids := make([]assignment.ID, len(b.inputs))
	for i := range ids {
		ids[i] = b.row(i).ID
	}
	return ids
}

// sendItem runs under a savepoint, since the table may reject the row. It reports
// whether the item has a result.
func (b *batch) sendItem(ctx context.Context, q pgdb.Querier, c *call, i int) (resolved bool, err error) {
	e, op := b.engine, b.creation(i)
	op.inHost = c.inHost
	if err := q.Exec(ctx, "SAVEPOINT assignment_item"); err != nil {
		return false, err
	}
	for tries := 0; err == nil && !resolved && tries < maxStatements; tries++ {
		resolved, err = op.send(ctx, q)
	}
	if err == nil {
		b.results[i] = itemResult(op.result, op.rejection)
		return resolved, q.Exec(ctx, "RELEASE SAVEPOINT assignment_item")
	}
	f := e.classify(err)
	if !f.isOfRow(ctx) {
		return false, err
	}
	if err := q.Exec(ctx, "ROLLBACK TO SAVEPOINT assignment_item"); err != nil {
		return false, err
	}
	return b.explainItem(ctx, q, op, f, i)
}

// explainItem gives an item the result of a statement that the table rejected.
func (b *batch) explainItem(ctx context.Context, q pgdb.Querier, op *insertion, f *failure, i int) (resolved bool, err error) {
	if f.Fault == pgdb.FaultViolation {
		resolved, err := op.violated(ctx, q, f)
		cause := b.engine.classify(err)
		switch {
		case resolved:
			b.results[i] = itemResult(op.result, op.rejection)
			return true, nil
		case cause == nil && !op.unnamed:
			return false, f.err // which row it is can't be seen, so that the item can't be at fault
		case cause != nil && !cause.isOfRow(ctx):
			return false, err
		case cause != nil:
			f = cause
		}
	}
	b.results[i].Err = b.engine.rejected(ctx, q, f)
	return true, nil
}
