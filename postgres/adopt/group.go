package adopt

import (
	"time"

	"github.com/assignment-go/assignment"
)

// Row is an assignment as [Repair] sees it.
type Row struct {
	// ID is the value of the ID column as text.
	ID assignment.ID `json:"id"`
	// Status is what counts: the stored one, or what RepairOptions.NullStatus
	// and Rewrite replace it with.
	Status assignment.Status `json:"status"`
	// Stored is the value in the table; nil is NULL.
	Stored *assignment.Status `json:"stored"`
	// CreatedAt is zero when the column is NULL or not mapped.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// UpdatedAt is zero when the column is NULL or not mapped.
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// Group is a slot with all the assignments that hold it.
type Group struct {
	// Key is the slot.
	Key assignment.Key `json:"key"`
	// Rows are ordered by CreatedAt, then by ID (as a number if it is one).
	Rows []Row `json:"rows"`
}
