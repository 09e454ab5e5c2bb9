package main

import (
	"net/http"
	"net/url"

	"github.com/assignment-go/assignment"
)

// externalRequest is the body of a partner's request.
type externalRequest struct {
	UserID     string  `json:"user_id"`
	ScenarioID string  `json:"scenario_id"`
	DueDate    *string `json:"due_date"`
}

// internalRequest is the body of a request from our own programs.
type internalRequest struct {
	externalRequest
	AssignedBy string `json:"assigned_by"`
	AccountID  string `json:"account_id"`
}

// params returns the parameters for the SDK, which checks the rest.
func (q externalRequest) params() (assignment.CreateParams, error) {
	if err := checkUTF8("user_id", q.UserID); err != nil {
		return assignment.CreateParams{}, err
	}
	if err := checkUTF8("scenario_id", q.ScenarioID); err != nil {
		return assignment.CreateParams{}, err
	}
	due, err := parseTime("due_date", q.DueDate)
	return assignment.CreateParams{
		Key:   assignment.Key{AssigneeID: q.UserID, SubjectID: q.ScenarioID},
		DueAt: due,
	}, err
}

func (q internalRequest) params() (assignment.CreateParams, error) {
	if err := checkUTF8("assigned_by", q.AssignedBy); err != nil {
		return assignment.CreateParams{}, err
	}
	if err := checkUTF8("account_id", q.AccountID); err != nil {
		return assignment.CreateParams{}, err
	}
	p, err := q.externalRequest.params()
	p.AssignedBy, p.AccountID = q.AssignedBy, q.AccountID
	return p, err
}

// createExternal serves POST /api/external/assignments.
func (s *server) createExternal(w http.ResponseWriter, r *http.Request) error {
	var q externalRequest
	if err := readBody(w, r, &q); err != nil {
		return err
	}
	p, err := q.params()
	if err != nil {
		return err
	}
	return s.create(w, r, "external", p)
}

// createInternal serves POST /api/assignments.
func (s *server) createInternal(w http.ResponseWriter, r *http.Request) error {
	var q internalRequest
	if err := readBody(w, r, &q); err != nil {
		return err
	}
	p, err := q.params()
	if err != nil {
		return err
	}
	return s.create(w, r, "internal", p)
}

// create does not check whether the slot is free, which would be the check-then-create
// race. It asks for the slot, and the store decides.
func (s *server) create(w http.ResponseWriter, r *http.Request, scope string, p assignment.CreateParams) error {
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	p.ID = attemptID(scope, key)
	a, err := s.svc.Create(r.Context(), p)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/assignments/"+url.PathEscape(string(a.ID)))
	return writeAssignment(w, http.StatusCreated, asCreated(a, s.svc.Policy().Lifecycle))
}
