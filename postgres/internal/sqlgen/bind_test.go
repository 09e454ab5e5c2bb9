package sqlgen_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// named are the parameters of a statement by their names.
func named(s sqlgen.Statement, in *sqlgen.Input) map[string]any {
	values := make(map[string]any)
	for i, name := range s.ParameterNames() {
		values[name] = s.Bind(in).Args[i]
	}
	return values
}

func TestBind(t *testing.T) {
	t.Run("each_parameter_has_the_value_of_its_column", func(t *testing.T) {
		table := defaultTable(nil)
		got := named(table.statements().InsertOne, table.encode(t, unchanged))
		want := map[string]any{
			"id": "1", "assignee_id": "17", "subject_id": "18", "assigned_by": "lead", "account_id": "account",
			"due_at": at().Add(time.Hour).Truncate(time.Microsecond), "created_at": at().Truncate(time.Microsecond),
			"metadata": `{"a":1}`, "request": "fingerprint",
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	})
	t.Run("none_is_null", func(t *testing.T) {
		table := defaultTable(nil)
		in := table.encode(t, func(a *assignment.Assignment) { a.AssignedBy, a.DueAt, a.Metadata = "", time.Time{}, nil })
		for _, name := range []string{"assigned_by", "due_at", "metadata"} {
			if value := named(table.statements().InsertOne, in)[name]; value != nil {
				t.Errorf("%s is %v, want nil", name, value)
			}
		}
	})
	t.Run("a_host_column_has_the_value_of_the_host", func(t *testing.T) {
		table := partitioned()
		if got := named(table.statements().InsertOne, table.encode(t, unchanged))["tenant"]; got != 5 {
			t.Errorf("got %v, want 5", got)
		}
	})
	t.Run("a_time_that_is_truncated_otherwise_is_a_parameter_of_its_own", func(t *testing.T) {
		table := uuidEnum()
		got := named(table.statements().InsertOne, table.encode(t, unchanged))
		if got["created_at"] != at().Truncate(time.Millisecond) || got["updated_at"] != at().Truncate(time.Second) {
			t.Errorf("got %v and %v", got["created_at"], got["updated_at"])
		}
	})
	t.Run("a_change_has_its_own_values", func(t *testing.T) {
		in := &sqlgen.Input{Row: assignment.Assignment{ID: "1"}, Change: assignment.Change{AssigneeID: "19", At: at(), IfVersion: 3}}
		got := named(defaultTable(nil).statements().Reassign, in)
		want := map[string]any{
			"id": "1", "assignee_id": "19", "updated_at": at().Truncate(time.Microsecond), "if_version": int64(3),
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	})
	t.Run("an_exact_replace_has_the_number_of_locked_rows", func(t *testing.T) {
		table := defaultTable(nil)
		in := table.encode(t, unchanged)
		in.Locked = 1
		replace, _ := table.statements().Replace(assignment.StatusCancelled)
		if got := named(replace.Exact, in)["locked"]; got != 1 {
			t.Errorf("got %v, want 1", got)
		}
	})
	t.Run("a_statement_for_an_unknown_status_does_not_exist", func(t *testing.T) {
		s := defaultTable(nil).statements()
		if _, known := s.Transition("unknown"); known {
			t.Error("there is a transition")
		}
		if _, known := s.Replace(assignment.StatusPending); known {
			t.Error("there is a replace that does not free the slot")
		}
	})
}

func TestResultColumns(t *testing.T) {
	t.Run("are_those_of_a_row_in_its_order", func(t *testing.T) {
		var want []string
		row := reflect.TypeFor[pgdb.Row]()
		for i := 1; i < row.NumField(); i++ {
			want = append(want, row.Field(i).Tag.Get("db"))
		}
		if got := defaultTable(nil).statements().ResultNames(); !slices.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	})
}

func TestExpressions(t *testing.T) {
	for _, test := range []struct {
		column              guard.Column
		match, read, stored string
	}{
		{guard.Column{Name: "id", PGType: guard.Text, Cast: "text"}, `"id" = $1::text`, `"id", `, `$1::text`},
		{guard.Column{Name: "id", PGType: guard.Varchar, Cast: "varchar"}, `"id" = $1::text`, `"id", `, `$1::text`},
		{guard.Column{Name: "id", PGType: guard.UUID, Cast: "uuid"}, `"id" = $1::text::uuid`, `"id"::text AS id`, `$1::text::uuid`},
		{guard.Column{Name: "id", PGType: guard.Smallint, Cast: "smallint"}, `"id" = $1::text::smallint`, `"id"::text AS id`, `$1::text::smallint`},
		{guard.Column{Name: "id", PGType: guard.Bigint, Cast: "bigint"}, `"id" = $1::text::bigint`, `"id"::text AS id`, `$1::text::bigint`},
		{guard.Column{Name: "status", PGType: guard.Enum, Cast: `"s"."state"`}, "", `"status"::text AS status`, `'pending'::text::"s"."state"`},
		{guard.Column{Name: "due_at", PGType: guard.TimestampTZ}, "", `"due_at", `, `$6::timestamptz`},
		{guard.Column{Name: "due_at", PGType: guard.Timestamp}, "", `"due_at" AT TIME ZONE 'UTC' AS due_at`, `($6::timestamptz AT TIME ZONE 'UTC'),`},
		{guard.Column{Name: "due_at", PGType: guard.Date}, "", `"due_at"::timestamp AT TIME ZONE 'UTC' AS due_at`, `($6::timestamptz AT TIME ZONE 'UTC')::date`},
		{guard.Column{Name: "metadata", PGType: guard.JSON, Cast: "json"}, "", `"metadata", `, `$8::text::json,`},
		{guard.Column{Name: "version", PGType: guard.Integer, Cast: "integer"}, "", `"version", `, ` 1,`},
	} {
		t.Run(test.column.Name+"_as_"+string(test.column.PGType), func(t *testing.T) {
			s := defaultTable(&guard.Catalog{Kind: "r", Columns: []guard.Column{test.column}}).statements()
			wantSQL(t, s.Get.SQL(), test.match)
			wantSQL(t, s.Get.SQL(), test.read)
			wantSQL(t, s.InsertOne.SQL(), test.stored)
		})
	}
	t.Run("a_nullable_version_counts_as_new", func(t *testing.T) {
		wantSQL(t, bigintIdentity().statements().Reassign.SQL(), `SET "reader_id" = $2::text::integer, "version" = COALESCE("version", 1) + 1`)
	})
}
