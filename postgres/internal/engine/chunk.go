package engine

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// errDivide says that some row of the chunk needs a statement of its own: it
// violates a unique index that is not the guard, even when rows of one's own are
// left out, or nothing becomes of it.
var errDivide = errors.New("a row of the chunk needs a statement of its own")

// chunk is the part of a batch that one statement creates.
type chunk struct {
	batch *batch
	// pending are the items that have no result yet.
	pending []int
	// reply is what the last statement said about them. It counts once the
	// statement has ended well, its savepoint included.
	reply *reply
	// mode grows after a unique violation.
	mode sqlgen.Mode
	call *call
	// isPart means that a larger chunk was divided. A serialization failure divides
	// it at once: the larger one was tried often enough.
	isPart bool
	// divide means that some row needs a statement of its own.
	divide bool
}

func newChunk(b *batch, items []int) *chunk {
	return &chunk{
		batch: b, pending: items, call: &call{id: b.row(items[0]).ID},
	}
}

// run sends the pending items until each has a result, or only those are left
// that should have one by now: see maxEmpty. After an error those that are still
// pending have none.
func (c *chunk) run(ctx context.Context) error {
	e := c.batch.engine
	for incomplete := 0; ; incomplete++ {
		if err := e.run(ctx, c.call, c); err != nil {
			return err
		}
		if c.divide {
			return errDivide
		}
		c.keep()
		if len(c.pending) == 0 || incomplete+1 >= maxEmpty {
			return nil
		}
		if err := e.next(ctx, c.call, nil); err != nil {
			return err
		}
	}
}

func (c *chunk) needs() needs { return needs{transaction: c.batch.plan.Triggers.AfterInsert} }

func (c *chunk) send(ctx context.Context, q pgdb.Querier) (resolved bool, err error) {
	err = c.insert(ctx, q)
	return err == nil, err
}

// failed leaves out existing rows after a unique violation, and divides the chunk
// after a second one.
func (c *chunk) failed(_ context.Context, f *failure) (resolved bool, err error) {
	switch f.Fault {
	case pgdb.FaultViolation:
		c.divide = c.mode == sqlgen.Careful
		c.mode = sqlgen.Careful
	case pgdb.FaultSerialization:
		c.divide = c.isPart && !c.call.inHost
	default: // the loop knows what to do
	}
	return c.divide, nil
}

// insert runs the statement once.
func (c *chunk) insert(ctx context.Context, q pgdb.Querier) error {
	c.reply = nil
	rows := make([]*sqlgen.Input, len(c.pending))
	for n, i := range c.pending {
		rows[n] = &c.batch.inputs[i]
	}
	insert := c.batch.plan.CreateMany(c.mode, rows)
	found, err := q.Rows(ctx, insert.SQL, insert.Args...)
	if err != nil {
		return err
	}
	replied := newReply(found)
	if c.batch.plan.Triggers.AfterInsert {
		err = c.asCommitted(ctx, q, replied)
	}
	if err == nil {
		c.reply = replied
	}
	return err
}

// keep makes the results final.
func (c *chunk) keep() {
	if c.reply == nil {
		return // the statement was rejected
	}
	var pending []int
	for _, i := range c.pending {
		row := c.batch.row(i)
		if !c.reply.settles(row) {
			pending = append(pending, i)
			continue
		}
		value, rejection := c.reply.about(c.batch.plan, row)
		if rejection != nil && c.call.ambiguous {
			rejection = unknown(row.ID, rejection)
		}
		c.batch.results[i] = itemResult(value, rejection)
	}
	c.pending, c.reply = pending, nil
}

// fail gives the failure of the statement to all that it was about.
func (c *chunk) fail(err error) {
	cause, isUnknown := errors.AsType[*assignment.UnknownOutcomeError](err)
	for _, i := range c.pending {
		if isUnknown {
			err = unknown(c.batch.row(i).ID, cause.Err)
		}
		c.batch.results[i] = assignment.ItemResult{Err: err}
	}
}

// reply sorts the rows of the statement's answer.
type reply struct {
	own     map[string]*pgdb.Row
	created map[string]*pgdb.Row
	refused map[string]bool
	holders map[assignment.Key]*pgdb.Row
}

func newReply(rows []pgdb.Row) *reply {
	r := &reply{
		own: make(map[string]*pgdb.Row), created: make(map[string]*pgdb.Row),
		refused: make(map[string]bool), holders: make(map[assignment.Key]*pgdb.Row),
	}
	for i := range rows {
		row := &rows[i]
		switch row.Kind {
		case pgdb.RowExisting:
			r.own[string(row.ID)] = row
		case pgdb.RowCreated:
			r.created[string(row.ID)] = row
		case pgdb.RowHolder:
			r.holders[row.Key()] = row
		case pgdb.RowRejected:
			r.refused[string(row.ID)] = true
		default: // the statement returns no others
		}
	}
	return r
}

// settles reports whether the reply tells what became of the item. What was not
// created and has neither a row of its own nor a holder lost against a winner
// that the statement could not see.
func (r *reply) settles(a *assignment.Assignment) bool {
	return !r.refused[string(a.ID)] || r.own[string(a.ID)] != nil || r.holders[a.Key] != nil
}

// about answers for an item that the reply settles.
func (r *reply) about(p *sqlgen.Statements, a *assignment.Assignment) (assignment.Result, error) {
	if own := r.own[string(a.ID)]; own != nil {
		return replay(a, own)
	}
	if created := r.created[string(a.ID)]; created != nil {
		row, err := created.Assignment()
		return assignment.Result{Assignment: row, Outcome: assignment.OutcomeCreated}, err
	}
	if r.refused[string(a.ID)] {
		return assignment.Result{}, conflict(a.Key, r.holders[a.Key])
	}
	return assignment.Result{Assignment: p.AsStored(*a), Outcome: assignment.OutcomeCreated}, nil
}

// asCommitted puts what the triggers that run after an insert have left of the
// created rows into the reply.
func (c *chunk) asCommitted(ctx context.Context, q pgdb.Querier, r *reply) error {
	b := c.batch
	var created []assignment.ID
	for _, i := range c.pending {
		if id := b.row(i).ID; !r.refused[string(id)] {
			created = append(created, id)
		}
	}
	if err := c.call.runDeferred(ctx, q, b.plan); err != nil {
		return err
	}
	get := b.plan.GetMany(created)
	rows, err := q.Rows(ctx, get.SQL, get.Args...)
	if err != nil {
		return err
	}
	stored := make(map[assignment.ID]*pgdb.Row, len(rows))
	for n := range rows {
		stored[assignment.ID(rows[n].ID)] = &rows[n]
	}
	for _, i := range c.pending {
		a := b.row(i)
		if r.refused[string(a.ID)] {
			continue
		}
		row := stored[a.ID]
		if attribute := lostBy(b.engine.lifecycle, row, a.Key); row == nil || attribute != "" {
			return &undoneError{event: sqlgen.OnInsert, attribute: attribute, after: true}
		}
		r.created[string(a.ID)] = row
	}
	return nil
}
