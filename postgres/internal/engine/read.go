package engine

import (
	"context"
	"strconv"

	"github.com/assignment-go/assignment"
)

// Get implements assignment.Store.
func (e *Engine) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	p := e.plan()
	if p.id.rejects(string(id)) != "" {
		return assignment.Assignment{}, absent(ctx)
	}
	return e.one(ctx, p.get, &input{row: assignment.Assignment{ID: id}})
}

// FindActive implements assignment.Store.
func (e *Engine) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	p := e.plan()
	if p.assignee.rejects(k.AssigneeID) != "" || p.subject.rejects(k.SubjectID) != "" {
		return assignment.Assignment{}, absent(ctx)
	}
	return e.one(ctx, p.findActive, &input{row: assignment.Assignment{Key: k}})
}

func (e *Engine) one(ctx context.Context, s statement, in *input) (assignment.Assignment, error) {
	rows, err := e.read(ctx, s.text, s.values(in)...)
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
	w, err := p.where(q)
	if err != nil || w.nothing {
		return nil, orEnded(ctx, err)
	}
	p.behind(w, q.After)
	sql := p.selectFrom + w.String() + "\nORDER BY " + p.order() + "\nLIMIT " + w.bind(q.Limit) + "::bigint"
	rows, err := e.read(ctx, sql, w.args...)
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
	w, err := p.where(q)
	if err != nil || w.nothing {
		return 0, orEnded(ctx, err)
	}
	var text string
	err = e.reading(ctx, func() (err error) {
		text, err = e.db.Text(ctx, p.countFrom+w.String(), w.args...)
		return err
	})
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

// orEnded is for answers that need no server: those, too, are not given to a
// context that has ended.
func orEnded(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	return ctx.Err()
}
