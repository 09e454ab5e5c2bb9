package sqlgen_test

import (
	"slices"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// pair are the input of the default table's row and of another one, which differs
// in ID and key.
func pair(t *testing.T, change func(*assignment.Assignment)) []*sqlgen.Input {
	t.Helper()
	other := func(a *assignment.Assignment) {
		a.ID, a.Key.SubjectID, a.Request = "2", "20", "another"
		change(a)
	}
	table := defaultTable(nil)
	return []*sqlgen.Input{table.encode(t, unchanged), table.encode(t, other)}
}

func TestCanBatch(t *testing.T) {
	for name, want := range map[string]bool{
		"default": true, "default_triggers": true, "uuid_enum": true,
		"bigint_identity": false, // the IDs are not known before
		"partitioned":     false, // the IDs are locked one by one
	} {
		t.Run(name, func(t *testing.T) {
			if got := tables()[name].statements().CanBatch(); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestCreateManyParameters(t *testing.T) {
	s := defaultTable(nil).statements()
	t.Run("what_uniform_rows_have_in_common_is_sent_once", func(t *testing.T) {
		rows := pair(t, unchanged)
		names := s.CreateManyNames(sqlgen.Trusting, rows)
		want := []string{
			"id[]", "assignee_id[]", "subject_id[]", "assigned_by", "account_id", "due_at", "created_at", "metadata", "request[]",
		}
		if !slices.Equal(names, want) {
			t.Errorf("got  %v\nwant %v", names, want)
		}
		wantArgs(t, s.CreateMany(sqlgen.Trusting, rows),
			`{"1","2"}`, `{"17","17"}`, `{"18","20"}`, "lead", "account", at().Add(time.Hour).Truncate(time.Microsecond),
			at().Truncate(time.Microsecond), `{"a":1}`, `{"fingerprint","another"}`)
	})
	for name, change := range map[string]func(*assignment.Assignment){
		"assigned_by": func(a *assignment.Assignment) { a.AssignedBy = "other" },
		"account":     func(a *assignment.Assignment) { a.AccountID = "other" },
		"due_at":      func(a *assignment.Assignment) { a.DueAt = time.Time{} },
		"created_at":  func(a *assignment.Assignment) { a.CreatedAt = at().Add(time.Hour) },
		"updated_at":  func(a *assignment.Assignment) { a.UpdatedAt = at().Add(time.Hour) },
		"metadata":    func(a *assignment.Assignment) { a.Metadata = nil },
	} {
		t.Run("rows_that_differ_in_"+name+"_are_not_uniform", func(t *testing.T) {
			if names := s.CreateManyNames(sqlgen.Trusting, pair(t, change)); names[3] != "assigned_by[]" {
				t.Errorf("the parameters are %v", names)
			}
		})
	}
	t.Run("a_difference_that_no_column_stores_does_not_matter", func(t *testing.T) {
		rows := pair(t, func(a *assignment.Assignment) { a.CreatedAt = at().Truncate(time.Microsecond) })
		if names := s.CreateManyNames(sqlgen.Trusting, rows); names[3] != "assigned_by" {
			t.Errorf("the parameters are %v", names)
		}
	})
}

func TestArrays(t *testing.T) {
	s := defaultTable(nil).statements()
	t.Run("an_element_is_quoted_and_escaped", func(t *testing.T) {
		wantArgs(t, s.GetMany([]assignment.ID{`a"b`, `c\d`, `e,{}`, "NULL"}), `{"a\"b","c\\d","e,{}","NULL"}`)
	})
	t.Run("an_empty_list_is_an_empty_array", func(t *testing.T) {
		wantArgs(t, s.GetMany(nil), "{}")
	})
	t.Run("a_list_of_none_is_an_empty_array", func(t *testing.T) {
		none := func(a *assignment.Assignment) { a.AssignedBy, a.DueAt, a.Metadata = "", time.Time{}, nil }
		rows := []*sqlgen.Input{defaultTable(nil).encode(t, none), defaultTable(nil).encode(t, none)}
		args := s.InsertBatch(rows).Args
		for _, i := range []int{3, 5, 7} {
			if args[i] != "{}" {
				t.Errorf("%s is %v", s.InsertBatchNames()[i], args[i])
			}
		}
	})
	t.Run("one_of_none_is_the_empty_text", func(t *testing.T) {
		rows := pair(t, func(a *assignment.Assignment) { a.AssignedBy, a.DueAt = "", time.Time{} })
		args := s.InsertBatch(rows).Args
		if args[3] != `{"lead",""}` || args[5] != `{"2020-01-02 04:04:05.678912Z",""}` {
			t.Errorf("got %v and %v", args[3], args[5])
		}
	})
	t.Run("a_time_is_in_utc", func(t *testing.T) {
		rows := pair(t, func(a *assignment.Assignment) {
			a.DueAt = time.Date(2020, time.January, 2, 1, 0, 0, 0, time.FixedZone("", 2*60*60))
		})
		if got := s.InsertBatch(rows).Args[5]; got != `{"2020-01-02 04:04:05.678912Z","2020-01-01 23:00:00Z"}` {
			t.Errorf("got %v", got)
		}
	})
}

func TestInserted(t *testing.T) {
	rows := []*sqlgen.Input{{}, {}}
	rows[0].Row.ID, rows[1].Row.ID = "a", "b"
	t.Run("all_rows_are_one_word", func(t *testing.T) {
		inserted, err := sqlgen.Inserted("all", rows)
		if err != nil || !inserted["a"] || !inserted["b"] {
			t.Errorf("got %v, %v", inserted, err)
		}
	})
	t.Run("some_rows_are_a_list", func(t *testing.T) {
		inserted, err := sqlgen.Inserted(`["b"]`, rows)
		if err != nil || inserted["a"] || !inserted["b"] {
			t.Errorf("got %v, %v", inserted, err)
		}
	})
	t.Run("no_row_is_an_empty_list", func(t *testing.T) {
		inserted, err := sqlgen.Inserted(`[]`, rows)
		if err != nil || len(inserted) > 0 {
			t.Errorf("got %v, %v", inserted, err)
		}
	})
	t.Run("another_reply_is_an_error", func(t *testing.T) {
		if _, err := sqlgen.Inserted("?", rows); err == nil {
			t.Error("no error")
		}
	})
}
