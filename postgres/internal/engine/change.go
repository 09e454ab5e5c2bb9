package engine

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/retry"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// change is the operation of Update.
type change struct {
	call

	engine *Engine
	plan   *sqlgen.Statements
	sql    sqlgen.Statement
	in     sqlgen.Input

	result assignment.Assignment
	// empty counts the statements that changed nothing without a reason.
	empty int
	// taken counts the violations of the guard.
	taken int
}

// newChange is never sent again after its reply was lost: others may have changed
// the row since.
//
// A trigger may suppress the insert by which a row moves to another partition. The
// server has deleted the row by then, so that such a change locks the row at once,
// in a transaction that can be undone.
func newChange(e *Engine, p *sqlgen.Statements, sql sqlgen.Statement, in sqlgen.Input) *change {
	u := &change{
		engine: e, plan: p, sql: sql, in: in,
		call: call{id: in.Row.ID, Attempts: retry.Attempts{Unrepeatable: true}},
	}
	if in.Change.AssigneeID != "" && p.Partitioned && p.Triggers.BeforeInsert {
		u.empty = maxEmpty
	}
	return u
}

// locks reports whether the row is locked first: one that may be changed, and yet
// isn't, is then kept from it by code of the host's.
func (u *change) locks() bool { return u.empty >= maxEmpty }

func (u *change) needs() needs {
	return needs{transaction: u.plan.Triggers.AfterUpdate || u.locks()}
}

func (u *change) send(ctx context.Context, q pgdb.Querier) (resolved bool, err error) {
	isLocked := false
	if u.locks() {
		locked, err := query(ctx, q, u.plan.Lock, &u.in)
		if err != nil {
			return false, err
		}
		isLocked = len(locked) > 0
	}
	update := u.sql.Bind(&u.in)
	rows, err := q.Rows(ctx, update.SQL, update.Args...)
	if err != nil {
		return false, err
	}
	if changed := find(rows, pgdb.RowChanged); changed != nil {
		return u.changed(ctx, q, changed)
	}
	switch {
	case u.decide(rows):
		return true, nil
	case isLocked:
		return false, &undoneError{event: sqlgen.OnUpdate}
	case u.locks():
		return false, u.whyUnlocked(ctx, q)
	}
	u.empty++
	return false, nil
}

// resolve keeps what the call returns.
func (u *change) resolve(row assignment.Assignment, rejection error) (resolved bool) {
	u.result, u.rejection = row, rejection
	return true
}

// decide explains an UPDATE that changed nothing by applying the same rules to the
// row as the statement saw it. When they find nothing wrong, that was outdated and
// the next statement will tell.
func (u *change) decide(rows []pgdb.Row) (resolved bool) {
	current := find(rows, pgdb.RowCurrent)
	if current == nil {
		return u.reject(assignment.ErrNotFound)
	}
	row, err := current.Assignment()
	if err != nil {
		return u.reject(err)
	}
	next, err := u.in.Change.Apply(row, u.engine.lifecycle)
	if err != nil || next.Version == row.Version {
		return u.resolve(next, err)
	}
	if holder := find(rows, pgdb.RowHolder); holder != nil {
		return u.reject(conflict(next.Key, holder))
	}
	return false
}

// errOtherRow is a reply that is not to what was asked. No statement of the store
// has one by itself.
var errOtherRow = errors.New("it shows another row, or another state, than was asked for")

// changed reads the row as it is when the triggers that run after the statement
// are done. One that has left the table with its slot given up, for an archive, was
// changed all the same.
func (u *change) changed(ctx context.Context, q pgdb.Querier, changed *pgdb.Row) (resolved bool, err error) {
	row, err := changed.Assignment()
	if err != nil {
		return u.reject(err), nil
	}
	if row.ID != u.id || !u.shows(row) {
		return false, pgdb.Unreadable(errOtherRow)
	}
	if !u.plan.Triggers.AfterUpdate {
		return u.resolve(row, nil), nil
	}
	stored, err := u.reread(ctx, q, u.plan, row.ID)
	switch {
	case err != nil:
		return false, err
	case stored == nil && u.engine.lifecycle.IsTerminal(row.Status):
		return u.resolve(row, nil), nil
	case stored == nil:
		return false, &undoneError{event: sqlgen.OnUpdate, after: true}
	case stored.Status != changed.Status:
		return false, &undoneError{event: sqlgen.OnUpdate, attribute: sqlgen.AttributeStatus, after: true}
	case stored.AssigneeID != changed.AssigneeID:
		return false, &undoneError{event: sqlgen.OnUpdate, attribute: sqlgen.AttributeAssignee, after: true}
	default:
		return u.resolve(stored.Assignment()), nil
	}
}
