package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/assignment-go/assignment"
)

// resource is the JSON form of an assignment in this API.
type resource struct {
	ID          assignment.ID     `json:"id"`
	UserID      string            `json:"user_id"`
	ScenarioID  string            `json:"scenario_id"`
	Status      assignment.Status `json:"status"`
	DueDate     time.Time         `json:"due_date,omitzero"`
	AssignedBy  string            `json:"assigned_by,omitempty"`
	AccountID   string            `json:"account_id,omitempty"`
	CreatedAt   time.Time         `json:"created_at"`
	UpdatedAt   time.Time         `json:"updated_at"`
	CompletedAt time.Time         `json:"completed_at,omitzero"`
	Version     int64             `json:"version"`
}

func newResource(a assignment.Assignment) resource {
	return resource{
		ID:          a.ID,
		UserID:      a.Key.AssigneeID,
		ScenarioID:  a.Key.SubjectID,
		Status:      a.Status,
		DueDate:     a.DueAt,
		AssignedBy:  a.AssignedBy,
		AccountID:   a.AccountID,
		CreatedAt:   a.CreatedAt,
		UpdatedAt:   a.UpdatedAt,
		CompletedAt: a.CompletedAt,
		Version:     a.Version,
	}
}

// single is the body with one assignment.
type single struct {
	Assignment resource `json:"assignment"`
}

// failure is the body of every error response.
type failure struct {
	Error *problem `json:"error"`
}

func writeAssignment(w http.ResponseWriter, status int, a assignment.Assignment) error {
	w.Header().Set("ETag", etag(a.Version))
	return writeJSON(w, status, single{Assignment: newResource(a)})
}

// writeError writes the response for the error and records it for the log.
func writeError(w http.ResponseWriter, err error) {
	p := problemOf(err)
	noteError(w, p)
	maps.Copy(w.Header(), p.header)
	setRetryAfter(w, p.retryAfter)
	if err := writeJSON(w, p.status, failure{Error: p}); err != nil {
		noteError(w, err)
	}
}

// setRetryAfter sets the header, unless seconds is zero.
func setRetryAfter(w http.ResponseWriter, seconds int) {
	if seconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
}

// writeJSON encodes before it sends, so that an error can still be reported.
func writeJSON(w http.ResponseWriter, status int, body any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return writeBytes(w, status, append(encoded, '\n'))
}

// writeBytes sends JSON. It ignores errors: the client may have disconnected.
func writeBytes(w http.ResponseWriter, status int, encoded []byte) error {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(encoded)
	return nil
}

// noteError records an error for the log.
func noteError(w http.ResponseWriter, err error) {
	if rec, ok := w.(*recorder); ok {
		rec.note(err)
	}
}
