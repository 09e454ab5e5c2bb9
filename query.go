package assignment

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Query selects assignments. Its conditions are joined by AND; the zero Query
// selects everything. Order is always by CreatedAt, then by ID bytewise, both
// ascending: neither ever changes, so that paging is stable under writes.
type Query struct {
	// AssigneeID keeps those of one assignee; empty keeps all.
	AssigneeID string
	// SubjectID keeps those of one subject; empty keeps all.
	SubjectID string
	// AccountID keeps those of one account; empty keeps all.
	AccountID string
	// Statuses keeps those in one of these statuses; empty keeps all. Each must
	// be known to the lifecycle.
	Statuses []Status
	// ActiveOnly keeps those that hold their slot, unknown statuses included.
	ActiveOnly bool
	// DueBefore keeps those that have a DueAt before this time; zero keeps all.
	DueBefore time.Time
	// After starts behind this position; the zero Cursor starts at the first.
	After Cursor
	// Limit bounds how many are returned in all; zero means no bound.
	Limit int
}

// Matches reports whether a satisfies every condition of q; After and Limit are
// not conditions. Drivers without a query language filter with it.
func (q Query) Matches(a Assignment, l Lifecycle) bool {
	return (q.AssigneeID == "" || q.AssigneeID == a.Key.AssigneeID) &&
		(q.SubjectID == "" || q.SubjectID == a.Key.SubjectID) &&
		(q.AccountID == "" || q.AccountID == a.AccountID) &&
		(len(q.Statuses) == 0 || slices.Contains(q.Statuses, a.Status)) &&
		(!q.ActiveOnly || !l.IsTerminal(a.Status)) &&
		(q.DueBefore.IsZero() || !a.DueAt.IsZero() && a.DueAt.Before(q.DueBefore))
}

// Cursor is a position in the order of [Query]: just behind one assignment. It
// stays valid when that assignment changes or is gone. Its text form is opaque
// and safe in URLs.
type Cursor struct {
	// CreatedAt is that of the assignment.
	CreatedAt time.Time
	// ID is that of the assignment.
	ID ID
}

// Cursor returns the position just behind a.
func (a Assignment) Cursor() Cursor {
	return Cursor{CreatedAt: a.CreatedAt, ID: a.ID}
}

// IsZero reports whether c is the start.
func (c Cursor) IsZero() bool { return c.ID == "" && c.CreatedAt.IsZero() }

// Compare orders positions as List does: negative when c comes before d.
func (c Cursor) Compare(d Cursor) int {
	if n := c.CreatedAt.Compare(d.CreatedAt); n != 0 {
		return n
	}
	return strings.Compare(string(c.ID), string(d.ID))
}

// MarshalText returns the opaque text form; empty for the start.
func (c Cursor) MarshalText() ([]byte, error) {
	if c.IsZero() {
		return nil, nil
	}
	plain := strconv.FormatInt(c.CreatedAt.UnixMicro(), 36) + "." + string(c.ID)
	return base64.RawURLEncoding.AppendEncode(nil, []byte(plain)), nil
}

// UnmarshalText reads what MarshalText wrote. Anything else is an
// [*InvalidError].
func (c *Cursor) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = Cursor{}
		return nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(string(text))
	if err != nil {
		return invalid("Cursor", "is not a cursor of this SDK")
	}
	micros, id, found := strings.Cut(string(plain), ".")
	at, err := strconv.ParseInt(micros, 36, 64)
	if !found || err != nil || checkID("Cursor", ID(id)) != nil {
		return invalid("Cursor", "is not a cursor of this SDK")
	}
	*c = Cursor{CreatedAt: time.UnixMicro(at).UTC(), ID: ID(id)}
	return nil
}
