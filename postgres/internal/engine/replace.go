package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// replace retires and creates in one statement, which is atomic by itself: no
// COMMIT whose reply could be lost.
func (r renderer) replace(to assignment.Status, how manner) statement {
	b := newBinder()
	own := r.own(b)
	ownAnswer := ""
	if own != "" {
		ownAnswer = `
UNION ALL
SELECT ` + r.projection(number(pgdb.RowExisting)) + ` FROM own`
	}
	// a plain statement finds the holder locked, and inserts nothing beside one
	// that it could not retire
	asserted, target, retiredAll := "", r.inference(), "done.n >= 0"
	if how == plain {
		asserted, target = r.guarded(), ""
		retiredAll = "done.n >= " + b.bind(func(in *input) any { return in.locked }) + "::bigint"
	}
	retired, kind := r.columns(), number(pgdb.RowRetired)
	if r.triggers.BeforeUpdate {
		kind = `"assignment kind"`
		retired += ", " + unless(onUpdate, []difference{r.isOtherStatus(to)}, number(pgdb.RowRetired)) + " AS " + kind
	}
	return b.statement(`WITH ` + asserted + r.identified() + own + `retired AS (
  UPDATE ` + r.table + `
  SET ` + r.move(b, to) + `
  WHERE ` + r.mayRetire(b, to) + r.unlessOwn() + `
  RETURNING ` + retired + `
), created AS (
  ` + r.insert(b) + `
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE ` + retiredAll + r.unlessOwn() + `
  ` + target + `
  RETURNING ` + r.columns() + `
)
SELECT ` + r.projection(unless(onInsert, r.altered(b), number(pgdb.RowCreated))) + ` FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT ` + r.projection(unless(onUpdate, []difference{{unreplaced, "(SELECT count(*) FROM created) = 0"}}, kind)) +
		` FROM retired` + ownAnswer + `
UNION ALL
SELECT ` + r.projection(number(pgdb.RowHolder)) + ` FROM ` + r.table + `
WHERE ` + r.holdsSlot(b))
}

func (r renderer) mayRetire(b *binder, to assignment.Status) string {
	return r.holdsSlot(b) + " AND " + r.mayMove(to)
}

// lockHolder renders the lock on the row that a replace is to retire.
func (r renderer) lockHolder(to assignment.Status) statement {
	b := newBinder()
	return b.statement(r.selectRows() + " WHERE " + r.mayRetire(b, to) + " FOR UPDATE")
}

// Replace implements assignment.Replacer.
func (e *Engine) Replace(ctx context.Context, next assignment.Assignment, retireTo assignment.Status) (assignment.Result, error) {
	p := e.plan()
	statements, known := p.replace[retireTo]
	if !known {
		return assignment.Result{}, &assignment.InvalidError{Field: "RetireTo", Reason: "is not a terminal status of this lifecycle"}
	}
	var in input
	if err := p.admit(&in, &next); err != nil {
		return assignment.Result{}, err
	}
	in.change.At = next.CreatedAt
	attempt := &inserting{
		engine: e, plan: p, statements: statements, in: &in, retires: true,
		decide: func(rows []pgdb.Row) answer[assignment.Result] { return e.decideReplace(in.row, retireTo, rows) },
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
