package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/retry"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// createAll creates the whole batch in one transaction, or in a savepoint of the
// host's. When that fails because of a row, it runs again to find out which one.
func (b *batch) createAll(ctx context.Context) ([]assignment.ItemResult, error) {
	w := &wholeBatch{batch: b, call: call{id: b.row(0).ID, Attempts: retry.Attempts{Unrepeatable: b.plan.DatabaseIDs}}}
	if !b.plan.CanBatch() {
		w.mode = sqlgen.Careful
	}
	err := b.engine.run(ctx, &w.call, w)
	if _, isNamed := errors.AsType[*assignment.BatchError](err); !isNamed && w.mayConcernRows(ctx, err) {
		w.mode, w.immediate = sqlgen.Careful, true
		err = b.engine.run(ctx, &w.call, w)
	}
	if err != nil {
		return nil, err
	}
	return b.results, nil
}

// wholeBatch is the operation of a batch that is created whole or not at all.
type wholeBatch struct {
	call

	batch *batch
	// mode is Careful when rows that are rejected have to be told from others: each
	// statement then has a savepoint.
	mode sqlgen.Mode
	// immediate has constraints checked at once that are deferred to the end of the
	// transaction, whose failure would name no row.
	immediate bool
}

func (*wholeBatch) needs() needs { return needs{transaction: true} }

// send goes on after a rejection, so that the first one in the caller's order is
// found.
func (w *wholeBatch) send(ctx context.Context, q pgdb.Querier) (resolved bool, err error) {
	b := w.batch
	if err := w.prepare(ctx, q); err != nil {
		return false, err
	}
	for _, items := range b.chunks {
		switch err := w.create(ctx, q, items); {
		case errors.Is(err, errDivide):
			return w.reject(errDivide), errUndo
		case err != nil:
			return false, err
		}
	}
	b.resolveDuplicates()
	for i, r := range b.results {
		if r.Err != nil {
			return w.reject(&assignment.BatchError{Index: i, Err: r.Err}), errUndo
		}
	}
	return true, nil
}

// failed divides the batch after a unique violation, unless that has been done:
// then violations are found where they are.
func (w *wholeBatch) failed(_ context.Context, f *failure) (resolved bool, err error) {
	if f.Fault == pgdb.FaultViolation && !w.immediate {
		return w.reject(errDivide), nil
	}
	return false, nil
}

// prepare runs what goes before the first insert.
func (w *wholeBatch) prepare(ctx context.Context, q pgdb.Querier) (err error) {
	if w.immediate && !w.InHost {
		err = q.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE")
	}
	if err == nil && w.batch.plan.IDNotUnique {
		err = lockIDs(ctx, q, &w.call, w.batch.ids(slices.Concat(w.batch.chunks...))...)
	}
	return err
}

// create resolves the items. In careful mode it finds those that are rejected by
// halves.
func (w *wholeBatch) create(ctx context.Context, q pgdb.Querier, items []int) error {
	switch {
	case w.mode == sqlgen.Trusting:
		return w.insert(ctx, q, items)
	case len(items) == 1:
		return w.createOne(ctx, q, items[0])
	}
	f, err := w.inSavepoint(ctx, q, func() error { return w.insert(ctx, q, items) })
	if f == nil || err != nil {
		return err
	}
	for half := range halves(items) {
		if err := w.create(ctx, q, half); err != nil {
			return err
		}
	}
	return nil
}

// insert resolves the items, which takes a second statement for those whose holder
// was not visible to the first.
func (w *wholeBatch) insert(ctx context.Context, q pgdb.Querier, items []int) (err error) {
	for range maxEmpty {
		items, err = w.batch.insert(ctx, q, &w.call, w.mode, items)
		if err != nil || len(items) == 0 {
			return err
		}
	}
	return errDivide
}
