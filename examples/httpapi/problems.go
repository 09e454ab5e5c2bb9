package main

import (
	"fmt"
	"net/http"
)

// The errors of a request that does not reach the SDK.

func badRequest(field, reason string) error {
	return &problem{status: http.StatusBadRequest, Type: "VALIDATION", Field: field, Message: field + " " + reason}
}

// unauthorized is the same for a missing key, a wrong one, and a side whose key is not
// set. RFC 9110 requires the challenge.
func unauthorized(side string) error {
	return &problem{
		status: http.StatusUnauthorized, Type: "UNAUTHORIZED", Message: "X-API-Key is missing or wrong",
		header: http.Header{"Www-Authenticate": {fmt.Sprintf("ApiKey realm=%q", side)}},
	}
}

// noRoute is 404 for an unknown path, and 405 for an unknown method of a known path.
func noRoute(allow string) error {
	if allow == "" {
		return &problem{status: http.StatusNotFound, Type: "NOT_FOUND", Message: "There is nothing at this path"}
	}
	return &problem{
		status: http.StatusMethodNotAllowed, Type: "METHOD_NOT_ALLOWED", Message: "This path allows " + allow,
		header: http.Header{"Allow": {allow}},
	}
}

func bodyTooLarge() error {
	return &problem{
		status: http.StatusRequestEntityTooLarge, Type: "BODY_TOO_LARGE",
		Message: fmt.Sprintf("The body is longer than %d bytes", maxBodyBytes),
		// The rest of the body is not read.
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

// fieldOf translates the names of the SDK's fields to those of this API.
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
