package sqlgen

import (
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

// selectStored reads rows. It names the table apart from the result columns, which
// may have the names of other columns.
func (r renderer) selectStored() text { return r.selectAs(pgdb.RowRead, r.table+" AS stored") }

// selectAs selects the rows of a source as rows of a kind.
func (r renderer) selectAs(k pgdb.RowKind, source string) text {
	return stacked(r.projection("SELECT", kind(k)), text{"FROM " + source})
}

// columns selects the stored columns of the table.
func (r renderer) columns() text {
	return stacked(listed("SELECT ", names(r.stored(), ""), ""), text{"FROM " + r.table})
}

// hasID is the condition that a row has the ID of the input.
func (r renderer) hasID(b *binder) string {
	return r.id.quoted() + " = " + r.id.match(b.of(r.id))
}

// holdsSlot are the conditions that a row holds the slot of the new row.
func (r renderer) holdsSlot(b *binder) []string {
	return []string{
		r.assignee.quoted() + " = " + r.assignee.match(b.of(r.assignee)),
		r.subject.quoted() + " = " + r.subject.match(b.of(r.subject)),
		r.active,
	}
}

// joinHolder joins the rows that hold the slots of an assignee and a subject. The
// guard may word its predicate otherwise than the SDK, and its columns have no
// prefix, so that it can't appear beside those of another source. Only the mapped
// columns are read: the role may have no right to the others.
func (r renderer) joinHolder(assignee, subject string) text {
	return stacked(
		text{"JOIN ("},
		stacked(r.columns(), where(r.active)).nested(),
		text{
			") AS holder",
			"ON holder." + r.assignee.quoted() + " = " + assignee,
			"  AND holder." + r.subject.quoted() + " = " + subject,
		})
}

// conflict is the arbiter clause that every insert has. Without a usable guard
// PostgreSQL rejects it (42P10), so that an insert doubles as a check of the
// guard.
func (r renderer) conflict() text {
	return text{"ON CONFLICT (" + r.assignee.quoted() + ", " + r.subject.quoted() + ") WHERE " + r.active, "DO NOTHING"}
}

// guardedConflict is the clause of inserts that may meet a holder.
func (r renderer) guardedConflict() text {
	return stacked(text{
		"-- prevents the check-then-create race: waits for a transaction that inserts into the same slot,",
		"-- and inserts nothing beside its row. That is no violation: the transaction remains usable",
	}, r.conflict())
}

// asserted renders an insert that never inserts anything. The planner rejects it
// (42P10) when no unique index fits its arbiter clause.
func (r renderer) asserted(source string, arbiter text) text {
	key := r.assignee.quoted() + ", " + r.subject.quoted() + ", " + r.status.quoted()
	return stacked(text{
		"INSERT INTO " + r.table + " (" + key + ")",
		"SELECT " + key,
		"FROM " + source,
		"WHERE false",
	}, arbiter)
}

// guarded asserts the guard, for statements that would not notice that it is
// missing.
func (r renderer) guarded(source string) cte {
	return as("guarded",
		text{"-- prevents a second active row when the guard is missing: then planning fails (42P10)"},
		r.asserted(source, r.conflict()))
}

// identified asserts that the ID is unique; nothing where no index is to do that.
func (r renderer) identified() cte {
	if r.DatabaseIDs || r.IDNotUnique {
		return cte{}
	}
	return as("identified",
		text{"-- prevents a second row for a repeated call when the ID is not unique: then planning fails (42P10)"},
		r.asserted(r.table, text{"ON CONFLICT (" + r.id.quoted() + ") DO NOTHING"}))
}

// existing finds the row that has the new row's ID already; nothing when the
// database makes the IDs.
func (r renderer) existing(b *binder) cte {
	if r.DatabaseIDs {
		return cte{}
	}
	return materialized("existing", r.columns(), where(r.hasID(b)))
}

// unlessExisting adds to the conditions that the new row's ID was not found.
func (r renderer) unlessExisting(conditions ...string) text {
	if r.DatabaseIDs {
		return where(conditions...)
	}
	return where(append(conditions, "NOT EXISTS (SELECT FROM existing)")...)
}

// selectExisting returns the row which has the new row's ID already; nothing when
// the database makes the IDs.
func (r renderer) selectExisting() text {
	if r.DatabaseIDs {
		return nil
	}
	return r.selectAs(pgdb.RowExisting, "existing")
}

// mayMove is the condition on the present status under which the row may move to
// the status. A row with a status that the lifecycle does not know may be closed.
func (r renderer) mayMove(to assignment.Status) string {
	var from, other []assignment.Status
	for _, status := range r.lifecycle.Statuses() {
		if r.lifecycle.Allows(status, to) {
			from = append(from, status)
		} else {
			other = append(other, status)
		}
	}
	switch {
	case r.lifecycle.IsTerminal(to):
		return r.status.quoted() + " NOT IN (" + sqltext.Statuses(other) + ")"
	case len(from) == 0:
		return "false"
	default:
		return r.status.quoted() + " IN (" + sqltext.Statuses(from) + ")"
	}
}
