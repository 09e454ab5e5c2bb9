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

// mayCoalesce reports whether the insert of the row may be part of a shared
// statement.
func (e *Engine) mayCoalesce(p *sqlgen.Statements) bool { return e.coalescing != nil && p.CanBatch() }

// insertCoalesced is the insert alone, sent on its own or together with others
// that do the same.
func (e *Engine) insertCoalesced(ctx context.Context, p *sqlgen.Statements, in *sqlgen.Input, s slot) (assignment.Result, error) {
	call := e.coalescing.inserts.Add(ctx, insertItem{p, in})
	defer call.Release()
	inserted, err := call.Wait(ctx)
	switch {
	case errors.Is(err, coalesce.ErrNothingDone):
		inserted, err = e.insertOne(ctx, p, in)
	case errors.Is(err, coalesce.ErrInProgress):
		return e.overtake(ctx, p, in, call)
	case err != nil && !call.Flushed():
		err = pgdb.NotSent(err)
	}
	call.Release() // what follows is no reason for others to wait
	return e.afterInsert(ctx, p, in, s, inserted, err)
}

// overtake sends the call's own statement while the shared one is on its way. A
// refusal can't be believed before the shared statement is known to have inserted
// nothing for this call.
func (e *Engine) overtake(
	ctx context.Context, p *sqlgen.Statements, in *sqlgen.Input, shared *coalesce.Call[insertItem, bool],
) (assignment.Result, error) {
	result, refusal := e.create(ctx, p, in)
	if refusal == nil {
		return result, nil
	}
	inserted, err := shared.Result(ctx)
	switch {
	case err == nil && inserted:
		return assignment.Result{Assignment: p.AsStored(in.Row), Outcome: assignment.OutcomeCreated}, nil
	case err == nil, errors.Is(err, coalesce.ErrNothingDone):
		return assignment.Result{}, refusal
	default:
		// only the text: in the chain the refusal would be believed by a caller that
		// looks for it first
		return assignment.Result{}, unknown(in.Row.ID, fmt.Errorf("%s; of the shared statement: %w", refusal.Error(), err))
	}
}

func (e *Engine) insertOne(ctx context.Context, p *sqlgen.Statements, in *sqlgen.Input) (bool, error) {
	insert := p.InsertOne.Bind(in)
	inserted, err := e.db.Insert(ctx, insert.SQL, insert.Args...)
	return inserted, p.InsertOne.WithHostValues(in, err)
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
	switch {
	case err == nil, errors.Is(err, coalesce.ErrNothingDone):
		return inserted, err
	case e.faultOf(err) == pgdb.FaultLost, e.faultOf(err) == pgdb.FaultUnreadable:
		return nil, lostError(err)
	default:
		// The server reported a failure, which may be about one row and costs them
		// all: nothing was inserted, and none is shared for a while.
		e.guesses.sawTrouble()
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
