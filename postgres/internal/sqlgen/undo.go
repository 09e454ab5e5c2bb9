package sqlgen

import (
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// undoMarker begins the text that a statement fails to cast to a number when it
// undoes itself. The server quotes the text in its report (22P02), in whatever
// language that is; nothing else produces it.
const undoMarker = "assignment-undo:"

// unreplaced is why a replace undoes itself that retired the holder and has
// no successor to show.
const unreplaced = "unreplaced"

// Event is what a statement does to a row, as triggers call it.
type Event string

// The events.
const (
	OnInsert Event = "INSERT"
	OnUpdate Event = "UPDATE"
)

// difference is one way in which a stored row may not be what was asked for.
type difference struct {
	// name is that of the attribute which differs; none means that nothing does.
	name string
	// when is the condition on the stored row.
	when string
}

// unless renders the kind of a stored row, which fails, and so undoes the whole
// statement, when one of the differences applies. A trigger can change any
// value before it is stored; a caller that was told success would then own a row
// that it can't find, or hold another slot. The text depends on the row, since
// the planner evaluates what is constant.
func unless(of Event, differences []difference, kind string) string {
	if len(differences) == 0 {
		return kind
	}
	var cases strings.Builder
	for _, d := range differences {
		name := "NULL"
		if d.name != "" {
			name = sqltext.Literal(d.name)
		}
		cases.WriteString(" WHEN " + d.when + " THEN " + name)
	}
	return "COALESCE(('" + undoMarker + string(of) + ":' || CASE" + cases.String() + " END || ';')::int, " + kind + ")"
}

// altered are the ways in which a new row may have been stored otherwise than
// asked. Other attributes are the host's to change.
func (r renderer) altered(from source) []difference {
	if !r.Triggers.BeforeInsert {
		return nil
	}
	var differences []difference
	if !r.DatabaseIDs {
		differences = append(differences, r.isNot(from, r.id))
	}
	differences = append(differences, r.isNot(from, r.assignee), r.isNot(from, r.subject))
	if r.request.mapped() && !r.DatabaseIDs {
		// one that is gone leaves it to ID and subject to recognise a repeated call
		differences = append(differences, difference{r.request.name, r.request.quoted() + " <> " + r.request.match(from.text(r.request))})
	}
	return append(differences, r.notInitial()...)
}

func (r renderer) isNot(from source, f field) difference {
	return difference{f.name, f.quoted() + " IS DISTINCT FROM " + f.match(from.text(f))}
}

// notInitial is what can be told of a new row without knowing which it is.
func (r renderer) notInitial() []difference {
	differences := []difference{r.isOtherStatus(r.lifecycle.Initial())}
	if r.version.mapped() {
		differences = append(differences, difference{r.version.name, r.version.quoted() + " IS DISTINCT FROM 1"})
	}
	return differences
}

func (r renderer) isOtherStatus(than assignment.Status) difference {
	return difference{r.status.name, r.status.quoted() + " IS DISTINCT FROM " + sqltext.Literal(string(than))}
}

// Undo is what a statement reports that undid itself.
type Undo struct {
	Event Event
	// Attribute is what would have been stored otherwise than asked.
	Attribute string
}

// ReadUndo reads from a report of the server that the statement undid itself.
func ReadUndo(report pgdb.ServerError) (Undo, bool) {
	if report.Code != "22P02" {
		return Undo{}, false
	}
	_, rest, found := strings.Cut(report.Message, undoMarker)
	why, _, ended := strings.Cut(rest, ";")
	event, attribute, named := strings.Cut(why, ":")
	return Undo{Event: Event(event), Attribute: attribute}, found && ended && named
}

// IsUnreplaced recognises a replace that undid itself for want of a successor.
func IsUnreplaced(report pgdb.ServerError) bool {
	undo, ok := ReadUndo(report)
	return ok && undo.Attribute == unreplaced
}
