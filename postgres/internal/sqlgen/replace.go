package sqlgen

import (
	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// replace retires and creates in one statement, which is atomic by itself: no
// COMMIT whose reply could be lost.
func (r renderer) replace(to assignment.Status) Statement {
	b := newBinder()
	return r.replacement(b, to, replacement{
		existing:   r.existing(b),
		retiredAll: "done.n >= 0",
		conflict:   r.guardedConflict(),
	})
}

// replaceExact finds the holder locked, and inserts nothing beside one that it
// could not retire.
func (r renderer) replaceExact(to assignment.Status) Statement {
	b := newBinder()
	return r.replacement(b, to, replacement{
		guarded:    r.guarded(r.table),
		existing:   r.existing(b),
		retiredAll: "done.n >= " + b.bind("locked", func(in *Input) any { return in.Locked }) + "::bigint",
	})
}

// replacement is the part in which the two forms differ.
type replacement struct {
	guarded, existing cte
	// retiredAll is the condition under which the new row is inserted.
	retiredAll string
	conflict   text
}

func (r renderer) replacement(b *binder, to assignment.Status, p replacement) Statement {
	returned, retired := listed("RETURNING ", names(r.stored(), ""), ""), kind(pgdb.RowRetired)
	if r.Triggers.BeforeUpdate {
		undo := unless(OnUpdate, []difference{r.isOtherStatus(to)}, retired)
		retired = text{`"kind of row"`}
		returned = explained(stacked(ended(returned, ","), ended(undo, " AS "+retired[0]).nested()))
	}
	unreplaced := []difference{{unreplaced, text{"(SELECT count(*) FROM created) = 0"}}}
	return b.statement(
		with(
			p.guarded,
			r.identified(),
			p.existing,
			as("retired",
				text{"UPDATE " + r.table},
				listed("SET ", r.move(b, to), ""),
				r.unlessExisting(r.mayRetire(b, to)...),
				returned),
			as("created",
				r.insert(b),
				text{
					"-- prevents a conflict with the retired row: the count makes the insert run after the update",
					"FROM (SELECT count(*) AS n FROM retired) AS done",
				},
				r.unlessExisting(p.retiredAll),
				p.conflict,
				listed("RETURNING ", names(r.stored(), ""), "")),
		),
		union(
			stacked(
				explained(r.projection("SELECT", unless(OnInsert, r.altered(b), kind(pgdb.RowCreated)))),
				text{"FROM created"}),
			stacked(
				text{"-- prevents a holder from being retired without a successor: undoes the statement"},
				r.projection("SELECT", unless(OnUpdate, unreplaced, retired)),
				text{"FROM retired"}),
			r.selectExisting(),
			stacked(r.selectAs(pgdb.RowHolder, r.table), where(r.holdsSlot(b)...)),
		),
	)
}

func (r renderer) mayRetire(b *binder, to assignment.Status) []string {
	return append(r.holdsSlot(b), r.mayMove(to))
}

// lockHolder renders the lock on the row that a replace is to retire.
func (r renderer) lockHolder(to assignment.Status) Statement {
	b := newBinder()
	return b.statement(r.selectStored(), where(r.mayRetire(b, to)...), text{"FOR UPDATE"})
}
