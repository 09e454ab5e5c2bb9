package sqlgen

import (
	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// transition renders the move to one status.
func (r renderer) transition(to assignment.Status) Statement {
	b := newBinder()
	c := change{set: r.move(b, to), condition: r.mayMove(to), misdone: []difference{r.isOtherStatus(to)}}
	if !r.lifecycle.IsTerminal(to) {
		c.holder = "rival." + r.assignee.quoted() + " = own." + r.assignee.quoted()
	}
	return r.change(b, c)
}

// reassign leaves a terminal row alone: it holds no slot that could move.
func (r renderer) reassign() Statement {
	b := newBinder()
	assignee := b.bind(func(in *Input) any { return in.Change.AssigneeID })
	return r.change(b, change{
		set:       r.assignee.quoted() + " = " + r.assignee.put(assignee) + r.touch(b),
		condition: r.active + " AND " + r.assignee.quoted() + " <> " + r.assignee.match(assignee),
		holder:    "rival." + r.assignee.quoted() + " = " + r.assignee.match(assignee),
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
	at := b.bind(func(in *Input) any { return optionalTime(f.truncate(in.Change.At)) })
	return f.quoted() + " = " + f.put(at)
}

// change is the part in which the updates differ.
type change struct {
	set, condition string
	// holder is the condition on the assignee of the row that holds the slot that
	// this one moves to; empty when it takes none.
	holder string
	// misdone are the ways in which a trigger may have done something else.
	misdone []difference
}

// taking renders what a statement needs that moves a row to a slot: a lookup
// of the row that may hold it, and proof that the guard is there. An UPDATE
// itself would not notice a missing index; the insert, which never inserts
// anything, is rejected by the planner (42P10).
func (r renderer) taking(holder string) string {
	key := list([]field{r.assignee, r.subject, r.status}, "")
	return `rival AS MATERIALIZED (
  -- sparing a violation that would be logged and abort the transaction; the
  -- index still decides when this look was too early
  SELECT ` + list(r.stored(), "rival.") + ` FROM ` + r.activeRows() + ` AS rival JOIN own ON ` + holder + `
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
func (r renderer) change(b *binder, c change) Statement {
	taking, vacant, holders := "", "", ""
	if c.holder != "" {
		taking = r.taking(c.holder)
		vacant = ` AND NOT EXISTS (SELECT FROM rival)`
		holders = `
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
SELECT ` + r.projection(unless(OnUpdate, r.misdone(b, c), number(pgdb.RowChanged))) + ` FROM changed` + holders + `
UNION ALL
SELECT ` + r.projection(number(pgdb.RowCurrent)) + ` FROM own`)
}

// misdone are the ways in which a changed row may have been stored otherwise
// than asked. A version that does not grow would let two callers pass with the
// same IfVersion.
func (r renderer) misdone(b *binder, c change) []difference {
	if !r.Triggers.BeforeUpdate {
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
	want := b.bind(func(in *Input) any { return in.Change.IfVersion })
	return ` AND ` + want + `::bigint IN (0, ` + r.versionNow() + `)`
}
