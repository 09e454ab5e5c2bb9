package assignment

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// MaxKeyBytes is the longest part of a [Key], in bytes: two of them and
	// their overhead always fit into one entry of a PostgreSQL btree index.
	MaxKeyBytes = 255
	// MaxIDBytes is the longest [ID], in bytes.
	MaxIDBytes = 255
)

// check returns an InvalidError for the first rule that p breaks.
func (p CreateParams) check() error {
	if err := checkKey(p.Key); err != nil {
		return err
	}
	if p.ID != "" {
		if err := checkID("ID", p.ID); err != nil {
			return err
		}
	}
	if err := checkText("AssignedBy", p.AssignedBy); err != nil {
		return err
	}
	if err := checkText("AccountID", p.AccountID); err != nil {
		return err
	}
	return checkTime("DueAt", p.DueAt)
}

func checkKey(k Key) error {
	if err := checkRequired("Key.AssigneeID", k.AssigneeID); err != nil {
		return err
	}
	return checkRequired("Key.SubjectID", k.SubjectID)
}

func checkID(field string, id ID) error {
	return checkRequired(field, string(id))
}

func checkRequired(field, s string) error {
	if s == "" {
		return invalid(field, "is required")
	}
	return checkText(field, s)
}

func checkText(field, s string) error {
	switch {
	case len(s) > MaxKeyBytes:
		return invalid(field, fmt.Sprintf("is longer than %d bytes", MaxKeyBytes))
	case !utf8.ValidString(s):
		return invalid(field, "is not valid UTF-8")
	case strings.IndexByte(s, 0) >= 0:
		return invalid(field, "holds a NUL byte")
	default:
		return nil
	}
}

// checkTime keeps to the years that RFC 3339 can write and PostgreSQL store.
func checkTime(field string, t time.Time) error {
	if t.IsZero() {
		return nil
	}
	if year := t.UTC().Year(); year < 1 || year > 9999 {
		return invalid(field, "is outside the years 1 to 9999")
	}
	return nil
}

func checkStatus(field string, s Status, l Lifecycle) error {
	if !l.Knows(s) {
		return invalid(field, fmt.Sprintf("%q is not a status of this lifecycle, whose statuses are %q", s, l.Statuses()))
	}
	return nil
}

func (q Query) check(l Lifecycle) error {
	if err := checkText("Query.AssigneeID", q.AssigneeID); err != nil {
		return err
	}
	if err := checkText("Query.SubjectID", q.SubjectID); err != nil {
		return err
	}
	if err := checkText("Query.AccountID", q.AccountID); err != nil {
		return err
	}
	for _, s := range q.Statuses {
		if err := checkStatus("Query.Statuses", s, l); err != nil {
			return err
		}
	}
	if err := checkTime("Query.DueBefore", q.DueBefore); err != nil {
		return err
	}
	if err := q.After.check(); err != nil {
		return err
	}
	if q.Limit < 0 {
		return invalid("Query.Limit", "is negative")
	}
	return nil
}

func (c Cursor) check() error {
	if c.IsZero() {
		return nil
	}
	if err := checkTime("Query.After", c.CreatedAt); err != nil {
		return err
	}
	return checkID("Query.After", c.ID)
}

// storedTime is the form in which every driver can keep a time: UTC, whole
// microseconds, no monotonic reading.
func storedTime(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}
