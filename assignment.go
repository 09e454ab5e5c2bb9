package assignment

import (
	"fmt"
	"time"

	"github.com/assignment-go/assignment/internal/jsonvalue"
)

// ID names one assignment for good. An ID is opaque, case-sensitive and compared
// bytewise: 1 to [MaxIDBytes] bytes of valid UTF-8 without NUL. [Service] makes
// UUIDv7 (RFC 9562) where the caller supplies none. A store may accept fewer,
// such as only UUIDs; others are [ErrInvalid].
type ID string

// Key is the slot that one active assignment at a time may hold. Both parts are
// opaque, case-sensitive and compared bytewise: 1 to [MaxKeyBytes] bytes each of
// valid UTF-8 without NUL.
type Key struct {
	AssigneeID string `json:"assignee_id"` // who, such as a counselor
	SubjectID  string `json:"subject_id"`  // what, such as a scenario
}

// String names both parts for a message.
func (k Key) String() string {
	return fmt.Sprintf("assignee %q and subject %q", k.AssigneeID, k.SubjectID)
}

// Assignment is one row of history: a subject given to an assignee. It is a
// value and shares no memory with the store or with another one.
type Assignment struct {
	ID          ID        `json:"id"`                    // it never changes
	Key         Key       `json:"key"`                   // only its AssigneeID changes, by Reassign
	Status      Status    `json:"status"`                // decides, through the [Lifecycle], whether the slot is held
	AssignedBy  string    `json:"assigned_by,omitempty"` // who made it; empty when not recorded
	AccountID   string    `json:"account_id,omitempty"`  // on whose account; empty when not recorded
	DueAt       time.Time `json:"due_at,omitzero"`       // when it should be completed; zero for no time
	CreatedAt   time.Time `json:"created_at"`            // it never changes
	UpdatedAt   time.Time `json:"updated_at"`            // when the row last changed; CreatedAt at first
	CompletedAt time.Time `json:"completed_at,omitzero"` // when its terminal status began; zero while it holds the slot
	// Version counts the row's states: 1 when created, one more after each
	// change. It is what [IfVersion] compares.
	Version int64 `json:"version"`
	// Metadata is the JSON object of [CreateParams]; nil when there is none.
	Metadata map[string]any `json:"metadata,omitempty"`
	// Request is the fingerprint of the request that created the row, see
	// [Assignment.SameRequest]; empty when the table has no column for it or
	// another program wrote the row. It never changes.
	Request string `json:"-"`
}

// Clone returns a copy that shares no memory with a.
func (a Assignment) Clone() Assignment {
	a.Metadata = jsonvalue.Clone(a.Metadata)
	return a
}
