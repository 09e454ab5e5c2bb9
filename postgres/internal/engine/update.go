package engine

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// Update implements assignment.Store.
func (e *Engine) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	p := e.plan()
	statement, known := p.Transition(c.To)
	if c.AssigneeID != "" {
		statement, known = p.Reassign, true
	}
	if !known {
		return assignment.Assignment{}, &assignment.InvalidError{Field: "Status", Reason: "is not a status of this lifecycle"}
	}
	if err := checkChange(ctx, p, id, c); err != nil {
		return assignment.Assignment{}, err
	}
	in := &sqlgen.Input{Row: assignment.Assignment{ID: id}, Change: c}
	attempt := &updating{engine: e, plan: p, statement: statement, in: in, change: c}
	if c.AssigneeID != "" && losesMoves(p) {
		attempt.empty = maxEmpty
	}
	changed, err := write(ctx, e, attempt.operation(ctx))
	if errors.Is(err, assignment.ErrUnknownOutcome) && e.db.Pooled() {
		changed, err = e.foundMade(ctx, p, in, err)
	}
	if err == nil && e.lifecycle.IsTerminal(changed.Status) {
		e.guesses.slot(changed.Key).supposeFree()
	}
	return changed, err
}

// checkChange rejects a change that the columns can't hold.
func checkChange(ctx context.Context, p *sqlgen.Statements, id assignment.ID, c assignment.Change) error {
	err := p.CheckChange(id, c)
	if errors.Is(err, assignment.ErrNotFound) {
		return absent(ctx)
	}
	return err
}

// decideUpdate explains an UPDATE that changed nothing by applying the same
// rules to the row as the statement saw it. When they find nothing wrong, the
// statement's view was outdated and the next one will tell.
func (e *Engine) decideUpdate(id assignment.ID, c assignment.Change, rows []pgdb.Row) (answer[assignment.Assignment], error) {
	if changed := find(rows, pgdb.RowChanged); changed != nil {
		row, err := changed.Assignment()
		if err == nil && (row.ID != id || !isMade(c, row)) {
			return answer[assignment.Assignment]{}, pgdb.Unreadable(errOtherRow)
		}
		return settle(row, err), nil
	}
	own := find(rows, pgdb.RowCurrent)
	if own == nil {
		return refuse[assignment.Assignment](assignment.ErrNotFound), nil
	}
	cur, err := own.Assignment()
	if err != nil {
		return refuse[assignment.Assignment](err), nil
	}
	next, err := c.Apply(cur, e.lifecycle)
	if err != nil || next.Version == cur.Version {
		return settle(next, err), nil
	}
	rival := find(rows, pgdb.RowHolder)
	if rival == nil {
		return answer[assignment.Assignment]{}, nil
	}
	return refuse[assignment.Assignment](conflict(next.Key, rival)), nil
}
