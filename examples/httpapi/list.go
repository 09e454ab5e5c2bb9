package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/assignment-go/assignment"
)

// The sizes of a page.
const (
	defaultPage = 50
	maxPage     = 200
)

// page is the body of a list. NextCursor is empty on the last page.
type page struct {
	Assignments []resource `json:"assignments"`
	NextCursor  string     `json:"next_cursor,omitempty"`
}

// list serves GET /api/assignments, oldest first.
func (s *server) list(w http.ResponseWriter, r *http.Request) error {
	q, err := parseQuery(r.URL)
	if err != nil {
		return err
	}
	limit := q.Limit
	q.Limit++ // one more, to find out whether there is a next page
	body := page{Assignments: make([]resource, 0, limit)}
	var last assignment.Assignment
	for a, err := range s.svc.List(r.Context(), q) {
		if err != nil {
			return err
		}
		if len(body.Assignments) == limit {
			next, err := last.Cursor().MarshalText()
			if err != nil {
				return err
			}
			body.NextCursor = string(next)
			break
		}
		body.Assignments = append(body.Assignments, newResource(a))
		last = a
	}
	return writeJSON(w, http.StatusOK, body)
}

// parseQuery rejects unknown parameters: a mistyped filter would otherwise list
// everything.
func parseQuery(u *url.URL) (assignment.Query, error) {
	q := assignment.Query{Limit: defaultPage}
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return q, badRequest("query", "is malformed")
	}
	for name, given := range values {
		if len(given) > 1 && name != "status" {
			return q, badRequest(name, "occurs more than once")
		}
		for _, value := range given {
			if err := setFilter(&q, name, value); err != nil {
				return q, err
			}
		}
	}
	return q, nil
}

func setFilter(q *assignment.Query, name, value string) error {
	if value == "" {
		return badRequest(name, "is empty; omit it to list all")
	}
	switch name {
	case "user_id":
		q.AssigneeID = value
	case "scenario_id":
		q.SubjectID = value
	case "status":
		q.Statuses = append(q.Statuses, assignment.Status(value))
	case "active":
		if value != "true" {
			return badRequest(name, "must be true; omit it to list all")
		}
		q.ActiveOnly = true
	case "limit":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > maxPage {
			return badRequest(name, fmt.Sprintf("must be a number from 1 to %d", maxPage))
		}
		q.Limit = n
	case "cursor":
		return q.After.UnmarshalText([]byte(value))
	default:
		return badRequest(name, "is not a parameter of this list")
	}
	return nil
}
