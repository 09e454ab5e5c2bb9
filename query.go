package assignment

import (
	"slices"
	"strings"
	"time"

	"github.com/assignment-go/assignment/internal/cursor"
)

// Query selects assignments. Its conditions are joined by AND; the zero Query
// selects everything. Order is always by CreatedAt, then by ID bytewise, both
// ascending: neither ever changes, so that paging is stable under writes.
type Query struct {
	AssigneeID, SubjectID, AccountID string // each selects one; empty selects all

	Statuses   []Status  // selects those in one of these; empty selects all
	ActiveOnly bool      // selects those that hold their slot, unknown statuses included
	DueBefore  time.Time // selects those with a DueAt before this time; zero selects all
	After      Cursor    // starts behind this position; zero starts at the first
	Limit      int       // how many are returned in all; zero means no bound
}

// Matches reports whether a satisfies every condition of q, for drivers without
// a query language; After and Limit are not conditions.
func (q Query) Matches(a Assignment, l Lifecycle) bool {
	return (q.AssigneeID == "" || q.AssigneeID == a.Key.AssigneeID) &&
		(q.SubjectID == "" || q.SubjectID == a.Key.SubjectID) &&
		(q.AccountID == "" || q.AccountID == a.AccountID) &&
		(len(q.Statuses) == 0 || slices.Contains(q.Statuses, a.Status)) &&
		(!q.ActiveOnly || !l.IsTerminal(a.Status)) &&
		(q.DueBefore.IsZero() || !a.DueAt.IsZero() && a.DueAt.Before(q.DueBefore))
}

// Cursor is a position in the order of [Query]: just behind one assignment. It
// stays valid when that assignment changes or is gone. Its text is safe in URLs.
type Cursor struct {
	CreatedAt time.Time
	ID        ID
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
	return cursor.Encode(c.CreatedAt, string(c.ID)), nil
}

// UnmarshalText reads what MarshalText wrote. Anything else is [ErrInvalid].
func (c *Cursor) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = Cursor{}
		return nil
	}
	at, id, ok := cursor.Decode(text)
	if !ok || checkRequired("ID", id) != nil {
		return invalid("Cursor", "is not a cursor of this SDK")
	}
	*c = Cursor{CreatedAt: at, ID: ID(id)}
	return nil
}
