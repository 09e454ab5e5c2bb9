package schema

import "github.com/assignment-go/assignment"

// Columns names the column of each attribute of an assignment. The zero value
// means [DefaultColumns]. As soon as one is named, all that are used must be:
// an attribute without a column is not kept by the store, and a call that needs
// it, such as a Create with Metadata or a change with IfVersion, is
// [assignment.ErrUnsupported].
type Columns struct {
	// ID is required. Its type is text, varchar, uuid, smallint, integer or
	// bigint. What a column would not give back byte by byte is rejected: a uuid
	// takes only lower case with hyphens, an integer no leading zeros.
	ID string
	// AssigneeID and SubjectID, the key, are required. Their types are those
	// that ID may have.
	AssigneeID, SubjectID string
	// Status is required. Its type is text, varchar or an enum that has every
	// status of the lifecycle.
	Status string
	// AssignedBy and AccountID may be text, varchar, uuid or an integer.
	AssignedBy, AccountID string
	// DueAt, CreatedAt, UpdatedAt and CompletedAt may be timestamptz, timestamp
	// (taken as UTC), of any precision, or date. Times are cut to what the
	// column keeps. NULL and infinity, which other programs may have written,
	// read as none; an infinite CreatedAt reads as the end of the year 9999.
	// Without CreatedAt, lists are in the order of the IDs.
	DueAt, CreatedAt, UpdatedAt, CompletedAt string
	// Version is an integer or bigint. NULL counts as 1. A smallint is rejected: it
	// would end at 32767, and with it every change of its row.
	Version string
	// Metadata is jsonb or json.
	Metadata string
	// Request keeps the fingerprint of the request that created the row, in a text
	// or a varchar of at least 22 characters. Without it a repeated Create is
	// recognised by its ID and SubjectID alone, so that another request under an ID
	// in use may pass for a repeated one, see [assignment.Assignment.SameRequest].
	Request string
}

// DefaultColumns returns the columns of the table that the migrations create.
func DefaultColumns() Columns {
	return Columns{
		ID: "id", AssigneeID: "assignee_id", SubjectID: "subject_id", Status: "status",
		AssignedBy: "assigned_by", AccountID: "account_id",
		DueAt: "due_at", CreatedAt: "created_at", UpdatedAt: "updated_at", CompletedAt: "completed_at",
		Version: "version", Metadata: "metadata", Request: "request",
	}
}

// Extra is a column of the host's own that every insert has to fill, such as a
// tenant that is NOT NULL and has no default.
type Extra struct {
	// Column is its name.
	Column string
	// Value returns what a new row gets; nil is NULL. The types are those that
	// the driver of the host accepts for the column's type; a string works for
	// every type. It is called before each insert, also of a repeated call, and
	// must be safe for concurrent use. Its error ends the call before anything
	// is written, as [assignment.ErrInvalid] for this column. Batches into a
	// table with such columns take one round trip per row.
	Value func(a assignment.Assignment) (any, error)
}
