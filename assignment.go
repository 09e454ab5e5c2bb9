package assignment

import (
	"fmt"
	"strconv"
	"time"
)

// ID names one assignment for good. It is chosen by the client before the
// first attempt to write, which is what makes a retry safe: a second Create
// with the same ID finds the first one's row instead of adding another.
//
// An ID is opaque, case-sensitive and compared bytewise: 1 to [MaxIDBytes]
// bytes of valid UTF-8 without NUL. [Service] makes UUIDv7 (RFC 9562) where
// the caller supplies none. A store over an existing table may accept fewer,
// for example only UUIDs; it answers others with [ErrInvalid].
type ID string

// Key is the slot that one active assignment at a time may hold: who, and
// what. Both parts are opaque, case-sensitive and compared bytewise: 1 to
// [MaxKeyBytes] bytes each of valid UTF-8 without NUL.
type Key struct {
	// AssigneeID says who: in the incident, the counselor.
	AssigneeID string `json:"assignee_id"`
	// SubjectID says what: in the incident, the scenario.
	SubjectID string `json:"subject_id"`
}

// String names both parts for a message.
func (k Key) String() string {
	return fmt.Sprintf("assignee %q and subject %q", k.AssigneeID, k.SubjectID)
}

// Assignment is one row of history: a subject given to an assignee. While its
// status is not terminal it holds the slot of its Key.
//
// It encodes to JSON in snake case without the times that are zero.
//
// Assignments are values. Nothing in one aliases the store or another
// Assignment, so a caller may keep and change what it was given.
type Assignment struct {
	// ID never changes.
	ID ID `json:"id"`
	// Key changes its AssigneeID by Reassign; its SubjectID never changes.
	Key Key `json:"key"`
	// Status decides, through the store's [Lifecycle], whether the slot is held.
	Status Status `json:"status"`
	// AssignedBy says who made the assignment; empty when not recorded.
	AssignedBy string `json:"assigned_by,omitempty"`
	// AccountID says on whose account (the tenant); empty when not recorded.
	AccountID string `json:"account_id,omitempty"`
	// DueAt is when it should be completed; zero when there is no due time.
	DueAt time.Time `json:"due_at,omitzero"`
	// CreatedAt is when it was created. It never changes.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt is when the row last changed; CreatedAt at first.
	UpdatedAt time.Time `json:"updated_at"`
	// CompletedAt is when the row entered the terminal status that it has;
	// zero while it holds the slot.
	CompletedAt time.Time `json:"completed_at,omitzero"`
	// Version counts the row's states: 1 when created, one more after each
	// change. It is what [IfVersion] compares.
	Version int64 `json:"version"`
	// Metadata is a small JSON object that the SDK carries and never reads;
	// nil when there is none. See [CreateParams].
	Metadata map[string]any `json:"metadata,omitempty"`
	// Request is the fingerprint of the request that created the row, by which
	// a repeated one is recognised, see [Assignment.SameRequest]. [Service] makes
	// it from everything but the ID in [CreateParams]; it never changes. It is
	// empty when the store does not keep it or another program wrote the row.
	Request string `json:"-"`
}

// Clone returns a copy that shares no memory with a. Drivers that keep
// assignments in memory copy them on the way in and on the way out.
func (a Assignment) Clone() Assignment {
	a.Metadata = cloneObject(a.Metadata)
	return a
}

// CreateParams says what to create. Only Key is required.
type CreateParams struct {
	// ID makes the call safe to retry across processes: use the same ID again
	// and the assignment is created at most once. Empty means a new UUIDv7,
	// which is safe to retry only with the ID that the returned assignment or
	// [UnknownOutcomeError] carries. Set it when you create inside a transaction
	// of your own: should the reply to your COMMIT be lost, a Create with the
	// same ID tells whether it went through. A store that makes the IDs itself,
	// see [IDMaker], refuses it with [ErrUnsupported].
	ID ID
	// Key is the slot to take.
	Key Key
	// AssignedBy is optional: at most [MaxKeyBytes] bytes of UTF-8 without NUL.
	AssignedBy string
	// AccountID is optional: at most [MaxKeyBytes] bytes of UTF-8 without NUL.
	AccountID string
	// DueAt is optional, between the years 1 and 9999. It is stored in UTC,
	// truncated to microseconds.
	DueAt time.Time
	// Metadata is an optional JSON object of at most [MaxMetadataBytes] when
	// encoded. Values are stored as JSON and come back as encoding/json decodes
	// them (nil, bool, float64, string, []any, map[string]any); a number that
	// would come back as another one is refused rather than rounded: an integer
	// that float64 can't hold, however it is written, or a fraction with more
	// digits than float64 keeps.
	Metadata map[string]any
}

// ReplaceParams says how [Service.Replace] treats the present holder.
type ReplaceParams struct {
	// RetireTo is the terminal status that the holder gets. Required.
	RetireTo Status
}

// Outcome tells how a [Result] came about.
type Outcome int

const (
	// OutcomeCreated means that this call created the assignment.
	OutcomeCreated Outcome = iota + 1
	// OutcomeExisting means that another assignment held the slot and is
	// returned instead. Only Ensure answers so.
	OutcomeExisting
	// OutcomeReplayed means that an earlier call with the same ID and content
	// had created the assignment. It is returned as it is now, which may be
	// completed, and nothing was written. It is only for an ID of the caller's:
	// under an ID that [Service] made, the assignment is always created by the
	// call, also when the reply to its first attempt was lost.
	OutcomeReplayed
)

// String returns "created", "existing" or "replayed", and "none" for the zero
// Outcome, which an item of a batch has beside its error.
func (o Outcome) String() string {
	switch o {
	case OutcomeCreated:
		return "created"
	case OutcomeExisting:
		return "existing"
	case OutcomeReplayed:
		return "replayed"
	case 0:
		return "none"
	default:
		return "Outcome(" + strconv.Itoa(int(o)) + ")"
	}
}

// Result is an assignment and how the call came by it.
type Result struct {
	// Assignment is the row after the call.
	Assignment Assignment
	// Outcome is never zero when the call succeeded.
	Outcome Outcome
	// Retired is the former holder as Replace left it. It is nil when the slot
	// was free, and where it is no longer known: for a replay, and when the reply
	// to the first attempt was lost.
	Retired *Assignment
}
