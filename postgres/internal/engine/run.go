package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/retry"
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
	var next retry.Step
	c.failure = f
	c.Attempts, next = c.Next(f.faultOrNone())
	switch next {
	case retry.StepAgain:
		return c.interrupted(ctx.Err(), f)
	case retry.StepPause:
		return c.interrupted(c.Pause(ctx), f)
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
	if c.Ambiguous {
		return unknown(c.id, err)
	}
	return err
}

// errUnresolved stands for the failure of a call whose statements had none.
var errUnresolved = errors.New("no statement saw which row holds the slot")

// finish returns the error of a call that makes no further attempt.
func (e *Engine) finish(ctx context.Context, c *call, last retry.Step, f *failure) error {
	err := f.cause()
	switch last {
	case retry.StepUnknown:
		return unknown(c.id, err)
	case retry.StepInvisible:
		return fmt.Errorf("%w: its snapshot does not show the holder of the slot: %w", assignment.ErrRetryTransaction, err)
	case retry.StepConstraint:
		return e.hostConstraint(f)
	case retry.StepContended:
		return fmt.Errorf("%w: gave up after %d attempts: %w", assignment.ErrContended, c.Statements, err)
	default:
		return e.nothingWritten(ctx, f)
	}
}
