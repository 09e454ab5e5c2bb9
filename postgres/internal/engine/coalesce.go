package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/coalesce"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// coalescer is the [inserter] by which creates share inserts.
type coalescer struct {
	engine  *Engine
	batcher *coalesce.Batcher[batchItem, bool]
}

// batchItem is what a create adds to a batch. It names the plan, since a Verify
// between two calls may have replaced it.
type batchItem struct {
	plan *sqlgen.Statements
	in   *sqlgen.Input
}

// CoalesceBounds are those of a store in use. Four inserts in progress keep a server
// busy, and one of a few milliseconds is a slow one.
func CoalesceBounds() coalesce.Bounds {
	return coalesce.Bounds{
		InProgress: 4, BatchSize: 256, FlushAfter: time.Millisecond, MaxAge: 50 * time.Millisecond,
		// much longer than commits take: while a call waits for the reply to an
		// insert, sending its own may double the work
		MaxWait:      200 * time.Millisecond,
		FlushTimeout: 10 * time.Second,
	}
}

// Coalesce lets creates on the engine's pool share inserts. It must be called before
// any of them. It returns how many creates are in batches, for tests.
func Coalesce(e *Engine, bounds coalesce.Bounds) (waiting func() int) {
	c := &coalescer{engine: e}
	c.batcher = coalesce.NewBatcher(bounds, c.flush)
	e.inserter = c
	return c.batcher.Waiting
}

// insert implements inserter.
func (c *coalescer) insert(ctx context.Context, op *insertion) error {
	if !op.plan.CanBatch() {
		return c.engine.run(ctx, &op.call, op)
	}
	call := c.batcher.Add(ctx, batchItem{op.plan, &op.in})
	defer call.Release()
	inserted, err := call.Wait(ctx)
	op.missed = err == nil && !inserted
	switch {
	case errors.Is(err, coalesce.ErrNothingDone):
		return c.engine.run(ctx, &op.call, op)
	case errors.Is(err, coalesce.ErrInProgress):
		return c.insertBeside(ctx, op, call)
	case err == nil && inserted:
		op.resolveInserted()
		return nil
	case err != nil && !call.Flushed():
		err = pgdb.NotSent(err)
	}
	call.Release() // what follows is no reason for others to wait
	op.form, op.Pooled = formUsual, true
	if err := c.engine.next(ctx, &op.call, c.engine.classify(err)); err != nil {
		return err
	}
	return c.engine.run(ctx, &op.call, op)
}

// insertBeside sends the call's own statement while its batch is in progress. A
// rejection can't be believed before it is known that the batch inserted nothing for
// this call.
func (c *coalescer) insertBeside(ctx context.Context, op *insertion, batch *coalesce.Call[batchItem, bool]) error {
	op.form = formUsual
	rejection := c.engine.run(ctx, &op.call, op)
	if rejection == nil {
		return nil
	}
	inserted, err := batch.Result(ctx)
	switch {
	case err == nil && inserted:
		op.resolveInserted()
		return nil
	case err == nil, errors.Is(err, coalesce.ErrNothingDone):
		return rejection
	default:
		// only the text: in the chain the rejection would be believed by a caller that
		// looks for it first
		return unknown(op.id, fmt.Errorf("%s; of the shared insert: %w", rejection.Error(), err))
	}
}

// flush inserts the rows of a batch, and reports which of them were inserted. It
// takes them once there is a connection: a call can cancel its own before that.
func (c *coalescer) flush(ctx context.Context, take func() []batchItem) (inserted []bool, err error) {
	err = c.engine.db.Hold(ctx, func(q pgdb.Querier) error {
		items := take()
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
	case pgdb.IsNotSent(err):
		return nil, coalesce.ErrNothingDone
	}
	switch c.engine.classify(err).Fault {
	case pgdb.FaultLost, pgdb.FaultUnreadable:
		// only the text: the error was that of a context that is not the caller's
		return nil, errors.New("a shared insert: " + err.Error())
	default:
		// The server reported a failure, which may be about one row and costs them
		// all: nothing was inserted, and no insert is shared for a while.
		c.engine.hints.BackOff()
		return nil, coalesce.ErrNothingDone
	}
}

// rowsOf returns the rows in the order in which those of CreateMany are inserted,
// too: statements that take slots in the same order never deadlock.
func rowsOf(items []batchItem) ([]*sqlgen.Input, error) {
	rows, ids := make([]*sqlgen.Input, len(items)), make(map[assignment.ID]bool, len(items))
	for i, item := range items {
		rows[i], ids[item.in.Row.ID] = item.in, true
		if item.plan != items[0].plan {
			return nil, coalesce.ErrNothingDone
		}
	}
	if len(rows) < 2 || len(ids) < len(rows) { // none or one, or IDs that repeat themselves
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
