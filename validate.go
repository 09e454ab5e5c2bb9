package assignment

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// The limits of what callers pass.
const (
	MaxKeyBytes      = 255         // of a part of a [Key]: both fit into one entry of a btree index
	MaxIDBytes       = MaxKeyBytes // of an [ID]
	MaxMetadataBytes = 8192        // of Metadata as JSON
	MaxStatusBytes   = 63          // of a [Status]: what an enum label can hold
)

// Each check returns an InvalidError for the first rule that is broken. The rules
// are the same for all stores, whatever they could hold: a key that works in a
// unit test works in production.

func (p CreateParams) check() error {
	return cmp.Or(
		p.Key.check(),
		checkText("ID", string(p.ID)),
		checkText("AssignedBy", p.AssignedBy),
		checkText("AccountID", p.AccountID),
		checkTime("DueAt", p.DueAt),
	)
}

func (k Key) check() error {
	return cmp.Or(checkRequired("Key.AssigneeID", k.AssigneeID), checkRequired("Key.SubjectID", k.SubjectID))
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

// checkTime accepts the years that RFC 3339 can write and PostgreSQL store.
func checkTime(field string, t time.Time) error {
	if year := t.UTC().Year(); !t.IsZero() && (year < 1 || year > 9999) {
		return invalid(field, "is outside the years 1 to 9999")
	}
	return nil
}

func checkStatus(field string, s Status, l Lifecycle) error {
	if !l.Knows(s) {
		return invalid(field, fmt.Sprintf("%q is not a status of the lifecycle; use one of %q", s, l.Statuses()))
	}
	return nil
}

func (q Query) check(l Lifecycle) error {
	for _, s := range q.Statuses {
		if err := checkStatus("Query.Statuses", s, l); err != nil {
			return err
		}
	}
	if q.Limit < 0 {
		return invalid("Query.Limit", "is negative")
	}
	return cmp.Or(
		checkText("Query.AssigneeID", q.AssigneeID),
		checkText("Query.SubjectID", q.SubjectID),
		checkText("Query.AccountID", q.AccountID),
		checkTime("Query.DueBefore", q.DueBefore),
		q.After.check(),
	)
}

func (c Cursor) check() error {
	if c.IsZero() {
		return nil
	}
	return cmp.Or(checkTime("Query.After", c.CreatedAt), checkRequired("Query.After", string(c.ID)))
}

// storedTime is the form in which every driver can store a time: UTC, whole
// microseconds, no monotonic reading.
func storedTime(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}
