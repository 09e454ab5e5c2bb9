package engine

import (
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// order renders the order of lists. It names columns apart from the result
// columns, which may bear the same names.
func (p *plan) order() string {
	if !p.created.mapped() {
		return p.sortID(ofTable)
	}
	return p.sortTime(ofTable) + ", " + p.sortID(ofTable)
}

// ofTable is the prefix of the table's own columns in a read.
const ofTable = "kept."

// sortTime puts rows without a time first, as their cursor says.
func (p *plan) sortTime(prefix string) string {
	if p.created.nullable {
		return "COALESCE(" + prefix + p.created.quoted() + ", '-infinity')"
	}
	return prefix + p.created.quoted()
}

// sortID compares the bytes of the ID. Those of a uuid are in the order of its
// text.
func (p *plan) sortID(prefix string) string {
	switch p.id.form {
	case formUUID:
		return prefix + p.id.quoted()
	case formText, formVarchar:
		return prefix + p.id.quoted() + ` COLLATE "C"`
	default:
		return p.textID(prefix)
	}
}

func (p *plan) textID(prefix string) string { return prefix + p.id.quoted() + `::text COLLATE "C"` }

// behind adds the condition that a row comes after the cursor. The comparison
// of both columns at once is what an index on them can serve.
func (p *plan) behind(w *where, after assignment.Cursor) {
	if after.IsZero() {
		return
	}
	id, bound := p.sortID(ofTable), w.bind(string(after.ID))+"::text"
	switch {
	case p.id.form != formUUID:
	case p.id.rejects(string(after.ID)) == "":
		bound += "::uuid"
	default: // a place between two IDs
		id = p.textID(ofTable)
	}
	if !p.created.mapped() {
		w.add(id + " > " + bound)
		return
	}
	w.add("(" + p.sortTime(ofTable) + ", " + id + ") > (" + p.place(w, after) + ", " + bound + ")")
}

// place renders the creation time of a cursor. One at the limits can stand for
// a time beyond, so that the row is asked, if it is still there.
func (p *plan) place(w *where, after assignment.Cursor) string {
	if !after.CreatedAt.IsZero() && !p.isLatest(after.CreatedAt) {
		return p.created.match(w.bind(after.CreatedAt))
	}
	beyond := "'-infinity'"
	if !after.CreatedAt.IsZero() {
		beyond = "'infinity'"
	}
	if p.id.rejects(string(after.ID)) != "" {
		return beyond
	}
	return "COALESCE((SELECT min(" + p.sortTime("") + ") FROM " + p.table.String() +
		" WHERE " + p.id.quoted() + " = " + p.id.match(w.bind(string(after.ID))) + "), " + beyond + ")"
}

func (p *plan) isLatest(t time.Time) bool {
	return !t.Before(pgdb.Latest().Truncate(p.created.unit()))
}
