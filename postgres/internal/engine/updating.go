package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// updating is the attempts of one call to change a row.
type updating struct {
	engine    *Engine
	plan      *sqlgen.Statements
	statement sqlgen.Statement
	in        *sqlgen.Input
	change    assignment.Change

	// empty counts the statements that changed nothing and can't say why.
	empty int
	// violations counts those that a unique index refused.
	violations int
}

// losesMoves reports whether a trigger may suppress the insert by which a row
// arrives in another partition. The server has deleted the row by then, so that
// such a change goes with the lock at once, in a transaction that can be undone.
func losesMoves(p *sqlgen.Statements) bool { return p.Partitioned && p.Triggers.BeforeInsert }

func (u *updating) operation(ctx context.Context) operation[assignment.Assignment] {
	return operation[assignment.Assignment]{
		id:           u.in.Row.ID,
		unrepeatable: true, // others may have worked on the row since
		send:         func(q pgdb.Querier) (answer[assignment.Assignment], error) { return u.send(ctx, q) },
		own: func(err error) (answer[assignment.Assignment], error) {
			return u.violated(ctx, u.engine.db, err)
		},
		together: func() bool { return u.plan.Triggers.AfterUpdate || u.empty >= maxEmpty },
	}
}

// send runs the statement once. When it has changed nothing twice without a
// reason, the row is locked first: one that may be changed, and yet isn't, is then
// kept from it by code of the host's.
func (u *updating) send(ctx context.Context, q pgdb.Querier) (answer[assignment.Assignment], error) {
	isSure := u.empty >= maxEmpty
	var locked []pgdb.Row
	if isSure {
		var err error
		if locked, err = query(ctx, q, u.plan.Lock, u.in); err != nil {
			return answer[assignment.Assignment]{}, err
		}
	}
	rows, err := query(ctx, q, u.statement, u.in)
	if err != nil {
		return answer[assignment.Assignment]{}, err
	}
	ans, err := u.engine.decideUpdate(u.in.Row.ID, u.change, rows)
	switch {
	case err != nil:
		return ans, err
	case find(rows, pgdb.RowChanged) != nil:
		return u.asCommitted(ctx, q, find(rows, pgdb.RowChanged))
	case ans.settled:
		return ans, nil
	case len(locked) > 0:
		return ans, &undoneError{event: sqlgen.OnUpdate}
	case isSure:
		return ans, u.unlocked(ctx, q)
	}
	u.empty++
	return ans, nil
}

// unlocked says why a row that can be seen can't be locked; nil when it has gone
// meanwhile.
func (u *updating) unlocked(ctx context.Context, q pgdb.Querier) error {
	filtered, err := u.engine.isFiltered(ctx, q)
	if err == nil && filtered {
		return &undoneError{event: sqlgen.OnUpdate, policy: true}
	}
	return err
}

// asCommitted returns the changed row as it is when the triggers that run after
// the statement are done. One that has left the table with its slot given up,
// for an archive, was changed all the same.
func (u *updating) asCommitted(ctx context.Context, q pgdb.Querier, changed *pgdb.Row) (answer[assignment.Assignment], error) {
	if !u.plan.Triggers.AfterUpdate {
		return settle(changed.Assignment()), nil
	}
	left, err := u.engine.leftBehind(ctx, q, u.plan, assignment.ID(changed.ID))
	switch {
	case err != nil:
		return answer[assignment.Assignment]{}, err
	case left == nil && u.engine.lifecycle.IsTerminal(assignment.Status(changed.Status)):
		return settle(changed.Assignment()), nil
	case left == nil:
		return answer[assignment.Assignment]{}, &undoneError{event: sqlgen.OnUpdate, after: true}
	case left.Status != changed.Status:
		return answer[assignment.Assignment]{}, &undoneError{event: sqlgen.OnUpdate, attribute: sqlgen.AttributeStatus, after: true}
	case left.AssigneeID != changed.AssigneeID:
		return answer[assignment.Assignment]{}, &undoneError{event: sqlgen.OnUpdate, attribute: sqlgen.AttributeAssignee, after: true}
	default:
		return settle(left.Assignment()), nil
	}
}

// violated finds out what a change has met that a unique index refused. The
// statement looks for a rival itself, and sees one that was too late for it the
// next time.
func (u *updating) violated(ctx context.Context, q pgdb.Querier, cause error) (answer[assignment.Assignment], error) {
	e, p := u.engine, u.plan
	v, err := e.violation(ctx, q, cause)
	if err != nil || len(v.Columns) == 0 {
		return answer[assignment.Assignment]{}, err
	}
	if !v.ofGuard(p) {
		return refuse[assignment.Assignment](e.foreignConstraint(cause)), nil
	}
	u.violations++
	if u.violations < maxEmpty {
		return answer[assignment.Assignment]{}, nil
	}
	rows, err := query(ctx, q, p.Get, u.in)
	if err != nil || len(rows) == 0 {
		return answer[assignment.Assignment]{}, err
	}
	key := rows[0].Key()
	if u.change.AssigneeID != "" {
		key.AssigneeID = u.change.AssigneeID
	}
	target := &sqlgen.Input{Row: assignment.Assignment{ID: u.in.Row.ID, Key: key}}
	if !v.isAbout(p, target.Row) {
		return answer[assignment.Assignment]{}, &undoneError{event: sqlgen.OnUpdate, attribute: "Key"}
	}
	holders, err := query(ctx, q, p.FindActive, target)
	if err == nil && len(holders) == 0 && v.Filtered {
		return refuse[assignment.Assignment](&assignment.ActiveExistsError{Key: key}), nil
	}
	return answer[assignment.Assignment]{}, err
}

// isFiltered reports whether row-level security may hide rows from this session,
// or keep it from changing them.
func (e *Engine) isFiltered(ctx context.Context, q pgdb.Querier) (bool, error) {
	text, err := q.Text(ctx, `SELECT row_security_active(to_regclass($1::text))::text`, e.plan().Table.String())
	return text == "true", err
}
