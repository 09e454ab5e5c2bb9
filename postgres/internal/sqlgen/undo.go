package sqlgen

import (
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// undoMarker begins the text that a statement fails to cast to a number when it
// undoes itself. The server quotes the text in its report (22P02), whatever its
// language; nothing else produces it.
const undoMarker = "assignment-undo:"

// unreplaced is why a replace undoes itself that retired the holder, but created
// no successor.
const unreplaced = "unreplaced"

// Event is what a statement does to a row, as triggers call it.
type Event string

// The events.
const (
	OnInsert Event = "INSERT"
	OnUpdate Event = "UPDATE"
)

// difference is one way in which a stored row may not be what was requested.
type difference struct {
	// name is that of the attribute which differs; none means that nothing does.
	name string
	// when is the condition on the stored row.
	when text
}

// unless renders the kind of a stored row, which fails, and so undoes the whole
// statement, when one of the differences applies. A trigger can change any value
// before it is stored; success would then mean a row that the caller can't find,
// or that holds another slot. The text depends on the row, since the planner
// evaluates what is constant.
func unless(of Event, differences []difference, kind text) text {
	if len(differences) == 0 {
		return kind
	}
	undo := text{"COALESCE((", "  '" + undoMarker + string(of) + ":' || CASE"}
	for _, d := range differences {
		name := "NULL"
		if d.name != "" {
			name = sqltext.Literal(d.name)
		}
		condition := ended(d.when, " THEN "+name)
		undo = append(undo, "    WHEN "+condition[0])
		undo = append(undo, condition[1:].nested().nested().nested()...)
	}
	undo = append(undo, "  END || ';'", ")::int, "+kind[0])
	return ended(append(undo, kind[1:]...), ")")
}

// explained puts a comment before clauses that may undo the statement, for what
// a trigger did.
func explained(clauses text) text {
	for _, line := range clauses {
		if strings.Contains(line, undoMarker) {
			return stacked(text{"-- prevents a row other than the requested one: undoes the statement when a trigger changed it"}, clauses)
		}
	}
	return clauses
}

// altered are the ways in which a new row may have been stored otherwise than
// requested. The host may change other attributes.
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
		// without one, ID and subject recognise a repeated call
		isOther := r.request.quoted() + " <> " + r.request.match(from.text(r.request))
		differences = append(differences, difference{r.request.name, text{isOther}})
	}
	return append(differences, r.notInitial()...)
}

func (r renderer) isNot(from source, f field) difference {
	return difference{f.name, text{f.quoted() + " IS DISTINCT FROM " + f.match(from.text(f))}}
}

// notInitial are the differences that are the same for all new rows.
func (r renderer) notInitial() []difference {
	differences := []difference{r.isOtherStatus(r.lifecycle.Initial())}
	if r.version.mapped() {
		differences = append(differences, difference{r.version.name, text{r.version.quoted() + " IS DISTINCT FROM 1"}})
	}
	return differences
}

func (r renderer) isOtherStatus(than assignment.Status) difference {
	return difference{r.status.name, text{r.status.quoted() + " IS DISTINCT FROM " + sqltext.Literal(string(than))}}
}

// Undo is what a statement reports that undid itself.
type Undo struct {
	Event Event
	// Attribute would have been stored otherwise than requested.
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

// IsUnreplaced recognises a replace that undid itself because it created no
// successor.
func IsUnreplaced(report pgdb.ServerError) bool {
	undo, ok := ReadUndo(report)
	return ok && undo.Attribute == unreplaced
}
