package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// Replace implements assignment.Replacer.
func (e *Engine) Replace(ctx context.Context, next assignment.Assignment, retireTo assignment.Status) (assignment.Result, error) {
	p := e.plan()
	statements, known := p.Replace(retireTo)
	if !known {
		return assignment.Result{}, &assignment.InvalidError{Field: "RetireTo", Reason: "is not a terminal status of this lifecycle"}
	}
	var in sqlgen.Input
	if err := p.Encode(&in, &next); err != nil {
		return assignment.Result{}, err
	}
	in.Change.At = next.CreatedAt
	attempt := &inserting{
		engine: e, plan: p, statements: statements, in: &in, retires: true,
		decide: func(rows []pgdb.Row) answer[assignment.Result] { return e.decideReplace(in.Row, retireTo, rows) },
	}
	return write(ctx, e, attempt.operation(ctx))
}

func (e *Engine) decideReplace(next assignment.Assignment, retireTo assignment.Status, rows []pgdb.Row) answer[assignment.Result] {
	if own := find(rows, pgdb.RowExisting); own != nil {
		return replay(next, own)
	}
	if created := find(rows, pgdb.RowCreated); created != nil {
		return settle(replaced(created, find(rows, pgdb.RowRetired)))
	}
	holder := find(rows, pgdb.RowHolder)
	if holder == nil || e.lifecycle.Allows(assignment.Status(holder.Status), retireTo) {
		return answer[assignment.Result]{}
	}
	return refuse[assignment.Result](&assignment.TransitionError{
		ID: assignment.ID(holder.ID), From: assignment.Status(holder.Status), To: retireTo,
	})
}

func replaced(created, retired *pgdb.Row) (assignment.Result, error) {
	row, err := created.Assignment()
	if err != nil {
		return assignment.Result{}, err
	}
	result := assignment.Result{Assignment: row, Outcome: assignment.OutcomeCreated}
	if retired == nil {
		return result, nil
	}
	former, err := retired.Assignment()
	result.Retired = &former
	return result, err
}
