package engine

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
)

// care is how closely an attempt at a whole batch looks. Each kind is tried
// when the one before met rows that it can't tell apart.
type care int

const (
	// trusting inserts whole chunks.
	trusting care = iota
	// careful leaves out rows of one's own, which an earlier attempt created.
	careful
	// itemwise creates one item after the other, to find the one that is refused.
	itemwise
)

// errUndo rolls a batch back that was refused; the refusal travels elsewhere.
var errUndo = errors.New("the batch was refused")

// createAll runs the whole batch in one transaction, or in a savepoint of the
// caller's. Nothing of a refused batch stays.
func (b *batch) createAll(ctx context.Context) ([]assignment.ItemResult, error) {
	p := &progress{engine: b.engine, id: b.rows[0].ID}
	for how := trusting; ; how++ {
		results, err := b.createAllAs(ctx, p, how)
		if how == itemwise || !isAboutRows(err) {
			return results, err
		}
	}
}

func (b *batch) createAllAs(ctx context.Context, p *progress, how care) ([]assignment.ItemResult, error) {
	violated := false
	results, err := pursue(ctx, p, operation[[]assignment.ItemResult]{
		atomic: true,
		send: func(q Querier) (answer[[]assignment.ItemResult], error) {
			violated = false
			attempt := newBatch(b.engine, b.rows)
			complete, err := attempt.sendAs(ctx, q, p, how)
			if err != nil || !complete {
				return answer[[]assignment.ItemResult]{}, err
			}
			return settle(attempt.results, attempt.refusal()), nil
		},
		own: func() (answer[[]assignment.ItemResult], error) {
			violated = true
			return answer[[]assignment.ItemResult]{settled: true}, nil
		},
	})
	if violated {
		return nil, errDivide
	}
	if err != nil {
		return nil, err
	}
	return results, nil
}

// sendAs reports whether every item has a result.
func (b *batch) sendAs(ctx context.Context, q Querier, p *progress, how care) (complete bool, err error) {
	if how == itemwise {
		return b.sendItems(ctx, q)
	}
	for _, wave := range b.waves {
		complete, err := b.sendWave(ctx, q, p, wave, how)
		if err != nil || !complete {
			return false, err
		}
	}
	b.settleTwins()
	return true, nil
}

// sendWave goes on after a refusal, so that the first refusal in the caller's
// order is found.
func (b *batch) sendWave(ctx context.Context, q Querier, p *progress, wave []int, how care) (complete bool, err error) {
	for len(wave) > 0 {
		c := &chunk{batch: b, pending: wave[:min(maxChunk, len(wave))], progress: p, care: how}
		wave = wave[len(c.pending):]
		for tries := 0; len(c.pending) > 0; tries++ {
			if tries == maxStatements {
				return false, nil
			}
			if err := c.send(ctx, q); err != nil {
				return false, err
			}
			c.keep()
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

// sendItems stops at the first refusal, in the caller's order.
func (b *batch) sendItems(ctx context.Context, q Querier) (complete bool, err error) {
	for i, a := range b.rows {
		ans, err := b.sendItem(ctx, q, a)
		if err != nil {
			return false, err
		}
		if !ans.settled {
			return false, nil
		}
		b.results[i] = itemResult(ans.value, ans.refusal)
		if b.results[i].Outcome == 0 {
			break
		}
	}
	return true, nil
}

// sendItem runs under a savepoint, since the table may refuse the row.
func (b *batch) sendItem(ctx context.Context, q Querier, a assignment.Assignment) (answer[assignment.Result], error) {
	e := b.engine
	if err := q.Exec(ctx, "SAVEPOINT assignment_item"); err != nil {
		return answer[assignment.Result]{}, err
	}
	ans, err := e.tryCreate(ctx, q, a)
	if err == nil {
		return ans, q.Exec(ctx, "RELEASE SAVEPOINT assignment_item")
	}
	if !isAboutRows(e.refused(ctx, err)) {
		return answer[assignment.Result]{}, err
	}
	if rollbackErr := q.Exec(ctx, "ROLLBACK TO SAVEPOINT assignment_item"); rollbackErr != nil {
		return answer[assignment.Result]{}, rollbackErr
	}
	own, ownErr := e.replayed(ctx, q, a)
	if ownErr != nil || own.settled {
		return own, ownErr
	}
	return refuse[assignment.Result](e.refused(ctx, err)), nil
}

// tryCreate sends the statement for one row until it saw who won.
func (e *Engine) tryCreate(ctx context.Context, q Querier, a assignment.Assignment) (ans answer[assignment.Result], err error) {
	args, err := values(a)
	for tries := 0; err == nil && !ans.settled && tries < maxStatements; tries++ {
		var rows []Row
		rows, err = q.Rows(ctx, e.sql.create, args...)
		ans = decideCreate(a, rows)
	}
	return ans, err
}
