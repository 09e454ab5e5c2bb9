package main

import (
	"fmt"
	"net/http"
)

// What is wrong with a request before the SDK sees it.

func badRequest(field, reason string) error {
	return &problem{status: http.StatusBadRequest, Type: "VALIDATION", Field: field, Message: field + " " + reason}
}

// unauthorized does not tell a missing key from a wrong one, nor from a side
// that has no key. RFC 9110 asks for a challenge.
func unauthorized(side string) error {
	return &problem{
		status: http.StatusUnauthorized, Type: "UNAUTHORIZED", Message: "X-API-Key is missing or wrong",
		header: http.Header{"Www-Authenticate": {fmt.Sprintf("ApiKey realm=%q", side)}},
	}
}

// noRoute tells a method that does not exist from a path that does not.
func noRoute(allow string) error {
	if allow == "" {
		return &problem{status: http.StatusNotFound, Type: "NOT_FOUND", Message: "There is nothing at this path"}
	}
	return &problem{
		status: http.StatusMethodNotAllowed, Type: "METHOD_NOT_ALLOWED", Message: "This path knows " + allow,
		header: http.Header{"Allow": {allow}},
	}
}

func bodyTooLarge() error {
	return &problem{
		status: http.StatusRequestEntityTooLarge, Type: "BODY_TOO_LARGE",
		Message: fmt.Sprintf("The body is longer than %d bytes", maxBodyBytes),
		// What is left of the body is not worth reading.
		header: http.Header{"Connection": {"close"}},
	}
}

func bodyTooSlow(cause error) error {
	return &problem{
		status: http.StatusRequestTimeout, Type: "BODY_TOO_SLOW", Message: "The body took too long to arrive", cause: cause,
	}
}

func notJSON() error {
	return &problem{
		status: http.StatusUnsupportedMediaType, Type: "UNSUPPORTED_MEDIA_TYPE", Message: "The body must be application/json",
	}
}

// fieldOf gives the SDK's names of fields the names that they have in this API.
func fieldOf(field string) string {
	switch field {
	case "Key.AssigneeID", "Query.AssigneeID":
		return "user_id"
	case "Key.SubjectID", "Query.SubjectID":
		return "scenario_id"
	case "DueAt":
		return "due_date"
	case "AssignedBy":
		return "assigned_by"
	case "AccountID":
		return "account_id"
	case "Status", "Query.Statuses":
		return "status"
	case "ID":
		return "id"
	case "Cursor", "Query.After":
		return "cursor"
	case "IfVersion":
		return "If-Match"
	default:
		return field
	}
}
