package sqlgen

import (
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// order renders the order of lists. It names columns apart from the result
// columns, which may have the same names.
func (s *Statements) order() string {
	if !s.created.mapped() {
		return s.sortID(ofTable)
	}
	return s.sortTime(ofTable) + ", " + s.sortID(ofTable)
}

// ofTable is the prefix of the table's own columns in a read.
const ofTable = "stored."

// sortTime puts rows without a time first, as their cursor says.
func (s *Statements) sortTime(prefix string) string {
	if s.created.nullable {
		return "COALESCE(" + prefix + s.created.quoted() + ", '-infinity')"
	}
	return prefix + s.created.quoted()
}

// sortID compares the bytes of the ID. Those of a uuid are in the order of its
// text.
func (s *Statements) sortID(prefix string) string {
	switch s.id.pgType {
	case guard.UUID:
		return prefix + s.id.quoted()
	case guard.Text, guard.Varchar:
		return prefix + s.id.quoted() + ` COLLATE "C"`
	default:
		return s.textID(prefix)
	}
}

func (s *Statements) textID(prefix string) string {
	return prefix + s.id.quoted() + `::text COLLATE "C"`
}

// behind adds the condition that a row comes after the cursor. The comparison
// of both columns at once is what an index on them can serve.
func (s *Statements) behind(w *conditions, after assignment.Cursor) {
	if after.IsZero() {
		return
	}
	id, bound := s.sortID(ofTable), w.bind(string(after.ID))+"::text"
	switch {
	case s.id.pgType != guard.UUID:
	case s.id.rejects(string(after.ID)) == "":
		bound += "::uuid"
	default: // a place between two IDs
		id = s.textID(ofTable)
	}
	if !s.created.mapped() {
		w.add(id + " > " + bound)
		return
	}
	w.add("(" + s.sortTime(ofTable) + ", " + id + ") > (" + s.position(w, after) + ", " + bound + ")")
}

// position renders the creation time of a cursor. One at the limits can stand for
// a time beyond; then the row has it, if it is still there.
func (s *Statements) position(w *conditions, after assignment.Cursor) string {
	if !after.CreatedAt.IsZero() && !s.isLatest(after.CreatedAt) {
		return s.created.match(w.bind(after.CreatedAt))
	}
	beyond := "'-infinity'"
	if !after.CreatedAt.IsZero() {
		beyond = "'infinity'"
	}
	if s.id.rejects(string(after.ID)) != "" {
		return beyond
	}
	return text{
		"COALESCE((",
		"      SELECT min(" + s.sortTime("") + ")",
		"      FROM " + s.Table.String(),
		"      WHERE " + s.id.quoted() + " = " + s.id.match(w.bind(string(after.ID))),
		"    ), " + beyond + ")",
	}.String()
}

func (s *Statements) isLatest(t time.Time) bool {
	return !t.Before(pgdb.Latest().Truncate(s.created.unit()))
}
