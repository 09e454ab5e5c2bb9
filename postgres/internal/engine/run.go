package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/assignment-go/assignment"
)

// The pauses before a statement is sent again.
const (
	firstPause = 5 * time.Millisecond
	maxPause   = time.Second
)

// run sends the operation until it is resolved or a bound is reached. All writes
// come through here.
func (e *Engine) run(ctx context.Context, c *call, op operation) error {
	for {
		resolved, f := e.attempt(ctx, c, op)
		if resolved {
			return c.outcome()
		}
		if err := e.next(ctx, c, f); err != nil {
			return err
		}
	}
}

// next returns nil when another attempt makes sense, after pausing for it, and
// else the error that the call ends with. No failure means that the attempt saw an
// outdated state.
func (e *Engine) next(ctx context.Context, c *call, f *failure) error {
	var next step
	c.failure = f
	c.attempts, next = c.next(f.faultOrNone())
	switch next {
	case stepAgain:
		return c.interrupted(ctx.Err(), f)
	case stepPause:
		return c.interrupted(pause(ctx, c.statements+c.resends+c.unsent), f)
	default:
		return e.finish(ctx, c, next, f)
	}
}

// interrupted reports a context that ended between two attempts.
func (c *call) interrupted(ctxErr error, f *failure) error {
	if ctxErr == nil {
		return nil
	}
	err := ctxErr
	if f != nil {
		err = withContext(ctxErr, f.err)
	}
	if c.ambiguous {
		return unknown(c.id, err)
	}
	return err
}

// errUnresolved stands for the failure of a call whose statements had none.
var errUnresolved = errors.New("no statement saw which row holds the slot")

// finish returns the error of a call that makes no further attempt.
func (e *Engine) finish(ctx context.Context, c *call, last step, f *failure) error {
	err := f.cause()
	switch last {
	case stepUnknown:
		return unknown(c.id, err)
	case stepInvisible:
		return fmt.Errorf("%w: its snapshot does not show the holder of the slot: %w", assignment.ErrRetryTransaction, err)
	case stepConstraint:
		return e.hostConstraint(f)
	case stepContended:
		return fmt.Errorf("%w: gave up after %d attempts: %w", assignment.ErrContended, c.statements, err)
	default:
		return e.nothingWritten(ctx, f)
	}
}

// pause waits for a jittered time, which doubles with each attempt, or until the
// context ends.
func pause(ctx context.Context, attempt int) error {
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
