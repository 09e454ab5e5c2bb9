package engine

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/assignment-go/assignment"
)

// Row is one result row of every statement that returns assignments, in the
// order of its columns. The tags are for sqlx.
type Row struct {
	// Kind tells which branch of the statement the row comes from.
	Kind        int32        `db:"kind"`
	ID          string       `db:"id"`
	AssigneeID  string       `db:"assignee_id"`
	SubjectID   string       `db:"subject_id"`
	Status      string       `db:"status"`
	AssignedBy  string       `db:"assigned_by"`
	AccountID   string       `db:"account_id"`
	DueAt       sql.NullTime `db:"due_at"`
	CreatedAt   sql.NullTime `db:"created_at"`
	UpdatedAt   sql.NullTime `db:"updated_at"`
	CompletedAt sql.NullTime `db:"completed_at"`
	Version     int64        `db:"version"`
	Metadata    string       `db:"metadata"`
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

func timeOrZero(t sql.NullTime) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return t.Time.UTC()
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
