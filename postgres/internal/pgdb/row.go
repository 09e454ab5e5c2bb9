package pgdb

import (
	"encoding/json"
	"fmt"

	"github.com/assignment-go/assignment"
)

// Row is one result row of every statement that returns assignments, in the
// order of its columns. The tags are for sqlx.
type Row struct {
	// Kind is the branch of the statement that the row comes from.
	Kind        RowKind `db:"kind"`
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

// Assignment returns the row as callers see it.
func (r *Row) Assignment() (assignment.Assignment, error) {
	metadata, err := decodeMetadata(string(r.Metadata))
	if err != nil {
		return assignment.Assignment{}, fmt.Errorf("%w: row %s: %w", assignment.ErrUnavailable, r.ID, err)
	}
	return assignment.Assignment{
		ID:          assignment.ID(r.ID),
		Key:         r.Key(),
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

// Key is the slot that the row is for.
func (r *Row) Key() assignment.Key {
	return assignment.Key{AssigneeID: string(r.AssigneeID), SubjectID: string(r.SubjectID)}
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
