package engine

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// Update implements assignment.Store.
func (e *Engine) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	p := e.plan()
	sql, known := p.Transition(c.To)
	if c.AssigneeID != "" {
		sql, known = p.Reassign, true
	}
	if !known {
		return assignment.Assignment{}, &assignment.InvalidError{Field: "Status", Reason: "is not a status of this lifecycle"}
	}
	if err := p.CheckChange(id, c); err != nil {
		return assignment.Assignment{}, orEnded(ctx, err)
	}
	op := newChange(e, p, sql, sqlgen.Input{Row: assignment.Assignment{ID: id}, Change: c})
	err := e.run(ctx, &op.call, op)
	if errors.Is(err, assignment.ErrUnknownOutcome) && e.db.Pooled() {
		err = op.lookUpOutcome(ctx, err)
	}
	if err != nil {
		return assignment.Assignment{}, err
	}
	if e.lifecycle.IsTerminal(op.result.Status) {
		e.hints.Of(op.result.Key).MarkFree()
	}
	return op.result, nil
}

// lookUpOutcome looks once at a row whose change may have been made, since its
// reply was lost. To send the change again could undo what others did since: a
// second Reopen would open what somebody has completed meanwhile. The row that
// shows what was asked for is a success, as it is for a call that comes too late.
// The row that does not proves nothing: the change may still be under way.
func (u *change) lookUpOutcome(ctx context.Context, lost error) error {
	row, err := u.engine.one(ctx, u.plan.Get, &u.in)
	if err != nil || row.ID != u.id || !u.isMadeIn(row) {
		return lost
	}
	u.result = row
	return nil
}

// isMadeIn reports whether the row leaves nothing of the change to be done. A
// change with a condition on the version must be the one that raised it: the
// same state at a later version, or at another time, is the work of others.
func (u *change) isMadeIn(row assignment.Assignment) bool {
	c := &u.in.Change
	return u.shows(row) && (c.IfVersion == 0 || c.IfVersion == row.Version ||
		c.IfVersion+1 == row.Version && u.plan.WasUpdatedAt(row, c.At))
}

// shows reports whether the row has what the change asks for.
func (u *change) shows(row assignment.Assignment) bool {
	c := &u.in.Change
	return (c.To == "" || c.To == row.Status) && (c.AssigneeID == "" || c.AssigneeID == row.Key.AssigneeID)
}
