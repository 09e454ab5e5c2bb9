package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/retry"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// Get implements assignment.Store.
func (e *Engine) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	p := e.plan()
	if !p.CanHoldID(id) {
		return assignment.Assignment{}, orEnded(ctx, assignment.ErrNotFound)
	}
	return e.one(ctx, p.Get, &sqlgen.Input{Row: assignment.Assignment{ID: id}})
}

// FindActive implements assignment.Store.
func (e *Engine) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	p := e.plan()
	if !p.CanHoldKey(k) {
		return assignment.Assignment{}, orEnded(ctx, assignment.ErrNotFound)
	}
	return e.one(ctx, p.FindActive, &sqlgen.Input{Row: assignment.Assignment{Key: k}})
}

func (e *Engine) one(ctx context.Context, s sqlgen.Statement, in *sqlgen.Input) (assignment.Assignment, error) {
	rows, err := e.rows(ctx, s.Bind(in))
	if err != nil {
		return assignment.Assignment{}, err
	}
	if len(rows) == 0 {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	return rows[0].Assignment()
}

// List implements assignment.Store.
func (e *Engine) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	list, matches, err := e.plan().List(q)
	if err != nil || !matches {
		return nil, orEnded(ctx, err)
	}
	rows, err := e.rows(ctx, list)
	if err != nil {
		return nil, err
	}
	page := make([]assignment.Assignment, len(rows))
	for i := range rows {
		if page[i], err = rows[i].Assignment(); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// Count implements assignment.Store.
func (e *Engine) Count(ctx context.Context, q assignment.Query) (int64, error) {
	count, matches, err := e.plan().Count(q)
	if err != nil || !matches {
		return 0, orEnded(ctx, err)
	}
	var text string
	err = e.reading(ctx, func() (err error) {
		text, err = e.db.Text(ctx, count.SQL, count.Args...)
		return err
	})
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

// orEnded is for results that need no server: a call whose context has ended gets
// the context's error all the same. One that is not about an absent row stays.
func orEnded(ctx context.Context, err error) error {
	if err != nil && !errors.Is(err, assignment.ErrNotFound) || ctx.Err() == nil {
		return err
	}
	return ctx.Err()
}

func (e *Engine) rows(ctx context.Context, read sqlgen.Bound) (rows []pgdb.Row, err error) {
	err = e.reading(ctx, func() (err error) {
		rows, err = e.db.Rows(ctx, read.SQL, read.Args...)
		return err
	})
	return rows, err
}

// maxReads bounds how often a read whose connection broke is sent.
const maxReads = 4

// reading runs a read until it succeeds, fails for good or reaches its bound.
// Reads change nothing, so that a lost reply costs only another attempt.
func (e *Engine) reading(ctx context.Context, read func() error) error {
	for attempt := 1; ; attempt++ {
		f, inHost := e.readOnce(ctx, read)
		if f == nil {
			return nil
		}
		mayRepeat := attempt < maxReads
		switch f.Fault {
		case pgdb.FaultOutdated:
		case pgdb.FaultLost, pgdb.FaultSerialization, pgdb.FaultNotSent:
			mayRepeat = mayRepeat && !inHost && e.db.Pooled()
		default:
			mayRepeat = false
		}
		if !mayRepeat || retry.Pause(ctx, attempt) != nil {
			return e.readFailed(ctx, f, inHost)
		}
	}
}

func (e *Engine) readOnce(ctx context.Context, read func() error) (f *failure, inHost bool) {
	unlock, err := e.lockConnection(ctx)
	if err != nil {
		return e.classify(err), false
	}
	defer unlock()
	inHost = e.db.Joined()
	return e.classify(read()), inHost
}

// readFailed returns the error of a read. Outside a transaction of the host's there
// is nothing to restart, and a lost reply to a read leaves nothing unknown.
func (e *Engine) readFailed(ctx context.Context, f *failure, inHost bool) error {
	switch {
	case inHost:
		return e.nothingWritten(ctx, f)
	case ctx.Err() != nil:
		return withContext(ctx.Err(), f.err)
	}
	switch f.Fault {
	case pgdb.FaultLost, pgdb.FaultUnreadable, pgdb.FaultOutdated:
		return fmt.Errorf("%w: %w", assignment.ErrUnavailable, f.err)
	case pgdb.FaultSerialization:
		return fmt.Errorf("%w: %w", assignment.ErrContended, f.err)
	default:
		return e.nothingWritten(ctx, f)
	}
}

// query runs the statement with what the input has for it.
func query(ctx context.Context, q pgdb.Querier, s sqlgen.Statement, in *sqlgen.Input) ([]pgdb.Row, error) {
	bound := s.Bind(in)
	rows, err := q.Rows(ctx, bound.SQL, bound.Args...)
	return rows, s.WithHostValues(in, err)
}
