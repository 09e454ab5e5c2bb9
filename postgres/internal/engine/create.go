package engine

import (
	"context"

	"github.com/assignment-go/assignment"
)

// The branches of the create and replace statements.
const (
	kindCreated = 1
	kindHolder  = 2
	kindOwn     = 3
	kindRetired = 4
)

// create is one round trip, conflict or not: the check and the catch of the
// incident's fix in one statement.
func (r renderer) create() string {
	return `WITH holder AS MATERIALIZED (
  -- the check: a taken slot is answered without writing anything
  SELECT ` + columns() + ` FROM ` + r.table + `
  WHERE "assignee_id" = $2::text AND "subject_id" = $3::text AND ` + r.active + `
), created AS (
  INSERT INTO ` + r.table + ` (` + columns() + `)
  SELECT ` + newRow() + `
  WHERE NOT EXISTS (SELECT FROM holder)
  -- the catch: waits for a concurrent winner instead of creating a duplicate,
  -- and leaves the transaction usable
  ` + r.inference() + `
  RETURNING ` + columns() + `
)
SELECT ` + projection("1") + ` FROM created
UNION ALL
SELECT ` + projection("2") + ` FROM holder
UNION ALL
-- a retry of one's own completed attempt is not a conflict with the present holder
SELECT ` + projection("3") + ` FROM ` + r.table + `
WHERE "id" = $1::text AND EXISTS (SELECT FROM holder)`
}

// Create implements assignment.Store.
func (e *Engine) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	args, err := values(a)
	if err != nil {
		return assignment.Result{}, err
	}
	return write(ctx, e, operation[assignment.Result]{
		id: a.ID,
		send: func(q Querier) (answer[assignment.Result], error) {
			rows, err := q.Rows(ctx, e.sql.create, args...)
			return decideCreate(a, rows), err
		},
		own: func() (answer[assignment.Result], error) { return e.replayed(ctx, e.db, a) },
	})
}

// decideCreate reads the branches. No row at all means that the winner was not
// yet visible to the statement's snapshot: the next statement will see it.
func decideCreate(a assignment.Assignment, rows []Row) answer[assignment.Result] {
	if own := find(rows, kindOwn); own != nil {
		return replay(a, own)
	}
	if created := find(rows, kindCreated); created != nil {
		row, err := created.assignment()
		return settle(assignment.Result{Assignment: row, Outcome: assignment.OutcomeCreated}, err)
	}
	holder := find(rows, kindHolder)
	if holder == nil {
		return answer[assignment.Result]{}
	}
	return refuse[assignment.Result](conflict(a.Key, holder))
}

// conflict carries the holder's row to the caller.
func conflict(k assignment.Key, holder *Row) error {
	existing, err := holder.assignment()
	if err != nil {
		return err
	}
	return &assignment.ActiveExistsError{Key: k, Existing: existing}
}

// replayed looks for the caller's own row after a unique violation, which does
// not reliably tell which index it hit: partitions, shards and rebuilt indexes
// are named otherwise.
func (e *Engine) replayed(ctx context.Context, q Querier, a assignment.Assignment) (answer[assignment.Result], error) {
	rows, err := q.Rows(ctx, e.sql.get, string(a.ID))
	if err != nil || len(rows) == 0 {
		return answer[assignment.Result]{}, err
	}
	return replay(a, &rows[0]), nil
}

func replay(a assignment.Assignment, own *Row) answer[assignment.Result] {
	row, err := own.assignment()
	if err != nil {
		return refuse[assignment.Result](err)
	}
	if !a.SameRequest(row) {
		return refuse[assignment.Result](assignment.ErrIDReused)
	}
	return settle(assignment.Result{Assignment: row, Outcome: assignment.OutcomeReplayed}, nil)
}

func find(rows []Row, kind int) *Row {
	for i := range rows {
		if rows[i].Kind == kind {
			return &rows[i]
		}
	}
	return nil
}
