package engine

import (
	"context"
	"errors"
	"slices"

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
	mode     sqlgen.Mode
	progress *progress
	// isPart means that a larger chunk was divided. A serialization failure divides
	// it at once: the larger one was tried often enough.
	isPart bool
	// incomplete counts the statements that left items without a result.
	incomplete int
}

func newChunk(b *batch, items []int) *chunk {
	return &chunk{
		batch: b, pending: items,
		progress: &progress{engine: b.engine, id: b.row(items[0]).ID},
	}
}

// run sends the pending items until each has a result, or only those are left
// that should have one by now: see maxEmpty. After an error those that are still
// pending have none.
func (c *chunk) run(ctx context.Context) error {
	divide, err := pursue(ctx, c.progress, operation[bool]{
		send: func(q pgdb.Querier) (answer[bool], error) {
			err := c.send(ctx, q)
			if c.isPart && c.progress.scope == ownScope && c.batch.engine.faultOf(err) == pgdb.FaultSerialization {
				return answer[bool]{value: true, settled: true}, nil
			}
			if err == nil && !c.complete() {
				c.incomplete++
			}
			return answer[bool]{settled: c.complete() || c.incomplete >= maxEmpty}, err
		},
		together: func() bool { return c.batch.plan.Triggers.AfterInsert },
		own: func(error) (answer[bool], error) {
			again := c.mode == sqlgen.Careful
			c.mode = sqlgen.Careful
			return answer[bool]{value: again, settled: again}, nil
		},
		keep: c.keep,
	})
	if divide {
		return errDivide
	}
	return err
}

// send runs the statement once.
func (c *chunk) send(ctx context.Context, q pgdb.Querier) error {
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
		err = c.batch.asCommitted(ctx, q, c.pending, replied)
	}
	if err == nil {
		c.reply = replied
	}
	return err
}

// complete reports whether each pending item has a result.
func (c *chunk) complete() bool {
	return c.reply != nil && !slices.ContainsFunc(c.pending, func(i int) bool { return !c.reply.settles(c.batch.row(i)) })
}

// keep makes the results final.
func (c *chunk) keep() {
	if c.reply == nil {
		return // the statement was refused
	}
	var pending []int
	for _, i := range c.pending {
		row := c.batch.row(i)
		if !c.reply.settles(row) {
			pending = append(pending, i)
			continue
		}
		value, refusal := c.reply.about(c.batch.plan, row)
		c.batch.results[i] = itemResult(value, c.progress.conclude(row.ID, refusal))
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
		ans := replay(*a, own)
		return ans.value, ans.refusal
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
