package engine

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/assignment-go/assignment"
)

// Row is one result row of every statement that returns assignments, in the
// order of its columns. The tags are for sqlx.
type Row struct {
	// Kind tells which branch of the statement the row comes from.
	Kind        int32   `db:"kind"`
	ID          Text    `db:"id"`
	AssigneeID  Text    `db:"assignee_id"`
	SubjectID   Text    `db:"subject_id"`
	Status      Text    `db:"status"`
	AssignedBy  Text    `db:"assigned_by"`
	AccountID   Text    `db:"account_id"`
	DueAt       Time    `db:"due_at"`
	CreatedAt   Time    `db:"created_at"`
	UpdatedAt   Time    `db:"updated_at"`
	CompletedAt Time    `db:"completed_at"`
	Version     Version `db:"version"`
	Metadata    Text    `db:"metadata"`
	Request     Text    `db:"request"`
}

func (r *Row) assignment() (assignment.Assignment, error) {
	metadata, err := decodeMetadata(string(r.Metadata))
	if err != nil {
		return assignment.Assignment{}, fmt.Errorf("%w: row %s: %w", assignment.ErrUnavailable, r.ID, err)
	}
	return assignment.Assignment{
		ID:          assignment.ID(r.ID),
		Key:         r.key(),
		Status:      assignment.Status(r.Status),
		AssignedBy:  string(r.AssignedBy),
		AccountID:   string(r.AccountID),
		DueAt:       r.DueAt.orNone(),
		CreatedAt:   r.CreatedAt.bounded(),
		UpdatedAt:   r.UpdatedAt.orNone(),
		CompletedAt: r.CompletedAt.orNone(),
		Version:     int64(r.Version),
		Metadata:    metadata,
		Request:     string(r.Request),
	}, nil
}

// key is the slot that the row is for.
func (r *Row) key() assignment.Key {
	return assignment.Key{AssigneeID: string(r.AssigneeID), SubjectID: string(r.SubjectID)}
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

func encodeMetadata(m map[string]any) (string, error) {
	if len(m) == 0 {
		return "", nil
	}
	encoded, err := json.Marshal(m)
	if err != nil {
		return "", &assignment.InvalidError{Field: "Metadata", Reason: fmt.Sprintf("is not JSON: %v", err)}
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
