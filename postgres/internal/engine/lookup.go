package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/coalesce"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// holderOf returns who holds the slot at some moment during the call, or
// ErrNotFound. A shared lookup that fails or is late costs the call its own.
func (e *Engine) holderOf(ctx context.Context, p *sqlgen.Statements, in *sqlgen.Input) (assignment.Assignment, error) {
	if e.coalescing == nil {
		return e.one(ctx, p.FindActive, in)
	}
	call := e.coalescing.lookups.Join(ctx, lookupItem{p, in.Row.Key})
	defer call.Leave()
	holder, err := call.Wait(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return assignment.Assignment{}, ctx.Err()
	case err != nil:
		return e.one(ctx, p.FindActive, in)
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
	keys := make([]assignment.Key, 0, len(items))
	asked := make(map[assignment.Key]bool, len(items))
	for _, item := range items {
		if item.plan != p {
			return nil, coalesce.ErrAlone
		}
		if !asked[item.key] {
			asked[item.key] = true
			keys = append(keys, item.key)
		}
	}
	lookup := p.LookupBatch(keys)
	rows, err := q.Rows(ctx, lookup.SQL, lookup.Args...)
	holders := make(map[assignment.Key]*pgdb.Row, len(rows))
	for i := range rows {
		holders[rows[i].Key()] = &rows[i]
	}
	return holders, err
}
