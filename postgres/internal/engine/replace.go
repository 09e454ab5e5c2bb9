package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// replace retires and creates in one statement, which is atomic by itself: no
// COMMIT whose reply could be lost.
func (r renderer) replace(to assignment.Status) string {
	return `WITH own AS MATERIALIZED (
  SELECT ` + columns() + ` FROM ` + r.table + ` WHERE "id" = $1::text
), retired AS (
  UPDATE ` + r.table + `
  SET "status" = ` + schema.Literal(string(to)) + `, "version" = "version" + 1,
      "updated_at" = $8::timestamptz, "completed_at" = $8::timestamptz
  WHERE "assignee_id" = $2::text AND "subject_id" = $3::text AND ` + r.active + `
    AND ` + r.mayMove(to) + `
    AND NOT EXISTS (SELECT FROM own)
  RETURNING ` + columns() + `
), created AS (
  INSERT INTO ` + r.table + ` (` + columns() + `)
  SELECT ` + newRow() + `
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE done.n >= 0 AND NOT EXISTS (SELECT FROM own)
  ` + r.inference() + `
  RETURNING ` + columns() + `
)
SELECT ` + projection("1") + ` FROM created
UNION ALL
-- dividing by the number of rows created undoes the whole statement, should a
-- holder ever be retired without a successor
SELECT ` + projection("4 / (SELECT count(*) FROM created)::int") + ` FROM retired
UNION ALL
SELECT ` + projection("3") + ` FROM own
UNION ALL
SELECT ` + projection("2") + ` FROM ` + r.table + `
WHERE "assignee_id" = $2::text AND "subject_id" = $3::text AND ` + r.active
}

// Replace implements assignment.Replacer.
func (e *Engine) Replace(ctx context.Context, next assignment.Assignment, retireTo assignment.Status) (assignment.Result, error) {
	statement, known := e.sql.replace[retireTo]
	if !known {
		return assignment.Result{}, &assignment.InvalidError{Field: "RetireTo", Reason: "is not a terminal status of this lifecycle"}
	}
	args, err := values(next)
	if err != nil {
		return assignment.Result{}, err
	}
	return write(ctx, e, operation[assignment.Result]{
		id: next.ID,
		send: func(q Querier) (answer[assignment.Result], error) {
			rows, err := q.Rows(ctx, statement, args...)
			return e.decideReplace(next, retireTo, rows), err
		},
		own: func() (answer[assignment.Result], error) { return e.replayed(ctx, e.db, next) },
	})
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
