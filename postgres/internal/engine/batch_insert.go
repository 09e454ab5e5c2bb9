package engine

import (
	"cmp"
	"context"
	"slices"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// insert sends one statement for the items, and returns those that its reply does
// not resolve.
func (b *batch) insert(ctx context.Context, q pgdb.Querier, c *call, mode sqlgen.Mode, items []int) (left []int, err error) {
	inputs := make([]*sqlgen.Input, len(items))
	for n, i := range items {
		inputs[n] = &b.inputs[i]
	}
	insert := b.plan.CreateMany(mode, inputs)
	rows, err := q.Rows(ctx, insert.SQL, insert.Args...)
	if err != nil {
		return nil, err
	}
	r := make(reply)
	r.add(rows)
	if b.plan.Triggers.AfterInsert {
		if err := b.reread(ctx, q, c, items, r); err != nil {
			return nil, err
		}
	}
	for _, i := range items {
		row := b.row(i)
		if !r.resolves(row) {
			left = append(left, i)
			continue
		}
		result, rejection := r.about(b.plan, row)
		if rejection != nil && c.Ambiguous {
			rejection = unknown(row.ID, rejection)
		}
		b.resolve(i, result, rejection)
	}
	return left, nil
}

// reread adds to the reply what the triggers that run after the insert have left of
// the created rows.
func (b *batch) reread(ctx context.Context, q pgdb.Querier, c *call, items []int, r reply) error {
	created := slices.DeleteFunc(slices.Clone(items), func(i int) bool { return r.isRejected(b.row(i)) })
	if err := c.runDeferred(ctx, q, b.plan); err != nil {
		return err
	}
	get := b.plan.GetMany(b.ids(created))
	rows, err := q.Rows(ctx, get.SQL, get.Args...)
	if err != nil {
		return err
	}
	r.add(rows)
	for _, i := range created {
		a := b.row(i)
		stored := r.find(pgdb.RowRead, a.ID)
		if attribute := lostBy(b.engine.lifecycle, stored, a.Key); stored == nil || attribute != "" {
			return &undoneError{event: sqlgen.OnInsert, attribute: attribute, after: true}
		}
	}
	return nil
}

// reply is the rows that the statements for some items returned: the holders of
// slots by their keys, all others by their IDs.
type reply map[rowName]*pgdb.Row

type rowName struct {
	kind pgdb.RowKind
	id   assignment.ID
	key  assignment.Key
}

func (r reply) add(rows []pgdb.Row) {
	for i := range rows {
		row := &rows[i]
		name := rowName{kind: row.Kind, id: assignment.ID(row.ID)}
		if row.Kind == pgdb.RowHolder {
			name = rowName{kind: row.Kind, key: row.Key()}
		}
		r[name] = row
	}
}

func (r reply) holder(k assignment.Key) *pgdb.Row { return r[rowName{kind: pgdb.RowHolder, key: k}] }

func (r reply) find(kind pgdb.RowKind, id assignment.ID) *pgdb.Row {
	return r[rowName{kind: kind, id: id}]
}

func (r reply) isRejected(a *assignment.Assignment) bool {
	return r.find(pgdb.RowRejected, a.ID) != nil
}

// resolves reports whether the reply tells what became of a row. One that was
// rejected for neither an existing row nor a holder lost against a row that the
// statement could not see.
func (r reply) resolves(a *assignment.Assignment) bool {
	return !r.isRejected(a) || r.find(pgdb.RowExisting, a.ID) != nil || r.holder(a.Key) != nil
}

// about returns what became of a row that the reply resolves. A created row that was
// not returned is stored as it was sent.
func (r reply) about(p *sqlgen.Statements, a *assignment.Assignment) (assignment.Result, error) {
	if existing := r.find(pgdb.RowExisting, a.ID); existing != nil {
		return replay(a, existing)
	}
	if r.isRejected(a) {
		return assignment.Result{}, conflict(a.Key, r.holder(a.Key))
	}
	created := cmp.Or(r.find(pgdb.RowRead, a.ID), r.find(pgdb.RowCreated, a.ID))
	if created == nil {
		return createdResult(p.AsStored(*a)), nil
	}
	row, err := created.Assignment()
	return createdResult(row), err
}
