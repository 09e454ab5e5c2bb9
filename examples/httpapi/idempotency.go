package main

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/assignment-go/assignment"
)

// keyOfRetries is the header by which a retry is recognised, as in the IETF
// draft of that name.
const keyOfRetries = "Idempotency-Key"

// maxIdempotencyKey bounds the header, in bytes.
const maxIdempotencyKey = 255

// idempotencyKey returns the key of a request, or nothing. The draft has it in
// quotes, most clients send it without: both forms name the same key.
func idempotencyKey(r *http.Request) (string, error) {
	values := r.Header.Values(keyOfRetries)
	if len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 {
		return "", badRequest(keyOfRetries, "is given twice")
	}
	key := values[0]
	if inner, quoted := strings.CutPrefix(key, `"`); quoted {
		var closed bool
		if key, closed = strings.CutSuffix(inner, `"`); !closed {
			return "", badRequest(keyOfRetries, "lacks its closing quote")
		}
	}
	if key == "" || len(key) > maxIdempotencyKey || strings.ContainsFunc(key, notPlain) {
		return "", badRequest(keyOfRetries, `must have 1 to 255 printable ASCII characters other than " and \`)
	}
	return key, nil
}

// notPlain reports what a quoted key would have to escape, or could not hold.
func notPlain(c rune) bool { return c < ' ' || c > '~' || c == '"' || c == '\\' }

// attemptID derives the ID of an assignment from the Idempotency-Key, so that
// each attempt asks for the same row and the store recognises it; there is no
// table of keys. The scope keeps the two sides apart. It does not depend on the
// API key, which may be changed between two attempts. Without an Idempotency-Key
// the SDK makes the ID.
func attemptID(scope, key string) assignment.ID {
	if key == "" {
		return ""
	}
	const base = "https://github.com/assignment-go/assignment/examples/httpapi/"
	return assignment.ID(uuid.NewSHA1(uuid.NameSpaceURL, []byte(base+scope+"/"+key)).String())
}

// asCreated returns an assignment as the first 201 showed it. A retry gets the
// answer that was lost, not the present state: that the work is completed by now
// is another question, and GET answers it. What asCreated resets is all that can
// have changed, since the store has compared the rest with the request.
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
