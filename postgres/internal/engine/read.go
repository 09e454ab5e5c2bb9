package engine

import (
	"context"
	"strconv"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// Get implements assignment.Store.
func (e *Engine) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	p := e.plan()
	if !p.CanHoldID(id) {
		return assignment.Assignment{}, absent(ctx)
	}
	return e.one(ctx, p.Get, &sqlgen.Input{Row: assignment.Assignment{ID: id}})
}

// FindActive implements assignment.Store.
func (e *Engine) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	p := e.plan()
	if !p.CanHoldKey(k) {
		return assignment.Assignment{}, absent(ctx)
	}
	return e.one(ctx, p.FindActive, &sqlgen.Input{Row: assignment.Assignment{Key: k}})
}

func (e *Engine) one(ctx context.Context, s sqlgen.Statement, in *sqlgen.Input) (assignment.Assignment, error) {
	rows, err := e.read(ctx, s.Bind(in))
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
	p := e.plan()
	list, matches, err := p.List(q)
	if err != nil || !matches {
		return nil, orEnded(ctx, err)
	}
	rows, err := e.read(ctx, list)
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
	p := e.plan()
	count, matches, err := p.Count(q)
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

// absent is the error for a row that can't exist, without a statement.
func absent(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return assignment.ErrNotFound
}

// query runs the statement with what the input has for it.
func query(ctx context.Context, q pgdb.Querier, s sqlgen.Statement, in *sqlgen.Input) ([]pgdb.Row, error) {
	bound := s.Bind(in)
	rows, err := q.Rows(ctx, bound.SQL, bound.Args...)
	return rows, s.WithHostValues(in, err)
}

// orEnded is for answers that need no server: those, too, are not given to a
// context that has ended.
func orEnded(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	return ctx.Err()
}
