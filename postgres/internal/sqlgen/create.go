package sqlgen

import "github.com/assignment-go/assignment/postgres/internal/pgdb"

// create is one round trip, conflict or not. The branches render their result
// columns where they read the row, since each further projection would be set up
// for every execution.
func (r renderer) create() Statement {
	b := newBinder()
	existing, free := cte{}, where("NOT EXISTS (SELECT FROM holder)")
	if r.IDNotUnique {
		// no index would stop a second row with this ID
		existing, free = r.existing(b), r.unlessExisting("NOT EXISTS (SELECT FROM holder)")
	}
	return b.statement(
		with(
			r.identified(),
			existing,
			materialized("holder",
				text{
					"-- returns a conflict without a write. This check alone would leave the check-then-create",
					"-- race, which ON CONFLICT prevents",
				},
				r.selectAs(pgdb.RowHolder, r.table),
				where(r.holdsSlot(b)...),
				text{"LIMIT 1"}),
			as("created", r.insert(b), free, r.guardedConflict(), r.returnCreated(b)),
		),
		union(text{"TABLE created"}, text{"TABLE holder"}, r.replayed(b)),
	)
}

// returnCreated returns the new row, if it was stored as requested.
func (r renderer) returnCreated(b *binder) text {
	return explained(r.projection("RETURNING", unless(OnInsert, r.altered(b), kind(pgdb.RowCreated))))
}

// replayed is the branch of create that returns the row which has the new row's
// ID already.
func (r renderer) replayed(b *binder) text {
	if r.DatabaseIDs || r.IDNotUnique {
		return r.selectExisting()
	}
	return stacked(
		text{"-- prevents a conflict between a repeated call and the present holder: it gets its row"},
		r.selectAs(pgdb.RowExisting, r.table),
		where(r.hasID(b), "EXISTS (SELECT FROM holder)"))
}

// createExact has no arbiter, so that the server reports what rejects the row, be
// it a holder that the session can't see. Without a report and without a row, a
// trigger suppressed the insert.
func (r renderer) createExact() Statement {
	b := newBinder()
	return b.statement(
		with(
			r.guarded(r.table),
			r.identified(),
			r.existing(b),
			as("created", r.insert(b), r.unlessExisting(), r.returnCreated(b)),
		),
		union(text{"TABLE created"}, r.selectExisting()),
	)
}

// insertOne inserts the new row and returns nothing but whether it did. A lookup
// of the holder in the same statement would cost a fifth of the whole, whether it
// finds one or not.
func (r renderer) insertOne() Statement {
	b := newBinder()
	return b.statement(r.insertInto(), listed("VALUES (", r.newValues(b), ")"), r.guardedConflict())
}
