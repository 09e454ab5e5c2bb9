package sqlgen_test

import (
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// TestViolation tells indexes apart by what they are about, not by their names.
func TestViolation(t *testing.T) {
	s := sqlgen.New(tables()["default"].report.Table, assignment.DefaultLifecycle())
	for name, test := range map[string]struct {
		reply       string
		guard, byID bool
	}{
		"the guard":                       {`{"columns": ["assignee_id", "subject_id"], "predicate": "p", "guard": "p"}`, true, false},
		"its copy while it is rebuilt":    {`{"columns": ["subject_id", "assignee_id"], "predicate": "p", "guard": ""}`, true, false},
		"another predicate":               {`{"columns": ["assignee_id", "subject_id"], "predicate": "q", "guard": "p"}`, false, false},
		"no predicate":                    {`{"columns": ["assignee_id", "subject_id"], "predicate": "", "guard": "p"}`, false, false},
		"one more column":                 {`{"columns": ["assignee_id", "subject_id", "id"], "predicate": "p", "guard": "p"}`, false, false},
		"the primary key":                 {`{"columns": ["id"], "predicate": "", "guard": "p"}`, false, true},
		"the ID of some rows":             {`{"columns": ["id"], "predicate": "p", "guard": "p"}`, false, false},
		"the ID and the time":             {`{"columns": ["id", "created_at"], "predicate": "", "guard": "p"}`, false, false},
		"an index that is there no more":  {`{"columns": null, "predicate": "", "guard": "p"}`, false, false},
		"a table that is there no longer": {``, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := sqlgen.ReadViolation(pgdb.ServerError{}, test.reply)
			if err != nil || v.IsGuard(s) != test.guard || v.IsID(s) != test.byID {
				t.Errorf("guard %v, ID %v, %v; want %v, %v", v.IsGuard(s), v.IsID(s), err, test.guard, test.byID)
			}
		})
	}
	t.Run("a reply that is no JSON", func(t *testing.T) {
		if _, err := sqlgen.ReadViolation(pgdb.ServerError{}, "{"); err == nil {
			t.Error("no error")
		}
	})
}

// TestViolationIsAbout compares a row with the values in the server's report, in
// whatever language that is.
func TestViolationIsAbout(t *testing.T) {
	s := sqlgen.New(tables()["default"].report.Table, assignment.DefaultLifecycle())
	row := assignment.Assignment{ID: "i", Key: assignment.Key{AssigneeID: "a", SubjectID: "s"}}
	for name, test := range map[string]struct {
		columns, detail string
		want            bool
	}{
		"its key":                {`["assignee_id", "subject_id"]`, `Key (assignee_id, subject_id)=(a, s) already exists.`, true},
		"its key, in German":     {`["assignee_id", "subject_id"]`, `Schlüssel »(assignee_id, subject_id)=(a, s)« existiert bereits.`, true},
		"another key":            {`["assignee_id", "subject_id"]`, `Key (assignee_id, subject_id)=(a, t) already exists.`, false},
		"its ID":                 {`["id"]`, `Key (id)=(i) already exists.`, true},
		"another ID":             {`["id"]`, `Key (id)=(j) already exists.`, false},
		"values that are secret": {`["id"]`, ``, true},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := sqlgen.ReadViolation(pgdb.ServerError{Detail: test.detail}, `{"columns": `+test.columns+`}`)
			if err != nil || v.IsAbout(s, row) != test.want {
				t.Errorf("got %v, %v, want %v", v.IsAbout(s, row), err, test.want)
			}
		})
	}
}
