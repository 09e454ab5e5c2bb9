package engine

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/assignment-go/assignment"
)

// Row is one result row of every statement that returns assignments. The tags
// are for sqlx; Dest is for drivers that scan by position.
type Row struct {
	// Kind tells which branch of the statement the row comes from.
	Kind        int        `db:"kind"`
	ID          string     `db:"id"`
	AssigneeID  string     `db:"assignee_id"`
	SubjectID   string     `db:"subject_id"`
	Status      string     `db:"status"`
	AssignedBy  string     `db:"assigned_by"`
	AccountID   string     `db:"account_id"`
	DueAt       *time.Time `db:"due_at"`
	CreatedAt   *time.Time `db:"created_at"`
	UpdatedAt   *time.Time `db:"updated_at"`
	CompletedAt *time.Time `db:"completed_at"`
	Version     int64      `db:"version"`
	Metadata    string     `db:"metadata"`
}

// Dest returns the scan targets in the order of the columns.
func (r *Row) Dest() []any {
	return []any{
		&r.Kind, &r.ID, &r.AssigneeID, &r.SubjectID, &r.Status, &r.AssignedBy, &r.AccountID,
		&r.DueAt, &r.CreatedAt, &r.UpdatedAt, &r.CompletedAt, &r.Version, &r.Metadata,
	}
}

func (r *Row) assignment() (assignment.Assignment, error) {
	metadata, err := decodeMetadata(r.Metadata)
	if err != nil {
		return assignment.Assignment{}, fmt.Errorf("%w: row %s: %w", assignment.ErrUnavailable, r.ID, err)
	}
	return assignment.Assignment{
		ID:          assignment.ID(r.ID),
		Key:         assignment.Key{AssigneeID: r.AssigneeID, SubjectID: r.SubjectID},
		Status:      assignment.Status(r.Status),
		AssignedBy:  r.AssignedBy,
		AccountID:   r.AccountID,
		DueAt:       timeOrZero(r.DueAt),
		CreatedAt:   timeOrZero(r.CreatedAt),
		UpdatedAt:   timeOrZero(r.UpdatedAt),
		CompletedAt: timeOrZero(r.CompletedAt),
		Version:     r.Version,
		Metadata:    metadata,
	}, nil
}

func optionalText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func optionalTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func timeOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func encodeMetadata(m map[string]any) (any, error) {
	if len(m) == 0 {
		return nil, nil
	}
	encoded, err := json.Marshal(m)
	if err != nil {
		return nil, &assignment.InvalidError{Field: "Metadata", Reason: fmt.Sprintf("is not JSON: %v", err)}
	}
	return string(encoded), nil
}

func decodeMetadata(text string) (map[string]any, error) {
	if text == "" {
		return nil, nil
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return nil, fmt.Errorf("metadata is not a JSON object: %w", err)
	}
	if len(m) == 0 {
		return nil, nil
	}
	return m, nil
}
