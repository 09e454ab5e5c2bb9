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
		arbiter:    r.inference(),
	})
}

// replaceExact finds the holder locked, and inserts nothing beside one that it
// could not retire.
func (r renderer) replaceExact(to assignment.Status) Statement {
	b := newBinder()
	existing := r.existing(b)
	locked := b.bind(func(in *Input) any { return in.Locked })
	return r.replacement(b, to, replacement{
		asserted:   r.guarded(),
		existing:   existing,
		retiredAll: "done.n >= " + locked + "::bigint",
	})
}

// replacement is the part in which the two forms differ.
type replacement struct {
	asserted, existing, arbiter string
	// retiredAll is the condition under which the new row is inserted.
	retiredAll string
}

func (r renderer) replacement(b *binder, to assignment.Status, p replacement) Statement {
	retired, kind := r.columns(), number(pgdb.RowRetired)
	if r.Triggers.BeforeUpdate {
		kind = `"assignment kind"`
		retired += ", " + unless(OnUpdate, []difference{r.isOtherStatus(to)}, number(pgdb.RowRetired)) + " AS " + kind
	}
	return b.statement(`WITH ` + p.asserted + r.identified() + p.existing + `retired AS (
  UPDATE ` + r.table + `
  SET ` + r.move(b, to) + `
  WHERE ` + r.mayRetire(b, to) + r.unlessExisting() + `
  RETURNING ` + retired + `
), created AS (
  ` + r.insert(b) + `
  -- reading the count makes the insert run after the update, which frees the slot
  FROM (SELECT count(*) AS n FROM retired) AS done
  WHERE ` + p.retiredAll + r.unlessExisting() + `
  ` + p.arbiter + `
  RETURNING ` + r.columns() + `
)
SELECT ` + r.projection(unless(OnInsert, r.altered(b), number(pgdb.RowCreated))) + ` FROM created
UNION ALL
-- should a holder ever be retired without a successor, it stays what it was
SELECT ` + r.projection(unless(OnUpdate, []difference{{unreplaced, "(SELECT count(*) FROM created) = 0"}}, kind)) +
		` FROM retired` + r.existingBranch() + `
UNION ALL
SELECT ` + r.projection(number(pgdb.RowHolder)) + ` FROM ` + r.table + `
WHERE ` + r.holdsSlot(b))
}

func (r renderer) mayRetire(b *binder, to assignment.Status) string {
	return r.holdsSlot(b) + " AND " + r.mayMove(to)
}

// lockHolder renders the lock on the row that a replace is to retire.
func (r renderer) lockHolder(to assignment.Status) Statement {
	b := newBinder()
	return b.statement(r.selectRows() + " WHERE " + r.mayRetire(b, to) + " FOR UPDATE")
}
