package sqlgen_test

import (
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

func TestReadUndo(t *testing.T) {
	t.Run("names_the_event_and_the_attribute_in_any_language", func(t *testing.T) {
		report := pgdb.ServerError{Code: "22P02", Message: `ungültige Eingabesyntax für Typ integer: »assignment-undo:INSERT:Key.AssigneeID;«`}
		undo, ok := sqlgen.ReadUndo(report)
		if !ok || undo.Event != sqlgen.OnInsert || undo.Attribute != sqlgen.AttributeAssignee {
			t.Errorf("got %+v, %v", undo, ok)
		}
	})
	t.Run("a_replace_without_a_successor_is_told_apart", func(t *testing.T) {
		report := pgdb.ServerError{Code: "22P02", Message: `invalid input syntax for type integer: "assignment-undo:UPDATE:unreplaced;"`}
		if !sqlgen.IsUnreplaced(report) {
			t.Errorf("%+v is not recognised", report)
		}
	})
	for name, report := range map[string]pgdb.ServerError{
		"another_text":               {Code: "22P02", Message: `invalid input syntax for type integer: "x"`},
		"another_code":               {Code: "P0001", Message: "assignment-undo:INSERT:Status;"},
		"a_text_that_was_cut_short":  {Code: "22P02", Message: `"assignment-undo:INSERT:Status`},
		"a_text_without_a_separator": {Code: "22P02", Message: `"assignment-undo:INSERT;"`},
	} {
		t.Run(name+"_is_none", func(t *testing.T) {
			if undo, ok := sqlgen.ReadUndo(report); ok {
				t.Errorf("got %+v, want none", undo)
			}
		})
	}
}
