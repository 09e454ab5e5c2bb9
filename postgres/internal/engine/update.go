package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// The branches of the update statements.
const (
	kindChanged = 1
	kindRival   = 2
	kindCurrent = 3
)

// transition renders the move to one status. Parameters: ID, expected version
// or zero, time.
func (r renderer) transition(to assignment.Status) string {
	set := `"status" = ` + schema.Literal(string(to))
	if r.lifecycle.IsTerminal(to) {
		return r.change(set+`, "completed_at" = $3::timestamptz`, r.mayMove(to), "")
	}
	return r.change(set+`, "completed_at" = NULL`, r.mayMove(to), r.taking(`rival."assignee_id" = own."assignee_id"`))
}

// reassign has the new assignee as fourth parameter. A terminal row holds no
// slot that could move.
func (r renderer) reassign() string {
	return r.change(`"assignee_id" = $4::text`, r.active+` AND "assignee_id" <> $4::text`,
		r.taking(`rival."assignee_id" = $4::text`))
}

// taking renders what a statement needs that moves a row to a slot: a look for
// the rival that may hold it, and proof that the guard is there. An UPDATE
// itself would not notice a missing index; the insert, which never inserts
// anything, is refused by the planner (42P10).
func (r renderer) taking(rivalKey string) string {
	return `rival AS MATERIALIZED (
  -- sparing a violation that would be logged and abort the transaction; the
  -- index still decides when this look was too early
  SELECT ` + qualified("rival.") + ` FROM ` + r.table + ` AS rival JOIN own ON ` + rivalKey + `
  WHERE rival."subject_id" = own."subject_id" AND rival."id" <> own."id"
    AND rival.` + r.active + `
), guarded AS (
  INSERT INTO ` + r.table + ` (` + columns() + `) SELECT ` + columns() + ` FROM own WHERE false
  ` + r.inference() + `
), `
}

// change renders one guarded UPDATE together with what is needed to tell why
// it did not happen. The conditions of the UPDATE are evaluated on the newest
// version of the row, also when another transaction held its lock; own and
// rival are as old as the statement's snapshot, and only explain.
func (r renderer) change(set, condition, taking string) string {
	vacant, rivals := "", ""
	if taking != "" {
		vacant = ` AND NOT EXISTS (SELECT FROM rival)`
		rivals = `
UNION ALL
SELECT ` + projection("2") + ` FROM rival`
	}
	return `WITH own AS MATERIALIZED (
  SELECT ` + columns() + ` FROM ` + r.table + ` WHERE "id" = $1::text
), ` + taking + `changed AS (
  UPDATE ` + r.table + `
  SET ` + set + `, "version" = "version" + 1, "updated_at" = $3::timestamptz
  WHERE "id" = $1::text AND ` + condition + `
    AND $2::bigint IN (0, "version")` + vacant + `
  RETURNING ` + columns() + `
)
SELECT ` + projection("1") + ` FROM changed` + rivals + `
UNION ALL
SELECT ` + projection("3") + ` FROM own`
}

// Update implements assignment.Store.
func (e *Engine) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	statement, args := e.sql.transition[c.To], []any{string(id), c.IfVersion, c.At}
	if c.AssigneeID != "" {
		statement, args = e.sql.reassign, append(args, c.AssigneeID)
	}
	if statement == "" {
		return assignment.Assignment{}, &assignment.InvalidError{Field: "Status", Reason: "is not a status of this lifecycle"}
	}
	return write(ctx, e, operation[assignment.Assignment]{
		id: id,
		send: func(q Querier) (answer[assignment.Assignment], error) {
			rows, err := q.Rows(ctx, statement, args...)
			return e.decideUpdate(c, rows), err
		},
	})
}

// decideUpdate explains an UPDATE that changed nothing by applying the same
// rules to the row as the statement saw it. When they find nothing wrong, the
// statement's view was outdated and the next one will tell.
func (e *Engine) decideUpdate(c assignment.Change, rows []Row) answer[assignment.Assignment] {
	if changed := find(rows, kindChanged); changed != nil {
		return settle(changed.assignment())
	}
	own := find(rows, kindCurrent)
	if own == nil {
		return refuse[assignment.Assignment](assignment.ErrNotFound)
	}
	cur, err := own.assignment()
	if err != nil {
		return refuse[assignment.Assignment](err)
	}
	next, err := c.Apply(cur, e.lifecycle)
	if err != nil || next.Version == cur.Version {
		return settle(next, err)
	}
	rival := find(rows, kindRival)
	if rival == nil {
		return answer[assignment.Assignment]{}
	}
	return refuse[assignment.Assignment](conflict(next.Key, rival))
}
