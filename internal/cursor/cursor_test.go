package cursor_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment/internal/cursor"
)

func TestDecode(t *testing.T) {
	for name, want := range map[string]struct {
		at time.Time
		id string
	}{
		"ordinary":    {time.Date(2026, 3, 1, 9, 30, 0, 123_456_000, time.UTC), "0192f0c1"},
		"before_1970": {time.Date(1812, 6, 24, 0, 0, 0, 1000, time.UTC), "a"},
		"year_9999":   {time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC), "z"},
		"dots_in_id":  {time.Unix(1, 0), "a.b.c"},
		"no_id":       {time.Unix(1, 0), ""},
	} {
		t.Run("reads_what_encode_wrote/"+name, func(t *testing.T) {
			at, id, ok := cursor.Decode(cursor.Encode(want.at, want.id))
			if !ok || !at.Equal(want.at) || id != want.id {
				t.Errorf("got %v, %q and %t, want %v and %q", at, id, ok, want.at, want.id)
			}
		})
	}
	encode := func(plain string) string { return base64.RawURLEncoding.EncodeToString([]byte(plain)) }
	for name, text := range map[string]string{
		"not_base64":   "%%%",
		"padding":      encode("a.b") + "==",
		"no_separator": encode("abc"),
		"no_time":      encode(".id"),
		"no_number":    encode("é.id"),
		"too_large":    encode(strings.Repeat("z", 30) + ".id"),
	} {
		t.Run("rejects/"+name, func(t *testing.T) {
			if at, id, ok := cursor.Decode([]byte(text)); ok {
				t.Errorf("%q is %v and %q", text, at, id)
			}
		})
	}
}
