package engine

import (
	"cmp"
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

// errUndo rolls a batch back that was refused; the refusal travels elsewhere.
var errUndo = errors.New("the batch was refused")

// createAll runs the whole batch in one transaction, or in a savepoint of the
// caller's. Nothing of a refused batch stays.
func (b *batch) createAll(ctx context.Context) ([]assignment.ItemResult, error) {
	p := &progress{engine: b.engine, id: b.row(0).ID, attempts: attempts{unrepeatable: b.plan.DatabaseIDs}}
	mode := sqlgen.Trusting
	if !b.plan.CanBatch() {
		mode = itemwise
	}
	results, err := b.createAllAs(ctx, p, mode)
	if _, named := errors.AsType[*assignment.BatchError](err); named || !b.engine.mayBeAboutRows(ctx, err) {
		return results, err
	}
	b.immediate = true
	return b.createAllAs(ctx, p, max(mode, sqlgen.Careful))
}

func (b *batch) createAllAs(ctx context.Context, p *progress, mode sqlgen.Mode) ([]assignment.ItemResult, error) {
	divide := false
	op := operation[[]assignment.ItemResult]{
		atomic: true,
		send: func(q pgdb.Querier) (answer[[]assignment.ItemResult], error) {
			divide = false
			attempt := b.again()
			complete, err := attempt.sendAs(ctx, q, p, mode)
			if err == nil && !complete && mode == sqlgen.Trusting {
				divide = true
				return refuse[[]assignment.ItemResult](errDivide), nil
			}
			if err != nil || !complete {
				return answer[[]assignment.ItemResult]{}, err
			}
			return settle(attempt.results, attempt.refusal()), nil
		},
		own: func(error) (answer[[]assignment.ItemResult], error) {
			divide = true
			return answer[[]assignment.ItemResult]{settled: true}, nil
		},
	}
	if b.immediate {
		op.own = nil // what violates is found where it does
	}
	results, err := pursue(ctx, p, op)
	if divide {
		return nil, errDivide
	}
	if err != nil {
		return nil, err
	}
	return results, nil
}

// sendAs reports whether every item has a result.
func (b *batch) sendAs(ctx context.Context, q pgdb.Querier, p *progress, mode sqlgen.Mode) (complete bool, err error) {
	if b.immediate && p.scope == ownScope {
		// what is checked when the transaction is committed names no row
		if err := q.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
			return false, err
		}
	}
	if mode == itemwise {
		return b.sendItems(ctx, q, p.scope)
	}
	for _, wave := range b.waves {
		complete, err := b.sendWave(ctx, q, p, wave, mode)
		if err != nil || !complete {
			return false, err
		}
	}
	b.settleTwins()
	return true, nil
}

// sendWave goes on after a refusal, so that the first refusal in the caller's
// order is found.
func (b *batch) sendWave(ctx context.Context, q pgdb.Querier, p *progress, wave []int, mode sqlgen.Mode) (complete bool, err error) {
	for items := range slices.Chunk(wave, maxChunk) {
		if mode == sqlgen.Careful {
			if complete, err := b.sendParts(ctx, q, p, items); err != nil || !complete {
				return false, err
			}
			continue
		}
		c := &chunk{batch: b, pending: items, progress: p, mode: mode}
		for tries := 0; len(c.pending) > 0; tries++ {
			if tries == maxEmpty {
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

// sendItems takes the items in the order of the waves, which is that of the
// slots, and like them goes on after a refusal.
func (b *batch) sendItems(ctx context.Context, q pgdb.Querier, in scope) (complete bool, err error) {
	if b.plan.IDNotUnique {
		if err := lockIDs(ctx, q, in, b.ids()...); err != nil {
			return false, err
		}
	}
	for _, i := range slices.Concat(b.waves...) {
		ans, err := b.sendItem(ctx, q, &b.inputs[i])
		if err != nil || !ans.settled {
			return false, err
		}
		b.results[i] = itemResult(ans.value, ans.refusal)
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

// sendItem runs under a savepoint, since the table may refuse the row.
func (b *batch) sendItem(ctx context.Context, q pgdb.Querier, in *sqlgen.Input) (answer[assignment.Result], error) {
	e := b.engine
	if err := q.Exec(ctx, "SAVEPOINT assignment_item"); err != nil {
		return answer[assignment.Result]{}, err
	}
	attempt := e.creating(b.plan, in)
	ans, err := attempt.insist(ctx, q)
	if err == nil {
		return ans, q.Exec(ctx, "RELEASE SAVEPOINT assignment_item")
	}
	if !e.isRefusedRow(ctx, err) {
		return answer[assignment.Result]{}, err
	}
	if rollbackErr := q.Exec(ctx, "ROLLBACK TO SAVEPOINT assignment_item"); rollbackErr != nil {
		return answer[assignment.Result]{}, rollbackErr
	}
	if e.faultOf(err) == pgdb.FaultViolation {
		own, ownErr := attempt.violated(ctx, q, err)
		if own.settled || ownErr != nil && !e.isRefusedRow(ctx, ownErr) {
			return own, ownErr
		}
		if ownErr == nil && !attempt.unnamed {
			// who is in the way can't be seen, which is no fault of the item
			return answer[assignment.Result]{}, err
		}
		err = cmp.Or(ownErr, err)
	}
	return refuse[assignment.Result](e.refused(ctx, q, err)), nil
}
