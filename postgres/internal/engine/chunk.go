package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/assignment-go/assignment"
)

// errDivide says that some row of the chunk violates a unique index that is not
// the guard, even when rows of one's own are left out.
var errDivide = errors.New("a row of the chunk violates a unique index")

// isAboutRows reports whether the failure of a statement may be that of single
// rows.
func isAboutRows(err error) bool {
	return errors.Is(err, errDivide) ||
		errors.Is(err, assignment.ErrInvalid) && !errors.Is(err, assignment.ErrUnknownOutcome)
}

// chunk is the part of a batch that one statement creates.
type chunk struct {
	batch *batch
	// pending are the items that have no result yet.
	pending []int
	// staged holds what the last statement said about each of them. It counts once
	// the statement has ended well, its savepoint included.
	staged []staged
	// care grows after a unique violation.
	care     care
	progress *progress
}

// staged is a result, or none yet.
type staged struct {
	result  assignment.ItemResult
	settled bool
}

func newChunk(b *batch, items []int) *chunk {
	return &chunk{
		batch: b, pending: items,
		progress: &progress{engine: b.engine, id: b.row(items[0]).ID},
	}
}

// run sends the pending items until each has a result. After an error those
// that are still pending have none.
func (c *chunk) run(ctx context.Context) error {
	divide, err := pursue(ctx, c.progress, operation[bool]{
		send: func(q Querier) (answer[bool], error) {
			err := c.send(ctx, q)
			return answer[bool]{settled: c.complete()}, err
		},
		own: func() (answer[bool], error) {
			again := c.care == careful
			c.care = careful
			return answer[bool]{value: again, settled: again}, nil
		},
		keep: c.keep,
	})
	if divide {
		return errDivide
	}
	return err
}

// send runs the statement once and stages what it says about each item.
func (c *chunk) send(ctx context.Context, q Querier) error {
	c.staged = nil
	rows := make([]*input, len(c.pending))
	for n, i := range c.pending {
		rows[n] = &c.batch.inputs[i]
	}
	statement := c.batch.plan.createMany[c.care][likenessOf(rows)]
	found, err := q.Rows(ctx, statement.text, statement.values(rows)...)
	if err != nil {
		return err
	}
	c.stage(newReply(found))
	return nil
}

func (c *chunk) stage(r reply) {
	c.staged = make([]staged, len(c.pending))
	for n, i := range c.pending {
		ans := r.about(c.batch.plan, *c.batch.row(i))
		if !ans.settled {
			continue
		}
		refusal := c.progress.conclude(c.batch.row(i).ID, ans.refusal)
		c.staged[n] = staged{itemResult(ans.value, refusal), true}
	}
}

// complete reports whether each pending item has a result.
func (c *chunk) complete() bool {
	return c.staged != nil && !slices.ContainsFunc(c.staged, func(s staged) bool { return !s.settled })
}

// keep makes the staged results final.
func (c *chunk) keep() {
	if c.staged == nil {
		return // the statement was refused
	}
	var pending []int
	for n, i := range c.pending {
		if c.staged[n].settled {
			c.batch.results[i] = c.staged[n].result
		} else {
			pending = append(pending, i)
		}
	}
	c.pending, c.staged = pending, nil
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
	own     map[string]*Row
	created map[string]*Row
	refused map[string]bool
	holders map[assignment.Key]*Row
}

func newReply(rows []Row) reply {
	r := reply{
		own: make(map[string]*Row), created: make(map[string]*Row),
		refused: make(map[string]bool), holders: make(map[assignment.Key]*Row),
	}
	for i := range rows {
		row := &rows[i]
		switch row.Kind {
		case kindOwn:
			r.own[string(row.ID)] = row
		case kindCreated:
			r.created[string(row.ID)] = row
		case kindHolder:
			r.holders[row.key()] = row
		case kindRefused:
			r.refused[string(row.ID)] = true
		}
	}
	return r
}

// about answers for one item. What was not created and has neither a row of its
// own nor a holder lost against a winner that the statement could not see.
func (r reply) about(p *plan, a assignment.Assignment) answer[assignment.Result] {
	if own := r.own[string(a.ID)]; own != nil {
		return replay(a, own)
	}
	if created := r.created[string(a.ID)]; created != nil {
		row, err := created.assignment()
		return settle(assignment.Result{Assignment: row, Outcome: assignment.OutcomeCreated}, err)
	}
	if !r.refused[string(a.ID)] {
		return settle(assignment.Result{Assignment: p.asKept(a), Outcome: assignment.OutcomeCreated}, nil)
	}
	if holder := r.holders[a.Key]; holder != nil {
		return refuse[assignment.Result](conflict(a.Key, holder))
	}
	return answer[assignment.Result]{}
}
