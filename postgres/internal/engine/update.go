package engine

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// transition renders the move to one status.
func (r renderer) transition(to assignment.Status) statement {
	b := newBinder()
	c := change{set: r.move(b, to), condition: r.mayMove(to), misdone: []difference{r.isOtherStatus(to)}}
	if !r.lifecycle.IsTerminal(to) {
		c.rival = "rival." + r.assignee.quoted() + " = own." + r.assignee.quoted()
	}
	return r.change(b, c)
}

// reassign leaves a terminal row alone: it holds no slot that could move.
func (r renderer) reassign() statement {
	b := newBinder()
	assignee := b.bind(func(in *input) any { return in.change.AssigneeID })
	return r.change(b, change{
		set:       r.assignee.quoted() + " = " + r.assignee.put(assignee) + r.touch(b),
		condition: r.active + " AND " + r.assignee.quoted() + " <> " + r.assignee.match(assignee),
		rival:     "rival." + r.assignee.quoted() + " = " + r.assignee.match(assignee),
		misdone: []difference{
			{r.assignee.name, r.assignee.quoted() + " IS DISTINCT FROM " + r.assignee.match(assignee)},
			{r.status.name, "NOT (" + r.active + ")"},
		},
	})
}

// move renders what a row is set to that moves to a status.
func (r renderer) move(b *binder, to assignment.Status) string {
	set := r.status.quoted() + " = " + sqltext.Literal(string(to)) + r.touch(b)
	switch {
	case !r.completed.mapped():
		return set
	case r.lifecycle.IsTerminal(to):
		return set + ", " + r.setTime(b, r.completed)
	default:
		return set + ", " + r.completed.quoted() + " = NULL"
	}
}

// touch renders what every change sets, with a comma before each.
func (r renderer) touch(b *binder) string {
	set := ""
	if r.version.mapped() {
		set += ", " + r.version.quoted() + " = " + r.versionNow() + " + 1"
	}
	if r.updated.mapped() {
		set += ", " + r.setTime(b, r.updated)
	}
	return set
}

func (r renderer) setTime(b *binder, f field) string {
	at := b.bind(func(in *input) any { return optionalTime(f.cut(in.change.At)) })
	return f.quoted() + " = " + f.put(at)
}

// change is the part in which the updates differ.
type change struct {
	set, condition string
	// rival is the condition on the assignee of who holds the slot that the row
	// moves to; empty when it takes none.
	rival string
	// misdone are the ways in which a trigger may have done something else.
	misdone []difference
}

// taking renders what a statement needs that moves a row to a slot: a look for
// the rival that may hold it, and proof that the guard is there. An UPDATE
// itself would not notice a missing index; the insert, which never inserts
// anything, is refused by the planner (42P10).
func (r renderer) taking(rival string) string {
	key := list([]field{r.assignee, r.subject, r.status}, "")
	return `rival AS MATERIALIZED (
  -- sparing a violation that would be logged and abort the transaction; the
  -- index still decides when this look was too early
  SELECT ` + list(r.kept(), "rival.") + ` FROM ` + r.activeRows() + ` AS rival JOIN own ON ` + rival + `
  WHERE rival.` + r.subject.quoted() + ` = own.` + r.subject.quoted() + ` AND rival.` + r.id.quoted() + ` <> own.` + r.id.quoted() + `
), guarded AS (
  INSERT INTO ` + r.table + ` (` + key + `) SELECT ` + key + ` FROM own WHERE false
  ` + r.inference() + `
), `
}

// change renders one guarded UPDATE together with what is needed to tell why
// it did not happen. The conditions of the UPDATE are evaluated on the newest
// version of the row, also when another transaction held its lock; own and
// rival are as old as the statement's snapshot, and only explain.
func (r renderer) change(b *binder, c change) statement {
	taking, vacant, rivals := "", "", ""
	if c.rival != "" {
		taking = r.taking(c.rival)
		vacant = ` AND NOT EXISTS (SELECT FROM rival)`
		rivals = `
UNION ALL
SELECT ` + r.projection(number(pgdb.RowHolder)) + ` FROM rival`
	}
	return b.statement(`WITH own AS MATERIALIZED (
  SELECT ` + r.columns() + ` FROM ` + r.table + ` WHERE ` + r.hasID(b) + `
), ` + taking + `changed AS (
  UPDATE ` + r.table + `
  SET ` + c.set + `
  WHERE ` + r.hasID(b) + ` AND ` + c.condition + r.ifVersion(b) + vacant + `
  RETURNING ` + r.columns() + `
)
SELECT ` + r.projection(unless(onUpdate, r.misdone(b, c), number(pgdb.RowChanged))) + ` FROM changed` + rivals + `
UNION ALL
SELECT ` + r.projection(number(pgdb.RowCurrent)) + ` FROM own`)
}

// misdone are the ways in which a changed row may have been stored otherwise
// than asked. A version that does not grow would let two callers pass with the
// same IfVersion.
func (r renderer) misdone(b *binder, c change) []difference {
	if !r.triggers.BeforeUpdate {
		return nil
	}
	differences := append([]difference{r.isNot(b, r.id)}, c.misdone...)
	if r.version.mapped() {
		differences = append(differences, difference{r.version.name,
			"COALESCE(" + r.version.quoted() + ", 0) <= (SELECT " + r.versionNow() + " FROM own)"})
	}
	if r.request.mapped() {
		differences = append(differences, difference{r.request.name,
			r.request.quoted() + " <> (SELECT own." + r.request.quoted() + " FROM own)"})
	}
	return differences
}

// ifVersion renders the condition on the version; zero accepts any.
func (r renderer) ifVersion(b *binder) string {
	if !r.version.mapped() {
		return ""
	}
	want := b.bind(func(in *input) any { return in.change.IfVersion })
	return ` AND ` + want + `::bigint IN (0, ` + r.versionNow() + `)`
}

// Update implements assignment.Store.
func (e *Engine) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	p := e.plan()
	statement, known := p.transition[c.To]
	if c.AssigneeID != "" {
		statement, known = p.reassign, true
	}
	if !known {
		return assignment.Assignment{}, &assignment.InvalidError{Field: "Status", Reason: "is not a status of this lifecycle"}
	}
	if err := p.checkChange(ctx, id, c); err != nil {
		return assignment.Assignment{}, err
	}
	in := &input{row: assignment.Assignment{ID: id}, change: c}
	attempt := &updating{engine: e, plan: p, statement: statement, in: in, change: c}
	if c.AssigneeID != "" && p.losesMoves() {
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
