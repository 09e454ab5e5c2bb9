package pgdb_test

import (
	"testing"
	"time"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

func TestTextScan(t *testing.T) {
	for _, test := range []struct {
		name string
		from any
		want pgdb.Text
	}{
		{"null_is_the_empty_text", nil, ""},
		{"a_string", "a", "a"},
		{"bytes", []byte("a"), "a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := pgdb.Text("before")
			if err := text.Scan(test.from); err != nil || text != test.want {
				t.Errorf("got %q, %v, want %q", text, err, test.want)
			}
		})
	}
	t.Run("another_type_is_an_error", func(t *testing.T) {
		if err := new(pgdb.Text).Scan(1); err == nil {
			t.Error("no error")
		}
	})
}

func TestVersionScan(t *testing.T) {
	for _, test := range []struct {
		name string
		from any
		want pgdb.Version
	}{
		{"null_counts_as_new", nil, pgdb.NoVersion},
		{"a_number", int64(1<<53 + 1), 1<<53 + 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			version := pgdb.Version(9)
			if err := version.Scan(test.from); err != nil || version != test.want {
				t.Errorf("got %d, %v, want %d", version, err, test.want)
			}
		})
	}
	t.Run("another_type_is_an_error", func(t *testing.T) {
		if err := new(pgdb.Version).Scan("1"); err == nil {
			t.Error("no error")
		}
	})
}

func TestTimeScan(t *testing.T) {
	now := time.Date(2020, time.January, 2, 3, 4, 5, 0, time.UTC)
	for _, test := range []struct {
		name string
		from any
		want pgdb.Time
	}{
		{"null_is_none", nil, pgdb.Time{}},
		{"a_time", now, pgdb.Time{Time: now}},
		{"infinity_as_a_string", "infinity", pgdb.Time{Infinity: 1}},
		{"infinity_as_bytes", []byte("infinity"), pgdb.Time{Infinity: 1}},
		{"minus_infinity", "-infinity", pgdb.Time{Infinity: -1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			at := pgdb.Time{Time: now.Add(time.Hour), Infinity: 1}
			if err := at.Scan(test.from); err != nil || at != test.want {
				t.Errorf("got %+v, %v, want %+v", at, err, test.want)
			}
		})
	}
	for name, from := range map[string]any{"another_text": "2020-01-02", "another_type": 1} {
		t.Run(name+"_is_an_error", func(t *testing.T) {
			if err := new(pgdb.Time).Scan(from); err == nil {
				t.Error("no error")
			}
		})
	}
}
