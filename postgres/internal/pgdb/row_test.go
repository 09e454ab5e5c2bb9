package pgdb_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

func TestRowAssignment(t *testing.T) {
	now := time.Date(2020, time.January, 2, 3, 4, 5, 0, time.UTC)
	t.Run("has_every_attribute_of_the_row", func(t *testing.T) {
		at := func(hours int) pgdb.Time {
			return pgdb.Time{Time: now.Add(time.Duration(hours) * time.Hour).In(time.FixedZone("", 60*60))}
		}
		row := pgdb.Row{
			ID: "1", AssigneeID: "17", SubjectID: "18", Status: "pending", AssignedBy: "lead", AccountID: "account",
			DueAt: at(1), CreatedAt: at(2), UpdatedAt: at(3), CompletedAt: at(4), Version: 5, Metadata: `{"a": 1}`, Request: "r",
		}
		want := assignment.Assignment{
			ID: "1", Key: assignment.Key{AssigneeID: "17", SubjectID: "18"}, Status: assignment.StatusPending,
			AssignedBy: "lead", AccountID: "account", DueAt: now.Add(time.Hour), CreatedAt: now.Add(2 * time.Hour),
			UpdatedAt: now.Add(3 * time.Hour), CompletedAt: now.Add(4 * time.Hour), Version: 5,
			Metadata: map[string]any{"a": 1.0}, Request: "r",
		}
		if got := mustAssignment(t, row); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
	t.Run("of_nothing_but_nulls_is_empty", func(t *testing.T) {
		if got := mustAssignment(t, pgdb.Row{}); !reflect.DeepEqual(got, assignment.Assignment{}) {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("has_no_infinite_times", func(t *testing.T) {
		row := pgdb.Row{DueAt: pgdb.Time{Infinity: 1}, UpdatedAt: pgdb.Time{Infinity: -1}, CompletedAt: pgdb.Time{Infinity: 1}}
		if got := mustAssignment(t, row); !got.DueAt.IsZero() || !got.UpdatedAt.IsZero() || !got.CompletedAt.IsZero() {
			t.Errorf("got %+v", got)
		}
	})
	for _, test := range []struct {
		name string
		at   pgdb.Time
		want time.Time
	}{
		{"infinity", pgdb.Time{Infinity: 1}, pgdb.Latest()},
		{"a_time_after_the_latest", pgdb.Time{Time: pgdb.Latest().Add(time.Second)}, pgdb.Latest()},
		{"minus_infinity", pgdb.Time{Infinity: -1}, time.Time{}},
		{"a_time_before_the_first", pgdb.Time{Time: time.Time{}.Add(-time.Second)}, time.Time{}},
	} {
		t.Run(test.name+"_of_creation_is_bounded", func(t *testing.T) {
			if got := mustAssignment(t, pgdb.Row{CreatedAt: test.at}).CreatedAt; !got.Equal(test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	t.Run("empty_metadata_is_none", func(t *testing.T) {
		for _, metadata := range []pgdb.Text{"", "{}", "null"} {
			if got := mustAssignment(t, pgdb.Row{Metadata: metadata}).Metadata; got != nil {
				t.Errorf("%s is %v", metadata, got)
			}
		}
	})
	t.Run("metadata_that_is_no_object_is_unavailable", func(t *testing.T) {
		if _, err := (&pgdb.Row{ID: "1", Metadata: "[]"}).Assignment(); !errors.Is(err, assignment.ErrUnavailable) {
			t.Errorf("got %v, want ErrUnavailable", err)
		}
	})
}

func mustAssignment(t *testing.T, row pgdb.Row) assignment.Assignment {
	t.Helper()
	a, err := row.Assignment()
	if err != nil {
		t.Fatal(err)
	}
	return a
}
