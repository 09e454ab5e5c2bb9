package engine

import (
	"context"
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// maxReads bounds how often a read whose connection broke is tried.
const maxReads = 4

// reading runs a read until it succeeds, fails for good or reaches its bound.
// Reads change nothing, so that a lost reply costs only another try.
func (e *Engine) reading(ctx context.Context, read func() error) error {
	for attempt := 1; ; attempt++ {
		var in scope
		err := e.exclusively(ctx, func(s scope) error {
			in = s
			return read()
		})
		switch e.faultOf(err) {
		case pgdb.FaultNone:
			return nil
		case pgdb.FaultOutdated:
		case pgdb.FaultLost, pgdb.FaultSerialization, pgdb.FaultNotSent:
			if in == hostScope || !e.db.Pooled() {
				return e.readFailed(ctx, in, err)
			}
		default:
			return e.readFailed(ctx, in, err)
		}
		if attempt >= maxReads || sleep(ctx, attempt) != nil {
			return e.readFailed(ctx, in, err)
		}
	}
}

// readFailed names the sentinel. Outside a transaction of the host there is
// nothing to restart, and a lost reply to a read leaves nothing unknown.
func (e *Engine) readFailed(ctx context.Context, in scope, err error) error {
	fault := e.faultOf(err)
	switch {
	case in == hostScope:
		return e.definite(ctx, err)
	case ctx.Err() != nil:
		return withContext(ctx.Err(), err)
	case fault == pgdb.FaultLost, fault == pgdb.FaultUnreadable, fault == pgdb.FaultOutdated:
		return fmt.Errorf("%w: %w", assignment.ErrUnavailable, err)
	case fault == pgdb.FaultSerialization:
		return fmt.Errorf("%w: %w", assignment.ErrContended, err)
	default:
		return e.definite(ctx, err)
	}
}

func (e *Engine) read(ctx context.Context, read sqlgen.Bound) ([]pgdb.Row, error) {
	var rows []pgdb.Row
	err := e.reading(ctx, func() (err error) {
		rows, err = e.db.Rows(ctx, read.SQL, read.Args...)
		return err
	})
	return rows, err
}
