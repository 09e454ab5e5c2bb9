package pgdb

import (
	"fmt"
	"time"
)

// Text is a text as callers see it: NULL is the empty one, which is how the
// domain says "none".
type Text string

// Scan implements sql.Scanner.
func (t *Text) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*t = ""
	case string:
		*t = Text(v)
	case []byte:
		*t = Text(v)
	default:
		return fmt.Errorf("%T is not a text", v)
	}
	return nil
}

// Version is a version as callers see it: rows from before the column was added
// have NULL, and count as new.
type Version int64

// NoVersion is what NULL counts as.
const NoVersion Version = 1

// Scan implements sql.Scanner.
func (v *Version) Scan(from any) error {
	switch from := from.(type) {
	case nil:
		*v = NoVersion
	case int64:
		*v = Version(from)
	default:
		return fmt.Errorf("%T is not a version", from)
	}
	return nil
}

// Time is a timestamptz. The server returns it as it is, since an expression
// around each column would be set up for every execution of a statement.
type Time struct {
	// Time is zero when the column is NULL or infinite.
	Time time.Time
	// Infinity is the sign of an infinite time.
	Infinity int
}

// Scan implements sql.Scanner. Drivers return infinity, which no time.Time
// can hold, as text.
func (t *Time) Scan(v any) error {
	*t = Time{}
	switch v := v.(type) {
	case nil:
		return nil
	case time.Time:
		t.Time = v
		return nil
	case []byte:
		return t.parse(string(v))
	case string:
		return t.parse(v)
	default:
		return fmt.Errorf("%T is not a time", v)
	}
}

func (t *Time) parse(s string) error {
	switch s {
	case "infinity":
		t.Infinity = 1
	case "-infinity":
		t.Infinity = -1
	default:
		return fmt.Errorf("%q is not a time", s)
	}
	return nil
}

// orNone reads infinity as none.
func (t *Time) orNone() time.Time {
	if t.Time.IsZero() {
		return time.Time{} // not a zero in another zone
	}
	return t.Time.UTC()
}

// Latest bounds the creation times that callers see, and the zero time does at
// the other end. What lies outside, infinity above all, still has its place in
// the order of List.
func Latest() time.Time { return time.Date(9999, time.December, 31, 23, 59, 59, 999_999_000, time.UTC) }

func (t *Time) bounded() time.Time {
	switch {
	case t.Infinity > 0 || t.Time.After(Latest()):
		return Latest()
	case t.Infinity < 0 || t.Time.Before(time.Time{}):
		return time.Time{}
	default:
		return t.orNone()
	}
}
