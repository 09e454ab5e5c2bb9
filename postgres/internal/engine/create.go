package engine

import (
	"context"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// create is one round trip, conflict or not: the check and the catch of the
// incident's fix in one statement. The branches render their result columns
// where they read the row, since each further projection would be set up for
// every execution.
func (r renderer) create() statement {
	b := newBinder()
	look, vacant := "", ""
	if r.sharedIDs {
		// no index would stop a second row with this ID
		look, vacant = r.own(b), r.unlessOwn()
	}
	return b.statement(`WITH ` + r.identified() + look + `holder AS MATERIALIZED (
  -- the check: a taken slot is answered without writing anything
  SELECT ` + r.projection(number(pgdb.RowHolder)) + ` FROM ` + r.table + `
  WHERE ` + r.holdsSlot(b) + `
  LIMIT 1
), created AS (
  ` + r.insert(b) + `
  WHERE NOT EXISTS (SELECT FROM holder)` + vacant + `
  -- the catch: waits for a concurrent winner instead of creating a duplicate,
  -- and leaves the transaction usable
  ` + r.inference() + `
  RETURNING ` + r.projection(unless(onInsert, r.altered(b), number(pgdb.RowCreated))) + `
)
TABLE created
UNION ALL
TABLE holder` + r.ownAnswer(b))
}

// createPlainly has no arbiter, so that the server says what keeps the row from
// being inserted: it names a holder that the session can't see, and when it
// does not object, yet inserts nothing, then a trigger suppressed the row.
func (r renderer) createPlainly() statement {
	b := newBinder()
	own, ownAnswer := r.own(b), ""
	if own != "" {
		ownAnswer = `
UNION ALL
SELECT ` + r.projection(number(pgdb.RowExisting)) + ` FROM own`
	}
	return b.statement(`WITH ` + r.guarded() + r.identified() + own + `created AS (
  ` + r.insert(b) + `
  WHERE true` + r.unlessOwn() + `
  RETURNING ` + r.projection(unless(onInsert, r.altered(b), number(pgdb.RowCreated))) + `
)
TABLE created` + ownAnswer)
}

// ownAnswer renders the branch of the row that bears the ID already.
func (r renderer) ownAnswer(b *binder) string {
	switch {
	case r.databaseIDs:
		return ""
	case r.sharedIDs:
		return `
UNION ALL
SELECT ` + r.projection(number(pgdb.RowExisting)) + ` FROM own`
	default:
		return `
UNION ALL
-- a retry of one's own completed attempt is not a conflict with the present holder
SELECT ` + r.projection(number(pgdb.RowExisting)) + ` FROM ` + r.table + `
WHERE ` + r.hasID(b) + ` AND EXISTS (SELECT FROM holder)`
	}
}

// unlessOwn renders the condition that the new row's ID was not found.
func (r renderer) unlessOwn() string {
	if r.databaseIDs {
		return ""
	}
	return ` AND NOT EXISTS (SELECT FROM own)`
}

// Create implements assignment.Store.
func (e *Engine) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	p := e.plan()
	var in input
	if err := p.admit(&in, &a); err != nil {
		return assignment.Result{}, err
	}
	return e.create(ctx, p, &in)
}

// CreateNew implements assignment.NewIDCreator.
func (e *Engine) CreateNew(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	p := e.plan()
	var in input
	if err := p.admit(&in, &a); err != nil {
		return assignment.Result{}, err
	}
	if e.db.Pooled() && p.trustsInserts() {
		return e.createNew(ctx, p, &in)
	}
	return e.create(ctx, p, &in)
}

func (e *Engine) create(ctx context.Context, p *plan, in *input) (assignment.Result, error) {
	return write(ctx, e, e.creation(ctx, p, in))
}

func (e *Engine) creation(ctx context.Context, p *plan, in *input) operation[assignment.Result] {
	return e.creating(p, in).operation(ctx)
}

func (e *Engine) creating(p *plan, in *input) *inserting {
	return &inserting{
		engine: e, plan: p, statements: p.create, in: in,
		decide: func(rows []pgdb.Row) answer[assignment.Result] { return decideCreate(in.row, rows) },
	}
}

// decideCreate reads the branches. No row at all means that the winner was not
// yet visible to the statement's snapshot: the next statement will see it.
func decideCreate(a assignment.Assignment, rows []pgdb.Row) answer[assignment.Result] {
	if own := find(rows, pgdb.RowExisting); own != nil {
		return replay(a, own)
	}
	if created := find(rows, pgdb.RowCreated); created != nil {
		row, err := created.Assignment()
		return settle(assignment.Result{Assignment: row, Outcome: assignment.OutcomeCreated}, err)
	}
	holder := find(rows, pgdb.RowHolder)
	switch {
	case holder == nil:
		return answer[assignment.Result]{}
	case a.ID != "" && holder.ID == pgdb.Text(a.ID):
		return replay(a, holder)
	default:
		return refuse[assignment.Result](conflict(a.Key, holder))
	}
}

// conflict carries the holder's row to the caller.
func conflict(k assignment.Key, holder *pgdb.Row) error {
	existing, err := holder.Assignment()
	if err != nil {
		return err
	}
	return &assignment.ActiveExistsError{Key: k, Existing: existing}
}

func replay(a assignment.Assignment, own *pgdb.Row) answer[assignment.Result] {
	row, err := own.Assignment()
	if err != nil {
		return refuse[assignment.Result](err)
	}
	if !a.SameRequest(row) {
		return refuse[assignment.Result](assignment.ErrIDReused)
	}
	return settle(assignment.Result{Assignment: row, Outcome: assignment.OutcomeReplayed}, nil)
}

func find(rows []pgdb.Row, kind pgdb.RowKind) *pgdb.Row {
	for i := range rows {
		if rows[i].Kind == kind {
			return &rows[i]
		}
	}
	return nil
}
