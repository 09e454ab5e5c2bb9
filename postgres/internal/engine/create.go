package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// Create implements assignment.Store.
func (e *Engine) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	p := e.plan()
	var in sqlgen.Input
	if err := p.Encode(&in, &a); err != nil {
		return assignment.Result{}, err
	}
	return e.create(ctx, p, &in)
}

// CreateNew implements assignment.NewIDCreator.
func (e *Engine) CreateNew(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	p := e.plan()
	var in sqlgen.Input
	if err := p.Encode(&in, &a); err != nil {
		return assignment.Result{}, err
	}
	if e.db.Pooled() && p.TrustsInserts() {
		return e.createNew(ctx, p, &in)
	}
	return e.create(ctx, p, &in)
}

func (e *Engine) create(ctx context.Context, p *sqlgen.Statements, in *sqlgen.Input) (assignment.Result, error) {
	return write(ctx, e, e.creation(ctx, p, in))
}

func (e *Engine) creation(ctx context.Context, p *sqlgen.Statements, in *sqlgen.Input) operation[assignment.Result] {
	return e.creating(p, in).operation(ctx)
}

func (e *Engine) creating(p *sqlgen.Statements, in *sqlgen.Input) *inserting {
	return &inserting{
		engine: e, plan: p, statements: p.Create, in: in,
		decide: func(rows []pgdb.Row) answer[assignment.Result] { return decideCreate(in.Row, rows) },
	}
}

// decideCreate reads the branches. No row at all means that the winner was not
// yet visible to the statement's snapshot: the next statement will see it.
func decideCreate(a assignment.Assignment, rows []pgdb.Row) answer[assignment.Result] {
	if own := find(rows, pgdb.RowExisting); own != nil {
		return replay(a, own)
	}
	if created := find(rows, pgdb.RowCreated); created != nil {
		row, err := created.Assignment()
		return settle(assignment.Result{Assignment: row, Outcome: assignment.OutcomeCreated}, err)
	}
	holder := find(rows, pgdb.RowHolder)
	switch {
	case holder == nil:
		return answer[assignment.Result]{}
	case a.ID != "" && holder.ID == pgdb.Text(a.ID):
		return replay(a, holder)
	default:
		return refuse[assignment.Result](conflict(a.Key, holder))
	}
}

// conflict carries the holder's row to the caller.
func conflict(k assignment.Key, holder *pgdb.Row) error {
	existing, err := holder.Assignment()
	if err != nil {
		return err
	}
	return &assignment.ActiveExistsError{Key: k, Existing: existing}
}

func replay(a assignment.Assignment, own *pgdb.Row) answer[assignment.Result] {
	row, err := own.Assignment()
	if err != nil {
		return refuse[assignment.Result](err)
	}
	if !a.SameRequest(row) {
		return refuse[assignment.Result](assignment.ErrIDReused)
	}
	return settle(assignment.Result{Assignment: row, Outcome: assignment.OutcomeReplayed}, nil)
}

func find(rows []pgdb.Row, kind pgdb.RowKind) *pgdb.Row {
	for i := range rows {
		if rows[i].Kind == kind {
			return &rows[i]
		}
	}
	return nil
}
