package assignment_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

func TestCursorText(t *testing.T) {
	for name, cursor := range map[string]assignment.Cursor{
		"start":        {},
		"ordinary":     {CreatedAt: time.Date(2026, 3, 1, 9, 30, 0, 123_456_000, time.UTC), ID: "0192f0c1-2d5e-7000-8000-000000000001"},
		"before_1970":  {CreatedAt: time.Date(1812, 6, 24, 0, 0, 0, 1000, time.UTC), ID: "a"},
		"year_1":       {CreatedAt: time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), ID: "a"},
		"year_9999":    {CreatedAt: time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC), ID: "z"},
		"dots_in_id":   {CreatedAt: time.Unix(1, 0).UTC(), ID: "a.b.c"},
		"unusual_id":   {CreatedAt: time.Unix(1, 0).UTC(), ID: "é \n\"'😀"},
		"longest_id":   {CreatedAt: time.Unix(1, 0).UTC(), ID: assignment.ID(strings.Repeat("x", assignment.MaxIDBytes))},
		"without_time": {ID: "a"},
	} {
		t.Run("round_trip/"+name, func(t *testing.T) {
			text, err := cursor.MarshalText()
			if err != nil {
				t.Fatal(err)
			}
			if bytes.ContainsAny(text, "+/=&?# ") {
				t.Errorf("%q is not safe in a URL", text)
			}
			var again assignment.Cursor
			if err := again.UnmarshalText(text); err != nil {
				t.Fatal(err)
			}
			if again.ID != cursor.ID || !again.CreatedAt.Equal(cursor.CreatedAt) {
				t.Errorf("got %v, want %v", again, cursor)
			}
		})
	}
	t.Run("json", func(t *testing.T) {
		want := assignment.Cursor{CreatedAt: time.Unix(5, 0).UTC(), ID: "a"}
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got assignment.Cursor
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Errorf("got %v and %v, want %v", got, err, want)
		}
	})
}

func TestCursorRejects(t *testing.T) {
	encode := func(plain string) string { return base64.RawURLEncoding.EncodeToString([]byte(plain)) }
	for name, text := range map[string]string{
		"not_base64":    "%%%",
		"padding":       encode("a.b") + "==",
		"no_separator":  encode("abc"),
		"no_time":       encode(".id"),
		"no_number":     encode("é.id"),
		"too_large":     encode(strings.Repeat("z", 30) + ".id"),
		"no_id":         encode("1."),
		"long_id":       encode("1." + strings.Repeat("x", 256)),
		"nul_in_id":     encode("1.a\x00"),
		"utf8_in_id":    encode("1.a\xff"),
		"a_plain_id":    "0192f0c1-2d5e-7000-8000-000000000001",
		"an_sql_string": "'; DROP TABLE assignments; --",
	} {
		t.Run(name, func(t *testing.T) {
			cursor := assignment.Cursor{ID: "untouched"}
			wantInvalid(t, cursor.UnmarshalText([]byte(text)), "Cursor")
			if cursor.ID != "untouched" {
				t.Error("a rejected text changed the cursor")
			}
		})
	}
}

func TestCursorCompare(t *testing.T) {
	at := time.Unix(100, 0)
	ordered := []assignment.Cursor{
		{}, {CreatedAt: at, ID: "A"}, {CreatedAt: at, ID: "a"}, {CreatedAt: at, ID: "b"}, {CreatedAt: at.Add(1), ID: "A"},
	}
	for i, c := range ordered {
		for j, d := range ordered {
			if got := c.Compare(d); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%v compared with %v: %d", c, d, got)
			}
		}
	}
}

// FuzzCursor wants every text to be rejected or to mean something that can be
// written again.
func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add("MS5h")
	f.Fuzz(func(t *testing.T, text string) {
		var c, again assignment.Cursor
		if c.UnmarshalText([]byte(text)) != nil {
			return
		}
		written, err := c.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalText(written); err != nil || again != c {
			t.Fatalf("%q means %v, which is read again as %v and %v", text, c, again, err)
		}
	})
}
