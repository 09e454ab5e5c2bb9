package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/coalesce"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// canCoalesce reports whether the insert of a row may be part of a shared
// statement.
func (e *Engine) canCoalesce(p *sqlgen.Statements) bool { return e.coalescing != nil && p.CanBatch() }

// createCoalesced runs an insertion whose insert may be sent together with those of
// other calls.
func (e *Engine) createCoalesced(ctx context.Context, op *insertion) error {
	call := e.coalescing.inserts.Add(ctx, insertItem{op.plan, &op.in})
	defer call.Release()
	inserted, err := call.Wait(ctx)
	op.missed = err == nil && !inserted
	switch {
	case errors.Is(err, coalesce.ErrNothingDone):
		return e.run(ctx, &op.call, op)
	case errors.Is(err, coalesce.ErrInProgress):
		return e.overtake(ctx, op, call)
	case err == nil && inserted:
		op.resolveInserted()
		return nil
	case err != nil && !call.Flushed():
		err = pgdb.NotSent(err)
	}
	call.Release() // what follows is no reason for others to wait
	op.form, op.pooled = formUsual, true
	if err := e.next(ctx, &op.call, e.classify(err)); err != nil {
		return err
	}
	return e.run(ctx, &op.call, op)
}

// overtake sends the call's own statement while the shared one is under way. A
// rejection can't be believed before the shared statement is known to have inserted
// nothing for this call.
func (e *Engine) overtake(ctx context.Context, op *insertion, shared *coalesce.Call[insertItem, bool]) error {
	op.form = formUsual
	rejection := e.run(ctx, &op.call, op)
	if rejection == nil {
		return nil
	}
	inserted, err := shared.Result(ctx)
	switch {
	case err == nil && inserted:
		op.resolveInserted()
		return nil
	case err == nil, errors.Is(err, coalesce.ErrNothingDone):
		return rejection
	default:
		// only the text: in the chain the rejection would be believed by a caller that
		// looks for it first
		return unknown(op.id, fmt.Errorf("%s; of the shared statement: %w", rejection.Error(), err))
	}
}

// insertBatch reports which of the rows were inserted.
func (e *Engine) insertBatch(ctx context.Context, take func() []insertItem) (inserted []bool, err error) {
	err = hold(ctx, e, take, func(q pgdb.Querier, items []insertItem) error {
		rows, err := rowsOf(items)
		if err != nil {
			return err
		}
		created, err := insertRows(ctx, q, items[0].plan, rows)
		inserted = make([]bool, len(items))
		for i, item := range items {
			inserted[i] = created[item.in.Row.ID]
		}
		return err
	})
	if err == nil || errors.Is(err, coalesce.ErrNothingDone) {
		return inserted, err
	}
	switch e.classify(err).Fault {
	case pgdb.FaultLost, pgdb.FaultUnreadable:
		return nil, lostError(err)
	default:
		// The server reported a failure, which may be about one row and costs them
		// all: nothing was inserted, and none is shared for a while.
		e.hints.backOff()
		return nil, coalesce.ErrNothingDone
	}
}

// rowsOf returns the rows in the order in which batches, too, are inserted:
// statements that take slots in the same order never deadlock.
func rowsOf(items []insertItem) ([]*sqlgen.Input, error) {
	rows, ids := make([]*sqlgen.Input, len(items)), make(map[assignment.ID]bool, len(items))
	for i, item := range items {
		rows[i], ids[item.in.Row.ID] = item.in, true
		if item.plan != items[0].plan {
			return nil, coalesce.ErrNothingDone
		}
	}
	if len(rows) < 2 || len(ids) < len(rows) { // one, or IDs that repeat themselves
		return nil, coalesce.ErrNothingDone
	}
	slices.SortFunc(rows, func(a, b *sqlgen.Input) int { return compareKeys(&a.Row.Key, &b.Row.Key) })
	return rows, nil
}

func insertRows(ctx context.Context, q pgdb.Querier, p *sqlgen.Statements, rows []*sqlgen.Input) (map[assignment.ID]bool, error) {
	insert := p.InsertBatch(rows)
	reply, err := q.Text(ctx, insert.SQL, insert.Args...)
	if err != nil {
		return nil, err
	}
	return sqlgen.Inserted(reply, rows)
}
