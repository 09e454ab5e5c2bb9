package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// Replace implements assignment.Replacer.
func (e *Engine) Replace(ctx context.Context, next assignment.Assignment, retireTo assignment.Status) (assignment.Result, error) {
	op := e.newCreate(e.plan())
	sql, known := op.plan.Replace(retireTo)
	if !known {
		return assignment.Result{}, &assignment.InvalidError{Field: "RetireTo", Reason: "is not a terminal status of this lifecycle"}
	}
	if err := op.encode(&next); err != nil {
		return assignment.Result{}, err
	}
	op.sql, op.retireTo, op.in.Change.At = &sql, retireTo, next.CreatedAt
	return op.reply(e.run(ctx, &op.call, op))
}

// decideReplace reads the row of a holder that is still there. One that may be
// retired was too late for the statement, and the next one retires it.
func (i *insertion) decideReplace(holder *pgdb.Row) (resolved bool) {
	from := assignment.Status(holder.Status)
	if i.engine.lifecycle.Allows(from, i.retireTo) {
		return false
	}
	return i.reject(&assignment.TransitionError{ID: assignment.ID(holder.ID), From: from, To: i.retireTo})
}

// replaced is the result of a new row, and of the holder that it retired, if there
// was one.
func replaced(created, retired *pgdb.Row) (assignment.Result, error) {
	row, err := created.Assignment()
	if err != nil || retired == nil {
		return createdResult(row), err
	}
	former, err := retired.Assignment()
	result := createdResult(row)
	result.Retired = &former
	return result, err
}
