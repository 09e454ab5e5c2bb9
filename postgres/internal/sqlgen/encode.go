package sqlgen

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/assignment-go/assignment"
)

// Encode prepares the input of an insert: times truncated to what the columns
// store, which is also what a repeated request must be compared with. What the
// table can't store is rejected.
func (s *Statements) Encode(in *Input, a *assignment.Assignment) (err error) {
	if err := s.checkRow(a); err != nil {
		return err
	}
	if in.metadata, err = encodeMetadata(a.Metadata); err != nil {
		return err
	}
	in.Row = *a
	in.Row.DueAt, in.Row.CompletedAt = s.due.truncate(a.DueAt), s.completed.truncate(a.CompletedAt)
	in.Row.CreatedAt, in.Row.UpdatedAt = s.created.truncate(a.CreatedAt), s.updated.truncate(a.UpdatedAt)
	in.extra, err = s.extraValues(&in.Row)
	return err
}

// AsStored is a new row as the table returns it.
func (l *Layout) AsStored(a assignment.Assignment) assignment.Assignment {
	if !l.version.mapped() {
		a.Version = 0
	}
	if !l.request.mapped() {
		a.Request = ""
	}
	return a.Clone()
}

// WasUpdatedAt reports whether the row shows a change at that time.
func (l *Layout) WasUpdatedAt(row assignment.Assignment, at time.Time) bool {
	return l.updated.mapped() && row.UpdatedAt.Equal(l.updated.truncate(at))
}

// extraValues gets the values of the host's own columns from the host.
func (s *Statements) extraValues(a *assignment.Assignment) ([]any, error) {
	if len(s.Table.Extra) == 0 {
		return nil, nil
	}
	values := make([]any, len(s.Table.Extra))
	for i, extra := range s.Table.Extra {
		value, err := extra.Value(a.Clone())
		if err != nil {
			invalid := &assignment.InvalidError{Field: extra.Column, Reason: "has no value"}
			return nil, fmt.Errorf("%w: %w", invalid, err)
		}
		values[i] = value
	}
	return values, nil
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

// optionalText is NULL for none.
func optionalText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// optionalTime is NULL for none.
func optionalTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
