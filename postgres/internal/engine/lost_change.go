package engine

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// errOtherRow is a reply that is not to what was asked. No statement of ours
// gives one by itself.
var errOtherRow = errors.New("it shows another row, or another state, than was asked for")

// foundMade looks at a row whose change may have been made, since its reply was
// lost. To send the change again could undo what others did since: a second
// Reopen would open what somebody has completed meanwhile. The row that shows
// what was asked for is a success, as it is for a call that comes too late. The
// row that does not proves nothing: the change may still be on its way.
func (e *Engine) foundMade(ctx context.Context, p *sqlgen.Statements, in *sqlgen.Input, lost error) (assignment.Assignment, error) {
	row, err := e.one(ctx, p.Get, in)
	if err != nil || row.ID != in.Row.ID || !e.isSettled(p, in.Change, row) {
		return assignment.Assignment{}, lost
	}
	return row, nil
}

// isSettled reports whether the row leaves nothing of the change to be done. A
// change with a condition on the version must be the one that raised it: the
// same state at a later version, or at another time, is the work of others.
func (e *Engine) isSettled(p *sqlgen.Statements, c assignment.Change, row assignment.Assignment) bool {
	if !isMade(c, row) {
		return false
	}
	return c.IfVersion == 0 || c.IfVersion == row.Version ||
		c.IfVersion+1 == row.Version && p.WasUpdatedAt(row, c.At)
}

// isMade reports whether the row shows what the change asks for.
func isMade(c assignment.Change, row assignment.Assignment) bool {
	return (c.To == "" || c.To == row.Status) && (c.AssigneeID == "" || c.AssigneeID == row.Key.AssigneeID)
}
