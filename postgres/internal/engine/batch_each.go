package engine

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// createEach creates the items that can be created.
func (b *batch) createEach(ctx context.Context) {
	for _, items := range b.chunks {
		b.createChunk(ctx, &chunk{batch: b, pending: items})
	}
	b.resolveDuplicates()
}

// createChunk resolves every item of the chunk. When the statement fails because of
// some row, it finds that row by halves, so that the others are created. An
// ambiguous statement makes all of them ambiguous.
func (b *batch) createChunk(ctx context.Context, c *chunk) {
	if len(c.pending) == 1 {
		b.createOne(ctx, c.pending[0], c.Ambiguous)
		return
	}
	switch err := c.run(ctx); {
	case err == nil:
		for _, i := range c.pending {
			b.createOne(ctx, i, c.Ambiguous)
		}
	case c.mayConcernRows(ctx, err):
		for half := range halves(c.pending) {
			part := &chunk{batch: b, pending: half, isPart: true}
			part.Ambiguous = c.Ambiguous
			b.createChunk(ctx, part)
		}
	default:
		c.fail(err)
	}
}

func (b *batch) createOne(ctx context.Context, i int, ambiguous bool) {
	op := b.create(i)
	op.Ambiguous = ambiguous
	result, err := op.reply(b.engine.run(ctx, &op.call, op))
	b.resolve(i, result, err)
}

// chunk is the operation that creates many items by one statement.
type chunk struct {
	call

	batch *batch
	// pending are the items without a result. Those that the last statement did not
	// resolve, either, are left; it counts once it has ended well, its savepoint
	// included.
	pending, left []int
	// mode changes after a unique violation.
	mode sqlgen.Mode
	// isPart means that a larger chunk was divided. A serialization failure divides
	// it at once: the larger one was tried often enough.
	isPart bool
}

// run sends the pending items until none are left, or only those that should have
// a result by now: see maxEmpty.
func (c *chunk) run(ctx context.Context) error {
	c.id = c.batch.row(c.pending[0]).ID
	for tries := 0; tries < maxEmpty && len(c.pending) > 0; tries++ {
		if err := c.batch.engine.run(ctx, &c.call, c); err != nil {
			return err
		}
		c.pending = c.left
	}
	return nil
}

func (c *chunk) needs() needs { return needs{transaction: c.batch.plan.Triggers.AfterInsert} }

func (c *chunk) send(ctx context.Context, q pgdb.Querier) (resolved bool, err error) {
	c.left, err = c.batch.insert(ctx, q, &c.call, c.mode, c.pending)
	return err == nil, err
}

// failed leaves out existing rows after a unique violation, and divides the chunk
// after a second one.
func (c *chunk) failed(_ context.Context, f *failure) (resolved bool, err error) {
	switch {
	case f.Fault == pgdb.FaultViolation && c.mode == sqlgen.Trusting:
		c.mode = sqlgen.Careful
		return false, nil
	case f.Fault == pgdb.FaultViolation, f.Fault == pgdb.FaultSerialization && c.isPart && !c.InHost:
		return c.reject(errDivide), nil
	default:
		return false, nil
	}
}

// fail gives all pending items the failure of their statement.
func (c *chunk) fail(err error) {
	cause, isUnknown := errors.AsType[*assignment.UnknownOutcomeError](err)
	for _, i := range c.pending {
		if isUnknown {
			err = unknown(c.batch.row(i).ID, cause.Err)
		}
		c.batch.results[i] = assignment.ItemResult{Err: err}
	}
}
