package sqlgen

import (
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// create is one round trip, conflict or not: the check and the insert in one
// statement. The branches render their result columns where they read the row,
// since each further projection would be set up for every execution.
func (r renderer) create() Statement {
	b := newBinder()
	existing, vacant := "", ""
	if r.IDNotUnique {
		// no index would stop a second row with this ID
		existing, vacant = r.existing(b), r.unlessExisting()
	}
	return b.statement(`WITH ` + r.identified() + existing + `holder AS MATERIALIZED (
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
  RETURNING ` + r.projection(unless(OnInsert, r.altered(b), number(pgdb.RowCreated))) + `
)
TABLE created
UNION ALL
TABLE holder` + r.replayBranch(b))
}

// replayBranch renders the branch of create that returns the row which has the
// new row's ID already.
func (r renderer) replayBranch(b *binder) string {
	if r.DatabaseIDs || r.IDNotUnique {
		return r.existingBranch()
	}
	return `
UNION ALL
-- a retry of one's own completed attempt is not a conflict with the present holder
SELECT ` + r.projection(number(pgdb.RowExisting)) + ` FROM ` + r.table + `
WHERE ` + r.hasID(b) + ` AND EXISTS (SELECT FROM holder)`
}

// createExact has no arbiter, so that the server reports what keeps the row from
// being inserted: it names a holder that the session can't see, and when it
// does not object, yet inserts nothing, then a trigger suppressed the row.
func (r renderer) createExact() Statement {
	b := newBinder()
	return b.statement(`WITH ` + r.guarded() + r.identified() + r.existing(b) + `created AS (
  ` + r.insert(b) + `
  WHERE true` + r.unlessExisting() + `
  RETURNING ` + r.projection(unless(OnInsert, r.altered(b), number(pgdb.RowCreated))) + `
)
TABLE created` + r.existingBranch())
}

// insertOne inserts the new row and returns nothing but whether it did. A lookup
// of the holder in the same statement would cost a fifth of the whole, whether it
// finds one or not.
func (r renderer) insertOne() Statement {
	b := newBinder()
	return b.statement(`INSERT INTO ` + r.table + ` (` + list(r.inserted(), "") + `)
  VALUES (` + strings.Join(r.newValues(b), ", ") + `)
  -- waits for a concurrent winner instead of creating a duplicate, and leaves
  -- the transaction usable
  ` + r.inference())
}
