package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// isTouchedAfter reports whether triggers may change the rows once the
// statement has returned them.
func (i *insertion) isTouchedAfter() bool {
	return i.plan.Triggers.AfterInsert || i.retireTo != "" && i.plan.Triggers.AfterUpdate
}

// asCommitted replaces the rows that the statement returned by those that are
// stored when the triggers that run after it are done.
func (i *insertion) asCommitted(ctx context.Context, q pgdb.Querier) (resolved bool, err error) {
	if i.rejection != nil || i.result.Outcome != assignment.OutcomeCreated {
		return true, nil //nolint:nilerr // a rejection is a result of the statement, not a failure of it
	}
	if !i.isAsAsked() {
		return false, pgdb.Unreadable(errOtherRow)
	}
	if !i.isTouchedAfter() {
		return true, nil
	}
	created, retired := &i.result.Assignment, i.result.Retired
	stored, err := i.reread(ctx, q, i.plan, created.ID)
	if err != nil {
		return false, err
	}
	if attribute := lostBy(i.engine.lifecycle, stored, created.Key); stored == nil || attribute != "" {
		return false, &undoneError{event: sqlgen.OnInsert, attribute: attribute, after: true}
	}
	if *created, err = stored.Assignment(); err != nil || retired == nil {
		return err == nil, err
	}
	// one that a trigger moves to an archive is still the one that was retired
	if stored, err = i.reread(ctx, q, i.plan, retired.ID); err == nil && stored != nil {
		*retired, err = stored.Assignment()
	}
	return err == nil, err
}

// lostBy names the attribute by which a stored row does not hold the slot; empty
// when it does, or is gone.
func lostBy(l assignment.Lifecycle, stored *pgdb.Row, k assignment.Key) string {
	switch {
	case stored == nil:
		return ""
	case stored.Key() != k:
		return "Key"
	case l.IsTerminal(assignment.Status(stored.Status)):
		return sqlgen.AttributeStatus
	default:
		return ""
	}
}

// reread reads a row that this transaction has written, once all triggers have
// run; nil when it is gone.
func (c *call) reread(ctx context.Context, q pgdb.Querier, p *sqlgen.Statements, id assignment.ID) (*pgdb.Row, error) {
	if err := c.runDeferred(ctx, q, p); err != nil {
		return nil, err
	}
	rows, err := query(ctx, q, p.Get, &sqlgen.Input{Row: assignment.Assignment{ID: id}})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// runDeferred runs the triggers that wait for the COMMIT. Those that wait for
// one of the host's are left to that.
func (c *call) runDeferred(ctx context.Context, q pgdb.Querier, p *sqlgen.Statements) error {
	if !p.Triggers.Deferred || c.InHost {
		return nil
	}
	return q.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE")
}
