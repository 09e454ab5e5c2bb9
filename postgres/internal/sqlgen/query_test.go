package sqlgen_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

func latest() time.Time {
	return time.Date(9999, time.December, 31, 23, 59, 59, 999_999_000, time.UTC)
}

// mustList returns what a query of five rows sends.
func mustList(t *testing.T, s *sqlgen.Statements, q assignment.Query) sqlgen.Bound {
	t.Helper()
	q.Limit = 5
	list, matches, err := s.List(q)
	if err != nil || !matches {
		t.Fatalf("the query matches: %v, %v", matches, err)
	}
	return list
}

func wantArgs(t *testing.T, b sqlgen.Bound, want ...any) {
	t.Helper()
	if !reflect.DeepEqual(b.Args, want) {
		t.Errorf("got the parameters %v, want %v", b.Args, want)
	}
}

func wantSQL(t *testing.T, sql, want string) {
	t.Helper()
	if !strings.Contains(sql, want) {
		t.Errorf("want %s in\n%s", want, sql)
	}
}

func TestListWhere(t *testing.T) {
	t.Run("every_condition_is_bound_in_order", func(t *testing.T) {
		list := mustList(t, defaultTable(nil).statements(), assignment.Query{
			AssigneeID: "17", SubjectID: "18", AccountID: "19", DueBefore: at(),
		})
		wantArgs(t, list, "17", "18", "19", at(), 5)
	})
	t.Run("a_value_that_the_column_cannot_hold_matches_nothing", func(t *testing.T) {
		for _, q := range []assignment.Query{{AssigneeID: "x"}, {SubjectID: "x"}} {
			if _, matches, err := uuidEnum().statements().List(q); matches || err != nil {
				t.Errorf("%+v matches: %v, %v", q, matches, err)
			}
			if _, matches, err := uuidEnum().statements().Count(q); matches || err != nil {
				t.Errorf("%+v counts: %v, %v", q, matches, err)
			}
		}
	})
	t.Run("a_condition_on_an_attribute_without_a_column_is_unsupported", func(t *testing.T) {
		s := bigintIdentity().statements()
		_, _, err := s.List(assignment.Query{AccountID: "a"})
		wantUnsupported(t, err, "AccountID")
		_, _, err = s.Count(assignment.Query{DueBefore: at()})
		wantUnsupported(t, err, "DueAt")
	})
	t.Run("active_rows_are_those_of_the_guard_in_its_words", func(t *testing.T) {
		list := mustList(t, partitioned().statements(), assignment.Query{ActiveOnly: true})
		wantSQL(t, list.SQL, "WHERE (status <> ALL ('{completed,cancelled}'))\n")
	})
}

func TestListStatuses(t *testing.T) {
	sides := `("status" NOT IN ('cancelled', 'completed') OR "status" IN ('cancelled', 'completed'))`
	pending, completed := assignment.StatusPending, assignment.StatusCompleted
	t.Run("both_sides_of_the_guard_are_named", func(t *testing.T) {
		for _, statuses := range [][]assignment.Status{nil, {pending, completed}} {
			list := mustList(t, defaultTable(nil).statements(), assignment.Query{AssigneeID: "17", Statuses: statuses})
			wantSQL(t, list.SQL, sides)
		}
	})
	t.Run("one_side_alone_is_not", func(t *testing.T) {
		for _, statuses := range [][]assignment.Status{{pending}, {completed}} {
			list := mustList(t, defaultTable(nil).statements(), assignment.Query{AssigneeID: "17", Statuses: statuses})
			if strings.Contains(list.SQL, sides) {
				t.Errorf("%v: both sides are named in\n%s", statuses, list.SQL)
			}
		}
	})
	t.Run("rows_without_a_status_are_on_no_side", func(t *testing.T) {
		s := defaultTable(&guard.Catalog{Kind: "r", Columns: []guard.Column{{Name: "status", PGType: guard.Text}}}).statements()
		if list := mustList(t, s, assignment.Query{AssigneeID: "17"}); strings.Contains(list.SQL, sides) {
			t.Errorf("they are left out by\n%s", list.SQL)
		}
	})
	t.Run("a_status_that_the_enum_lacks_is_left_out", func(t *testing.T) {
		list := mustList(t, uuidEnum().statements(), assignment.Query{Statuses: []assignment.Status{"unknown", pending}})
		wantSQL(t, list.SQL, `"state" IN ('pending')`)
	})
	t.Run("statuses_that_the_enum_lacks_match_nothing", func(t *testing.T) {
		_, matches, err := uuidEnum().statements().List(assignment.Query{Statuses: []assignment.Status{"unknown"}})
		if matches || err != nil {
			t.Errorf("the query matches: %v, %v", matches, err)
		}
	})
}

