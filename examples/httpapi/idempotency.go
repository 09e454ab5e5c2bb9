package main

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/assignment-go/assignment"
)

// idempotencyHeader is the header that identifies the retries of a request, as in the
// IETF draft of that name.
const idempotencyHeader = "Idempotency-Key"

// maxIdempotencyKey bounds the header, in bytes.
const maxIdempotencyKey = 255

// idempotencyKey returns the key of a request, or "". The draft requires quotes, and
// most clients send none: both forms are the same key.
func idempotencyKey(r *http.Request) (string, error) {
	values := r.Header.Values(idempotencyHeader)
	if len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 {
		return "", badRequest(idempotencyHeader, "occurs more than once")
	}
	key := values[0]
	if inner, quoted := strings.CutPrefix(key, `"`); quoted {
		var closed bool
		if key, closed = strings.CutSuffix(inner, `"`); !closed {
			return "", badRequest(idempotencyHeader, "lacks its closing quote")
		}
	}
	if key == "" || len(key) > maxIdempotencyKey || strings.ContainsFunc(key, notPlain) {
		return "", badRequest(idempotencyHeader, `must have 1 to 255 printable ASCII characters other than " and \`)
	}
	return key, nil
}

// notPlain reports whether a quoted key would have to escape c, or can't contain it.
func notPlain(c rune) bool { return c < ' ' || c > '~' || c == '"' || c == '\\' }

// attemptID derives the ID of an assignment from the Idempotency-Key, so that each
// attempt asks for the same row, which the store recognises; there is no table of keys.
// The scope separates the two sides of the API. The ID does not depend on the API key,
// which may change between two attempts. Without an Idempotency-Key the SDK makes the
// ID.
func attemptID(scope, key string) assignment.ID {
	if key == "" {
		return ""
	}
	const base = "https://github.com/assignment-go/assignment/examples/httpapi/"
	return assignment.ID(uuid.NewSHA1(uuid.NameSpaceURL, []byte(base+scope+"/"+key)).String())
}

// asCreated returns an assignment as it was in the first 201. A retry gets the response
// that was lost and not the current state, which GET returns. asCreated resets
// everything that can have changed; the store has compared the rest with the request.
func asCreated(a assignment.Assignment, l assignment.Lifecycle) assignment.Assignment {
	return assignment.Assignment{
		ID:         a.ID,
		Key:        a.Key,
		Status:     l.Initial(),
		AssignedBy: a.AssignedBy,
		AccountID:  a.AccountID,
		DueAt:      a.DueAt,
		CreatedAt:  a.CreatedAt,
		UpdatedAt:  a.CreatedAt,
		Version:    1,
	}
}
