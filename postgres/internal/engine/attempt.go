package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// The pauses before a statement is sent again.
const (
	firstPause = 5 * time.Millisecond
	maxPause   = time.Second
)

// answer is what one statement said about the caller's request. The zero
// answer means that the statement's view of the world was outdated, and that
// it must run again.
type answer[T any] struct {
	value T
	// refusal is why the request can't be met.
	refusal error
	settled bool
}

func settle[T any](value T, refusal error) answer[T] {
	return answer[T]{value: value, refusal: refusal, settled: true}
}

func refuse[T any](refusal error) answer[T] {
	return answer[T]{refusal: refusal, settled: true}
}

// operation is one write, described so that it can be sent more than once.
type operation[T any] struct {
	id assignment.ID
	// unrepeatable forbids to send it again after its reply was lost: a second
	// attempt could not recognise what the first one did.
	unrepeatable bool
	// lock is an ID on which callers must queue up, because no index keeps
	// others from using it at the same time; empty when there is one.
	lock assignment.ID
	// send runs the statement.
	send func(pgdb.Querier) (answer[T], error)
	// own looks for the caller's own row after a unique violation; nil when the
	// statement finds it by itself.
	own func(error) (answer[T], error)
	// atomic means that send runs several statements that must stand or fall
	// together: nothing of what it did stays unless it settled without a refusal.
	atomic bool
	// together reports whether send runs several statements that belong into one
	// transaction; may be nil.
	together func() bool
	// keep is told that the last send counts, whether it settled the matter or
	// not; may be nil.
	keep func()
}

// write sends the operation until its outcome is known or a bound is reached,
// and says which of the two it was.
func write[T any](ctx context.Context, e *Engine, op operation[T]) (T, error) {
	return pursue(ctx, op.begin(e), op)
}

// begin is the progress of a call that has sent nothing yet.
func (op operation[T]) begin(e *Engine) *progress {
	return &progress{engine: e, id: op.id, attempts: attempts{unrepeatable: op.unrepeatable}}
}

// pursue is write for callers that have to know what went before.
func pursue[T any](ctx context.Context, p *progress, op operation[T]) (T, error) {
	for {
		ans, err := once(ctx, p, op)
		if err == nil && op.keep != nil {
			op.keep()
		}
		if err == nil && ans.settled {
			return ans.value, p.conclude(p.id, ans.refusal)
		}
		if err := p.mayGoOn(ctx, err); err != nil {
			var none T
			return none, err
		}
	}
}

func once[T any](ctx context.Context, p *progress, op operation[T]) (ans answer[T], err error) {
	e := p.engine
	err = e.exclusively(ctx, func(in scope) error {
		p.scope = in
		err := op.runner(e)(ctx, in, func(q pgdb.Querier) (err error) {
			if err := op.queueUp(ctx, q, in); err != nil {
				return err
			}
			ans, err = op.send(q)
			if err == nil && op.atomic && (!ans.settled || ans.refusal != nil) {
				return errUndo
			}
			return err
		})
		if op.own == nil || e.faultOf(err) != pgdb.FaultViolation {
			return err
		}
		var ownErr error
		if ans, ownErr = op.own(err); ownErr != nil {
			if p.scope == ownScope { // the violation has undone the statement
				ownErr = rolledBack(ownErr, false)
			}
			return ownErr
		}
		if ans.settled {
			return nil
		}
		return err
	})
	return ans, err
}

// runner is what the operation needs around its statements.
func (op operation[T]) runner(e *Engine) func(context.Context, scope, func(pgdb.Querier) error) error {
	switch {
	case op.atomic:
		return e.atomically
	case op.lock != "", op.together != nil && op.together():
		return e.transacted
	default:
		return e.protected
	}
}

// queueUp waits for the lock of the operation, if it has one. It must be a
// statement of its own: the next one then sees what the former owner of the
// lock has committed.
func (op operation[T]) queueUp(ctx context.Context, q pgdb.Querier, in scope) error {
	if op.lock == "" {
		return nil
	}
	return lockIDs(ctx, q, in, op.lock)
}

// progress is a call on its way.
type progress struct {
	attempts

	engine *Engine
	id     assignment.ID
	scope  scope
}

// conclude decides whether a refusal can be believed. After a lost reply it
// can't, whatever it says: the lost statement may have been applied and then
// changed or undone by others, or may still be queued somewhere.
func (p *progress) conclude(id assignment.ID, refusal error) error {
	if refusal == nil || !p.ambiguous {
		return refusal
	}
	return unknown(id, refusal)
}

// mayGoOn returns nil when another attempt makes sense, after pausing for it.
// A nil err means that the statement's view was outdated.
func (p *progress) mayGoOn(ctx context.Context, err error) error {
	p.inHost, p.pooled = p.scope == hostScope, p.engine.db.Pooled()
	next, step := p.after(p.engine.faultOf(err))
	p.attempts = next
	switch step {
	case stepAgain:
		return p.interrupted(ctx.Err(), err)
	case stepPause:
		return p.interrupted(sleep(ctx, p.statements+p.resends+p.unsent), err)
	default:
		return p.ended(ctx, step, err)
	}
}

// interrupted reports a context that ended between two attempts.
func (p *progress) interrupted(ctxErr, err error) error {
	switch {
	case ctxErr == nil:
		return nil
	case p.ambiguous:
		return unknown(p.id, withContext(ctxErr, err))
	default:
		return withContext(ctxErr, err)
	}
}

// ended is the error of a call that does not go on.
func (p *progress) ended(ctx context.Context, step step, err error) error {
	switch step {
	case stepUnknown:
		return unknown(p.id, cmp.Or(err, errUnsettled))
	case stepInvisible:
		return fmt.Errorf("%w: the winner is invisible to its snapshot: %w", assignment.ErrRetryTransaction, err)
	case stepConstraint:
		return p.engine.foreignConstraint(err)
	case stepContended:
		return fmt.Errorf("%w: gave up after %d attempts: %w", assignment.ErrContended, p.statements, cmp.Or(err, errUnsettled))
	default:
		return p.engine.definite(ctx, err)
	}
}

// errUnsettled stands for the error that a statement did not have.
var errUnsettled = errors.New("none of them saw who holds the slot")

func unknown(id assignment.ID, err error) error {
	return &assignment.UnknownOutcomeError{ID: id, Err: err}
}

// sleep waits for a jittered, doubling time, or until the context ends.
func sleep(ctx context.Context, attempt int) error {
	limit := min(firstPause<<min(attempt-1, 16), maxPause)
	timer := time.NewTimer(limit/2 + rand.N(limit/2))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
