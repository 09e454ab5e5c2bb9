package sqlgen

import (
	"fmt"
	"slices"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// renderer writes SQL for one table and lifecycle. Its methods render the parts
// that several statements have.
type renderer struct {
	Layout

	table     string
	lifecycle assignment.Lifecycle
	active    string // the guard's predicate
}

// columns is the list of all columns that are stored.
func (r renderer) columns() string { return list(r.stored(), "") }

// selectRows names the table apart from the result columns, which may have the
// names of other columns.
func (r renderer) selectRows() string {
	return "SELECT " + r.projection(number(pgdb.RowRead)) + "\nFROM " + r.table + " AS kept"
}

// hasID renders the condition that a row has the ID of the input.
func (r renderer) hasID(b *binder) string {
	return r.id.quoted() + " = " + r.id.match(b.of(r.id))
}

// holdsSlot renders the condition that a row holds the slot of the new row.
func (r renderer) holdsSlot(b *binder) string {
	return r.assignee.quoted() + " = " + r.assignee.match(b.of(r.assignee)) + " AND " +
		r.subject.quoted() + " = " + r.subject.match(b.of(r.subject)) + " AND " + r.active
}

// activeRows renders the source of all rows that hold their slots. The guard may
// word its predicate otherwise than the SDK, and its columns have no prefix, so
// that it can't appear beside those of another source. Only the mapped columns are
// read: the role may have no right to the others.
func (r renderer) activeRows() string {
	return "(SELECT " + r.columns() + " FROM " + r.table + " WHERE " + r.active + ")"
}

// inference is the arbiter clause that every insert has. Without a usable guard
// PostgreSQL rejects it (42P10), so that an insert doubles as a check of the
// guard.
func (r renderer) inference() string {
	return "ON CONFLICT (" + list([]field{r.assignee, r.subject}, "") + ") WHERE " + r.active + " DO NOTHING"
}

// asserted renders an insert that never inserts anything, with its comma. The
// planner rejects it (42P10) when no unique index fits the arbiter clause: proof
// that the index is there for statements that would not notice.
func (r renderer) asserted(name, arbiter string) string {
	key := list([]field{r.assignee, r.subject, r.status}, "")
	return name + ` AS (
  INSERT INTO ` + r.table + ` (` + key + `) SELECT ` + key + ` FROM ` + r.table + ` WHERE false
  ` + arbiter + `
), `
}

// guarded asserts the guard.
func (r renderer) guarded() string { return r.asserted("guarded", r.inference()) }

// identified asserts that the ID is unique, which keeps a repeated call from
// making a second row. It is empty where no index is to do that.
func (r renderer) identified() string {
	if r.DatabaseIDs || r.IDNotUnique {
		return ""
	}
	return r.asserted("identified", "ON CONFLICT ("+r.id.quoted()+") DO NOTHING")
}

// existing renders the lookup of the row that has the new row's ID already, with
// its comma; empty when the database makes the IDs.
func (r renderer) existing(b *binder) string {
	if r.DatabaseIDs {
		return ""
	}
	return `own AS MATERIALIZED (
  SELECT ` + r.columns() + ` FROM ` + r.table + ` WHERE ` + r.hasID(b) + `
), `
}

// unlessExisting renders the condition that the new row's ID was not found.
func (r renderer) unlessExisting() string {
	if r.DatabaseIDs {
		return ""
	}
	return ` AND NOT EXISTS (SELECT FROM own)`
}

// existingBranch renders the branch that returns the row which has the new row's
// ID already; empty when the database makes the IDs.
func (r renderer) existingBranch() string {
	if r.DatabaseIDs {
		return ""
	}
	return `
UNION ALL
SELECT ` + r.projection(number(pgdb.RowExisting)) + ` FROM own`
}

// mayNotMove renders the known statuses from which to can't be reached, itself
// included; unknown statuses are not among them, since those may be closed.
func (r renderer) mayNotMove(to assignment.Status) []assignment.Status {
	return slices.DeleteFunc(r.lifecycle.Statuses(), func(from assignment.Status) bool {
		return r.lifecycle.Allows(from, to)
	})
}

// mayMove renders the condition on the present status under which the row may
// move to the status.
func (r renderer) mayMove(to assignment.Status) string {
	if r.lifecycle.IsTerminal(to) {
		return fmt.Sprintf(`%s NOT IN (%s)`, r.status.quoted(), sqltext.Statuses(r.mayNotMove(to)))
	}
	from := slices.DeleteFunc(r.lifecycle.Statuses(), func(from assignment.Status) bool {
		return !r.lifecycle.Allows(from, to)
	})
	if len(from) == 0 {
		return "false"
	}
	return fmt.Sprintf(`%s IN (%s)`, r.status.quoted(), sqltext.Statuses(from))
}
