package engine

import (
	"context"

	"github.com/assignment-go/assignment"
)

// replace retires and creates in one statement, which is atomic by itself: no
// COMMIT whose reply could be lost.
func (r renderer) replace(to assignment.Status) statement {
	b := newBinder()
	ownAnswer := ""
	if !r.databaseIDs {
		ownAnswer = `
UNION ALL
SELECT ` + r.projection("3") + ` FROM own`
	}
	return b.statement(`WITH ` + r.own(b) + `retired AS (
  UPDATE ` + r.table + `
  SET ` + r.move(b, to) + `
  WHERE ` + r.holdsSlot(b) + `
    AND ` + r.mayMove(to) + r.unlessOwn() + `
  RETURNING ` + r.columns() + `
), created AS (
  ` + r.insert(b) + `
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0` + r.unlessOwn() + `
  ` + r.inference() + `
  RETURNING ` + r.columns() + `
)
SELECT ` + r.projection("1") + ` FROM created
UNION ALL
-- dividing by the number of rows created undoes the whole statement, should a
-- holder ever be retired without a successor
SELECT ` + r.projection("4 / (SELECT count(*) FROM created)::int") + ` FROM retired` + ownAnswer + `
UNION ALL
SELECT ` + r.projection("2") + ` FROM ` + r.table + `
WHERE ` + r.holdsSlot(b))
}

// Replace implements assignment.Replacer.
func (e *Engine) Replace(ctx context.Context, next assignment.Assignment, retireTo assignment.Status) (assignment.Result, error) {
	p := e.plan()
	statement, known := p.replace[retireTo]
	if !known {
		return assignment.Result{}, &assignment.InvalidError{Field: "RetireTo", Reason: "is not a terminal status of this lifecycle"}
	}
	var in input
	if err := p.admit(&in, &next); err != nil {
		return assignment.Result{}, err
	}
	in.change.At = next.CreatedAt
	return write(ctx, e, e.insertion(ctx, p, statement, &in, func(rows []Row) answer[assignment.Result] {
		return e.decideReplace(in.row, retireTo, rows)
	}))
}

func (e *Engine) decideReplace(next assignment.Assignment, retireTo assignment.Status, rows []Row) answer[assignment.Result] {
	if own := find(rows, kindOwn); own != nil {
		return replay(next, own)
	}
	if created := find(rows, kindCreated); created != nil {
		return settle(replaced(created, find(rows, kindRetired)))
	}
	holder := find(rows, kindHolder)
	if holder == nil || e.lifecycle.Allows(assignment.Status(holder.Status), retireTo) {
		return answer[assignment.Result]{}
	}
	return refuse[assignment.Result](&assignment.TransitionError{
		ID: assignment.ID(holder.ID), From: assignment.Status(holder.Status), To: retireTo,
	})
}

func replaced(created, retired *Row) (assignment.Result, error) {
	row, err := created.assignment()
	if err != nil {
		return assignment.Result{}, err
	}
	result := assignment.Result{Assignment: row, Outcome: assignment.OutcomeCreated}
	if retired == nil {
		return result, nil
	}
	former, err := retired.assignment()
	result.Retired = &former
	return result, err
}
