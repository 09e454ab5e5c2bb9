package engine

import (
	"context"
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// sendExact leaves only code of the host's to suppress a row without a report: the
// holder that is to be retired is locked before, and on a slot that is taken the
// insert fails.
func (i *insertion) sendExact(ctx context.Context, q pgdb.Querier) (resolved bool, err error) {
	i.in.Locked = 0
	if lock := i.sql.Lock; !lock.IsZero() {
		locked, err := query(ctx, q, lock, &i.in)
		if err != nil {
			return false, err
		}
		i.in.Locked = len(locked)
	}
	rows, err := query(ctx, q, i.sql.Exact, &i.in)
	switch {
	case err != nil:
		return false, err
	case i.decide(rows):
		return i.asCommitted(ctx, q)
	case i.in.Locked > 0:
		return false, &undoneError{event: sqlgen.OnUpdate}
	default:
		return false, &undoneError{event: sqlgen.OnInsert}
	}
}

func (i *insertion) failed(ctx context.Context, f *failure) (resolved bool, err error) {
	switch {
	case f.unreplaced && i.form == formExact:
		return false, &undoneError{event: sqlgen.OnInsert}
	case f.unreplaced:
		i.returnedNothing()
		return false, nil
	case f.Fault == pgdb.FaultViolation:
		return i.violated(ctx, i.engine.db, f)
	default:
		return false, nil
	}
}

// violated finds out which row keeps the new one out of a unique index. It looks
// for a row with the same ID first: the name of the index does not reliably tell
// which index it is, see [sqlgen.Violation].
func (i *insertion) violated(ctx context.Context, q pgdb.Querier, f *failure) (resolved bool, err error) {
	if !i.plan.DatabaseIDs {
		rows, err := query(ctx, q, i.plan.Get, &i.in)
		if err != nil {
			return false, err
		}
		if len(rows) > 0 {
			return i.resolve(replay(&i.in.Row, &rows[0])), nil
		}
	}
	v, err := i.engine.violation(ctx, q, f)
	i.unnamed = err == nil && len(v.Columns) == 0
	if err != nil || i.unnamed {
		return false, err
	}
	isAbout := v.IsAbout(i.plan, i.in.Row)
	switch {
	case v.IsGuard(i.plan) && isAbout:
		return i.findHolder(ctx, q, v)
	case v.IsGuard(i.plan):
		return false, &undoneError{event: sqlgen.OnInsert, attribute: "Key"}
	case !v.IsID(i.plan):
		return i.reject(i.engine.hostConstraint(f)), nil
	case !isAbout:
		return false, &undoneError{event: sqlgen.OnInsert, attribute: sqlgen.AttributeID}
	case v.Filtered:
		return i.reject(fmt.Errorf("%w, which row-level security hides from this session", assignment.ErrIDReused)), nil
	default:
		return false, nil // the row is gone
	}
}

// findHolder looks for the row that holds the slot.
func (i *insertion) findHolder(ctx context.Context, q pgdb.Querier, v sqlgen.Violation) (resolved bool, err error) {
	key := i.in.Row.Key
	rows, err := query(ctx, q, i.plan.FindActive, &i.in)
	switch {
	case err != nil:
		return false, err
	case len(rows) == 0 && v.Filtered:
		return i.reject(&assignment.ActiveExistsError{Key: key}), nil
	case len(rows) == 0:
		return false, nil // it is gone
	case i.retireTo == "":
		return i.reject(conflict(key, &rows[0])), nil
	}
	i.visibleHolders++
	if v.Filtered && i.visibleHolders >= maxEmpty {
		return false, &undoneError{event: sqlgen.OnUpdate, policy: true}
	}
	return false, nil
}
