package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/coalesce"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// lookupBatch renders the lookup of the holders of many slots.
func (r renderer) lookupBatch() string {
	return r.selectRowsFrom(`(
  SELECT ` + list(r.kept(), "holder.") + ` FROM unnest($1::text[], $2::text[]) AS asked (c1, c2) JOIN ` + r.activeRows() + ` AS holder
  ON holder.` + r.assignee.quoted() + ` = ` + r.assignee.match("asked.c1") +
		` AND holder.` + r.subject.quoted() + ` = ` + r.subject.match("asked.c2") + `
)`)
}

// holderOf returns who holds the slot at some moment during the call, or
// ErrNotFound. A shared lookup that fails or is late costs the call its own.
func (e *Engine) holderOf(ctx context.Context, p *plan, in *input) (assignment.Assignment, error) {
	if e.coalescing == nil {
		return e.one(ctx, p.findActive, in)
	}
	call := e.coalescing.lookups.Join(ctx, lookupItem{p, in.row.Key})
	defer call.Leave()
	holder, err := call.Wait(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return assignment.Assignment{}, ctx.Err()
	case err != nil:
		return e.one(ctx, p.findActive, in)
	case holder == nil:
		return assignment.Assignment{}, assignment.ErrNotFound
	default:
		return holder.Assignment()
	}
}

// lookupBatch looks for the holders of many slots. Slots that nobody holds have
// none.
func (e *Engine) lookupBatch(ctx context.Context, seal func() []lookupItem) (holders []*pgdb.Row, err error) {
	err = hold(ctx, e, seal, func(q pgdb.Querier, items []lookupItem) error {
		found, err := lookup(ctx, q, items)
		holders = make([]*pgdb.Row, len(items))
		for i, item := range items {
			holders[i] = found[item.key]
		}
		return err
	})
	return holders, err
}

func lookup(ctx context.Context, q pgdb.Querier, items []lookupItem) (map[assignment.Key]*pgdb.Row, error) {
	p := items[0].plan
	var assignees, subjects array
	asked := make(map[assignment.Key]bool, len(items))
	for _, item := range items {
		if item.plan != p {
			return nil, coalesce.ErrAlone
		}
		if !asked[item.key] {
			asked[item.key] = true
			assignees.add(item.key.AssigneeID)
			subjects.add(item.key.SubjectID)
		}
	}
	rows, err := q.Rows(ctx, p.lookupBatch, assignees.String(), subjects.String())
	holders := make(map[assignment.Key]*pgdb.Row, len(rows))
	for i := range rows {
		holders[rows[i].Key()] = &rows[i]
	}
	return holders, err
}
