package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/assignment-go/assignment"
)

// get serves GET /api/assignments/{id}.
func (s *server) get(w http.ResponseWriter, r *http.Request) error {
	a, err := s.svc.Get(r.Context(), assignment.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	return writeAssignment(w, http.StatusOK, a)
}

// patchRequest is the only change that this API offers.
type patchRequest struct {
	Status assignment.Status `json:"status"`
}

// patch serves PATCH /api/assignments/{id}. A move to the current status changes
// nothing, so that a retry is safe.
func (s *server) patch(w http.ResponseWriter, r *http.Request) error {
	var q patchRequest
	if err := readBody(w, r, &q); err != nil {
		return err
	}
	if q.Status == "" {
		return badRequest("status", "is required")
	}
	match, err := parseIfMatch(r.Header.Values("If-Match"))
	if err != nil {
		return err
	}
	a, err := s.transition(r.Context(), assignment.ID(r.PathValue("id")), q.Status, match)
	if err != nil {
		return err
	}
	return writeAssignment(w, http.StatusOK, a)
}

// transition tries the versions that the caller accepts. Each attempt is atomic, and
// at most one of them is the current version.
func (s *server) transition(
	ctx context.Context, id assignment.ID, to assignment.Status, match ifMatch,
) (assignment.Assignment, error) {
	if match.anyVersion {
		return s.svc.Transition(ctx, id, to)
	}
	for _, version := range match.versions {
		a, err := s.svc.Transition(ctx, id, to, assignment.IfVersion(version))
		if !errors.Is(err, assignment.ErrStale) {
			return a, err
		}
	}
	// A missing assignment is 404, also with If-Match.
	if _, err := s.svc.Get(ctx, id); err != nil {
		return assignment.Assignment{}, err
	}
	return assignment.Assignment{}, fmt.Errorf("%w: the assignment has none of the versions in If-Match", assignment.ErrStale)
}
