package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// runDeferred runs the triggers that wait for the COMMIT. Those that wait for
// one of the host's own are left to that.
func (e *Engine) runDeferred(ctx context.Context, q pgdb.Querier, p *sqlgen.Statements) error {
	if !p.Triggers.Deferred || e.db.Joined() {
		return nil
	}
	return q.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE")
}

// leftBehind reads a row that this transaction has written, once all triggers
// have run; nil when it is gone.
func (e *Engine) leftBehind(ctx context.Context, q pgdb.Querier, p *sqlgen.Statements, id assignment.ID) (*pgdb.Row, error) {
	if err := e.runDeferred(ctx, q, p); err != nil {
		return nil, err
	}
	get := p.Get.Bind(&sqlgen.Input{Row: assignment.Assignment{ID: id}})
	rows, err := q.Rows(ctx, get.SQL, get.Args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// asCommitted puts what the triggers that run after an insert have left of the
// created rows into the reply.
func (b *batch) asCommitted(ctx context.Context, q pgdb.Querier, items []int, r *reply) error {
	var created []assignment.ID
	for _, i := range items {
		if id := b.row(i).ID; !r.refused[string(id)] {
			created = append(created, id)
		}
	}
	if err := b.engine.runDeferred(ctx, q, b.plan); err != nil {
		return err
	}
	get := b.plan.GetMany(created)
	rows, err := q.Rows(ctx, get.SQL, get.Args...)
	if err != nil {
		return err
	}
	left := make(map[assignment.ID]*pgdb.Row, len(rows))
	for n := range rows {
		left[assignment.ID(rows[n].ID)] = &rows[n]
	}
	for _, i := range items {
		a := b.row(i)
		if r.refused[string(a.ID)] {
			continue
		}
		row := left[a.ID]
		if attribute := b.engine.lostBy(row, a.Key); row == nil || attribute != "" {
			return &undoneError{event: sqlgen.OnInsert, attribute: attribute, after: true}
		}
		r.created[string(a.ID)] = row
	}
	return nil
}
