package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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
}

// write sends the operation until its outcome is known or a bound is reached,
// and says which of the two it was.
func write[T any](ctx context.Context, e *Engine, op operation[T]) (T, error) {
	p := &progress{engine: e, id: op.id, unrepeatable: op.unrepeatable}
	for {
		ans, err := once(ctx, p, op)
		if err == nil && ans.settled {
			return ans.value, p.conclude(ans.refusal)
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
		err := op.guarded(ctx, e, in, func(q Querier) (err error) {
			ans, err = op.send(q)
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

// guarded runs the statement, behind the lock if there is one. The lock must
// be a statement of its own: the next one then sees what its former owner has
// committed.
func (op operation[T]) guarded(ctx context.Context, e *Engine, in scope, send func(Querier) error) error {
	if op.lock == "" {
		return e.protected(ctx, in, send)
	}
	return e.transact(ctx, in, func(q Querier) error {
		if _, err := q.Text(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))::text", string(op.lock)); err != nil {
			return err
		}
		return send(q)
	})
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
func (p *progress) conclude(refusal error) error {
	if refusal == nil || !p.ambiguous {
		return refusal
	}
	if errors.Is(refusal, assignment.ErrIDReused) || errors.Is(refusal, assignment.ErrNotFound) {
		return refusal
	}
	// only the text: in the chain the refusal would be believed by whoever looks
	// for it first
	return p.unknown(errors.New(refusal.Error()))
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

func (p *progress) unknown(err error) error {
	return &assignment.UnknownOutcomeError{ID: p.id, Err: err}
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
