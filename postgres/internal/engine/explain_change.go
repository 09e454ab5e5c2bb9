package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// failed finds out which row a change has met in a unique index. The statement
// looks for the holder of its slot itself, and sees one that was too late for it
// the next time.
func (u *change) failed(ctx context.Context, f *failure) (resolved bool, err error) {
	if f.Fault != pgdb.FaultViolation {
		return false, nil
	}
	q := u.engine.db
	v, err := u.engine.violation(ctx, q, f)
	switch {
	case err != nil, len(v.Columns) == 0:
		return false, err
	case !v.IsGuard(u.plan):
		return u.reject(u.engine.hostConstraint(f)), nil
	}
	u.taken++
	if u.taken < maxEmpty {
		return false, nil
	}
	return u.findHolder(ctx, q, v)
}

// findHolder looks for the row that holds the slot which the changed one moves to.
func (u *change) findHolder(ctx context.Context, q pgdb.Querier, v sqlgen.Violation) (resolved bool, err error) {
	rows, err := query(ctx, q, u.plan.Get, &u.in)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	target := &sqlgen.Input{Row: assignment.Assignment{ID: u.id, Key: rows[0].Key()}}
	if u.in.Change.AssigneeID != "" {
		target.Row.Key.AssigneeID = u.in.Change.AssigneeID
	}
	if !v.IsAbout(u.plan, target.Row) {
		return false, &undoneError{event: sqlgen.OnUpdate, attribute: "Key"}
	}
	holders, err := query(ctx, q, u.plan.FindActive, target)
	if err == nil && len(holders) == 0 && v.Filtered {
		return u.reject(&assignment.ActiveExistsError{Key: target.Row.Key}), nil
	}
	return false, err
}

// whyUnlocked returns why a row that can be seen can't be locked; nil when it was
// deleted meanwhile.
func (u *change) whyUnlocked(ctx context.Context, q pgdb.Querier) error {
	filtered := u.plan.RowSecurity()
	text, err := q.Text(ctx, filtered.SQL, filtered.Args...)
	if err == nil && text == "true" {
		return &undoneError{event: sqlgen.OnUpdate, policy: true}
	}
	return err
}