func TestListOrder(t *testing.T) {
	for _, test := range []struct {
		name  string
		table table
		want  string
	}{
		{"text_ids_by_their_bytes", defaultTable(nil), `ORDER BY stored."created_at", stored."id" COLLATE "C"`},
		{"integer_ids_as_texts", bigintIdentity(), `ORDER BY stored."created_at", stored."id"::text COLLATE "C"`},
		{"uuids_as_they_are", uuidEnum(), `stored."uid"` + "\n"},
		{"rows_without_a_time_first", uuidEnum(), `ORDER BY COALESCE(stored."opened_at", '-infinity'), `},
		{"by_id_alone_without_a_creation_time", withoutCreatedAt(), `ORDER BY stored."id" COLLATE "C"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantSQL(t, mustList(t, test.table.statements(), assignment.Query{}).SQL, test.want)
		})
	}
}

func withoutCreatedAt() table {
	t := defaultTable(nil)
	t.report.Table.Columns.CreatedAt = ""
	return t
}

func TestListAfter(t *testing.T) {
	after := func(at time.Time, id assignment.ID) assignment.Query {
		return assignment.Query{After: assignment.Cursor{CreatedAt: at, ID: id}}
	}
	t.Run("starts_behind_time_and_id", func(t *testing.T) {
		list := mustList(t, defaultTable(nil).statements(), after(at(), "1"))
		wantSQL(t, list.SQL, `(stored."created_at", stored."id" COLLATE "C") > ($2::timestamptz, $1::text)`)
		wantArgs(t, list, "1", at(), 5)
	})
	t.Run("starts_behind_the_id_alone_without_a_creation_time", func(t *testing.T) {
		list := mustList(t, withoutCreatedAt().statements(), after(time.Time{}, "1"))
		wantSQL(t, list.SQL, `WHERE stored."id" COLLATE "C" > $1::text`)
		wantArgs(t, list, "1", 5)
	})
	t.Run("compares_an_id_that_is_no_uuid_as_text", func(t *testing.T) {
		list := mustList(t, uuidEnum().statements(), after(at(), "x"))
		wantSQL(t, list.SQL, `stored."uid"::text COLLATE "C") > (`)
	})
	t.Run("no_time_may_be_one_before_all_that_callers_see", func(t *testing.T) {
		list := mustList(t, defaultTable(nil).statements(), after(time.Time{}, "1"))
		wantSQL(t, list.SQL, "), '-infinity'), $1::text)")
		wantArgs(t, list, "1", "1", 5)
	})
	t.Run("the_latest_time_may_be_one_after_all_that_callers_see", func(t *testing.T) {
		list := mustList(t, defaultTable(nil).statements(), after(latest(), "1"))
		wantSQL(t, list.SQL, "), 'infinity'), $1::text)")
	})
	t.Run("the_latest_time_is_that_which_the_column_stores", func(t *testing.T) {
		list := mustList(t, uuidEnum().statements(), after(latest().Truncate(time.Millisecond), uuidID))
		wantSQL(t, list.SQL, "), 'infinity'), $1::text::uuid)")
	})
	t.Run("an_id_that_no_row_can_have_is_not_searched_at_the_limits", func(t *testing.T) {
		list := mustList(t, uuidEnum().statements(), after(latest(), "x"))
		wantSQL(t, list.SQL, "> ('infinity', $1::text)")
		wantArgs(t, list, "x", 5)
	})
	t.Run("a_count_ignores_the_cursor", func(t *testing.T) {
		count, _, err := defaultTable(nil).statements().Count(after(at(), "1"))
		if err != nil || len(count.Args) > 0 {
			t.Errorf("got %v, %v", count.Args, err)
		}
	})
}
