package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/assignment-go/assignment"
)

const (
	// maxStatements bounds how often one call runs its statement because the
	// winner was not visible to it, or because of a serialization failure.
	// Measured: 2 suffice in a burst, 5 under create/complete churn.
	maxStatements = 8
	// maxResends bounds how often one call is sent again after its reply was
	// lost. With the backoff below it spans a few seconds, a server's restart.
	maxResends = 12
	// maxUnsent bounds how often one call that never left this process is
	// tried: enough to get past connections that died in the pool, few enough to
	// fail fast when the server is down.
	maxUnsent = 3
	// maxReads bounds how often a read whose connection broke is tried.
	maxReads = 4

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
	// unrepeatable forbids to send it again after its reply was lost: there is
	// no ID by which a second attempt would find the row of the first.
	unrepeatable bool
	// lock is an ID on which callers must queue up, because no index keeps
	// others from using it at the same time; empty when there is one.
	lock assignment.ID
	// send runs the statement.
	send func(Querier) (answer[T], error)
	// own looks for the caller's own row after a unique violation; nil when the
	// statement finds it by itself.
	own func() (answer[T], error)
	// atomic means that send runs several statements that must stand or fall
	// together: nothing of what it did stays unless it settled without a refusal.
	atomic bool
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
	return &progress{engine: e, id: op.id, unrepeatable: op.unrepeatable}
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
		err := op.runner(e)(ctx, in, func(q Querier) (err error) {
			if err := op.queueUp(ctx, q); err != nil {
				return err
			}
			ans, err = op.send(q)
			if err == nil && op.atomic && (!ans.settled || ans.refusal != nil) {
				return errUndo
			}
			return err
		})
		if op.own == nil || e.faultOf(err) != faultViolation {
			return err
		}
		var ownErr error
		if ans, ownErr = op.own(); ownErr != nil || ans.settled {
			return ownErr
		}
		return err
	})
	return ans, err
}

// runner is what the operation needs around its statements.
func (op operation[T]) runner(e *Engine) func(context.Context, scope, func(Querier) error) error {
	switch {
	case op.atomic:
		return e.atomically
	case op.lock != "":
		return e.transacted
	default:
		return e.protected
	}
}

// queueUp waits for the lock of the operation, if it has one. It must be a
// statement of its own: the next one then sees what the former owner of the
// lock has committed.
func (op operation[T]) queueUp(ctx context.Context, q Querier) error {
	if op.lock == "" {
		return nil
	}
	return lockIDs(ctx, q, op.lock)
}

// lockIDs serialises all who use one of the IDs, until the transaction ends.
// The order spares them deadlocks.
func lockIDs(ctx context.Context, q Querier, ids ...assignment.ID) error {
	var list array
	for _, id := range slices.Sorted(slices.Values(ids)) {
		list.add(string(id))
	}
	_, err := q.Text(ctx, `SELECT count(pg_advisory_xact_lock(hashtextextended(id, 0)))::text
FROM unnest($1::text[]) WITH ORDINALITY AS list (id, n)`, list.String())
	return err
}

// progress is what a call knows about its earlier attempts.
type progress struct {
	engine     *Engine
	id         assignment.ID
	statements int
	resends    int
	unsent     int
	violations int
	scope      scope
	// unrepeatable is that of the operation.
	unrepeatable bool
	// ambiguous is set once a statement may have been applied without a reply.
	// From then on only success settles the matter, or proof that no row under
	// this ID can be ours.
	ambiguous bool
}

// conclude decides whether a refusal can be believed. After a lost reply it
// can't: the lost statement may have been applied and undone by others since,
// or may still be queued somewhere.
func (p *progress) conclude(id assignment.ID, refusal error) error {
	if refusal == nil || !p.ambiguous {
		return refusal
	}
	if errors.Is(refusal, assignment.ErrIDReused) || errors.Is(refusal, assignment.ErrNotFound) {
		return refusal
	}
	// only the text: in the chain the refusal would be believed by whoever looks
	// for it first
	return unknown(id, errors.New(refusal.Error()))
}

// mayGoOn returns nil when another attempt makes sense, after pausing for it.
// A nil err means that the statement's view was outdated.
func (p *progress) mayGoOn(ctx context.Context, err error) error {
	switch p.engine.faultOf(err) {
	case faultNone:
		p.statements++
	case faultViolation:
		p.statements++
		p.violations++
	case faultSerialization:
		if p.scope == hostScope {
			return p.failed(ctx, err)
		}
		p.statements++
	case faultLost:
		if p.scope == hostScope {
			return p.failed(ctx, err)
		}
		p.ambiguous = true
		p.resends++
	case faultNotSent:
		if p.ambiguous {
			p.resends++
			break
		}
		p.unsent++
		if p.unsent >= maxUnsent || !p.engine.db.Pooled() || ctx.Err() != nil {
			return p.failed(ctx, err)
		}
	default:
		return p.failed(ctx, err)
	}
	if p.exhausted() {
		return p.givenUp(err)
	}
	if pauseErr := p.pause(ctx, err); pauseErr != nil {
		return p.interrupted(err, pauseErr)
	}
	return nil
}

func (p *progress) exhausted() bool {
	if p.scope == hostScope && p.violations > 1 {
		return true // the snapshot will never show the winner
	}
	if p.resends > 0 && (p.unrepeatable || !p.engine.db.Pooled()) {
		return true
	}
	return p.statements >= maxStatements || p.resends >= maxResends
}

// givenUp reports a bound that was reached.
func (p *progress) givenUp(err error) error {
	switch {
	case p.ambiguous:
		return p.unknown(err)
	case p.violations > 0 && p.scope == hostScope:
		return fmt.Errorf("%w: the winner is invisible to its snapshot: %w", assignment.ErrRetryTransaction, err)
	case p.violations >= maxStatements:
		return p.engine.foreignConstraint(err)
	case err != nil:
		return fmt.Errorf("%w: gave up after %d attempts: %w", assignment.ErrContended, p.statements, err)
	default:
		return fmt.Errorf("%w: gave up after %d attempts", assignment.ErrContended, p.statements)
	}
}

// failed reports an error that ends the call.
func (p *progress) failed(ctx context.Context, err error) error {
	if p.ambiguous {
		return p.unknown(err)
	}
	return p.engine.definite(ctx, err)
}

// interrupted reports a context that ended between two attempts.
func (p *progress) interrupted(err, ctxErr error) error {
	if p.ambiguous {
		return p.unknown(withContext(ctxErr, err))
	}
	return ctxErr
}

func (p *progress) unknown(err error) error { return unknown(p.id, err) }

func unknown(id assignment.ID, err error) error {
	return &assignment.UnknownOutcomeError{ID: id, Err: err}
}

// pause waits before the next attempt. An outdated view or a violation needs no
// wait: the winner has committed already.
func (p *progress) pause(ctx context.Context, err error) error {
	if fault := p.engine.faultOf(err); fault == faultNone || fault == faultViolation {
		return ctx.Err()
	}
	return sleep(ctx, p.statements+p.resends+p.unsent)
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
