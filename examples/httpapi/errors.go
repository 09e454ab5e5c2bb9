package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/assignment-go/assignment"
)

// problem is an error response. Its JSON is the member "error" of the body.
type problem struct {
	// Type is for programs: one word per row of the table below.
	Type string `json:"type"`
	// Message is for people, and its wording may change.
	Message string `json:"message"`
	// Field is the member, parameter or header that caused the error.
	Field string `json:"field,omitempty"`
	// AssignmentID is the holder in a CONFLICT, and the assignment that may or
	// may not have been written in an UNKNOWN_OUTCOME.
	AssignmentID assignment.ID `json:"assignment_id,omitempty"`

	status     int
	retryAfter int // in seconds; zero for no Retry-After
	header     http.Header
	cause      error
}

// Error returns the text for the log, with the cause, which clients don't see.
func (p *problem) Error() string {
	text := p.Type + ": " + p.Message
	if p.Field != "" {
		text += " (" + p.Field + ")"
	}
	if p.cause != nil {
		text += ": " + p.cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (p *problem) Unwrap() error { return p.cause }

// mapping is the response to an error of the SDK.
type mapping struct {
	sentinel error
	problem
}

// mappings lists all sentinels of the SDK, and the two errors of a context. The order
// matters where one error is in the chain of another: the cause of an unknown outcome
// is often the end of a context, which must not determine the response.
func mappings() []mapping {
	return []mapping{
		{assignment.ErrUnknownOutcome, problem{
			status: http.StatusServiceUnavailable, retryAfter: 1, Type: "UNKNOWN_OUTCOME",
			Message: "The request may or may not have been carried out; repeat it to find out",
		}},
		{assignment.ErrActiveExists, problem{
			status: http.StatusConflict, Type: "CONFLICT",
			Message: "Active assignment already exists for this counselor and scenario",
		}},
		{assignment.ErrInvalid, problem{status: http.StatusBadRequest, Type: "VALIDATION"}},
		{assignment.ErrNotFound, problem{
			status: http.StatusNotFound, Type: "NOT_FOUND", Message: "There is no such assignment",
		}},
		{assignment.ErrTransition, problem{status: http.StatusUnprocessableEntity, Type: "TRANSITION"}},
		{assignment.ErrStale, problem{
			status: http.StatusPreconditionFailed, Type: "STALE", Field: "If-Match",
			Message: "The assignment has changed since; read it again",
		}},
		{assignment.ErrIDReused, problem{
			status: http.StatusUnprocessableEntity, Type: "IDEMPOTENCY_KEY_REUSED", Field: idempotencyHeader,
			Message: "The Idempotency-Key was used for another request; use a new one",
		}},
		{assignment.ErrContended, problem{
			status: http.StatusServiceUnavailable, retryAfter: 1, Type: "CONTENDED",
			Message: "Too many requests compete for the same slot; nothing was written",
		}},
		{assignment.ErrRetryTransaction, problem{
			status: http.StatusServiceUnavailable, retryAfter: 1, Type: "RETRY_TRANSACTION",
			Message: "The transaction was rolled back; nothing was written",
		}},
		{assignment.ErrUnavailable, problem{
			status: http.StatusServiceUnavailable, retryAfter: 5, Type: "UNAVAILABLE",
			Message: "The store is not available; nothing was written",
		}},
		{assignment.ErrUnguarded, problem{
			status: http.StatusInternalServerError, Type: "UNGUARDED",
			Message: "The store can't keep its guarantee; nothing was written",
		}},
		{assignment.ErrUnsupported, problem{
			status: http.StatusNotImplemented, Type: "UNSUPPORTED", Message: "The store can't do this",
		}},
		{context.DeadlineExceeded, timedOut()},
		{context.Canceled, timedOut()},
	}
}

func timedOut() problem {
	return problem{
		status: http.StatusServiceUnavailable, retryAfter: 1, Type: "TIMEOUT",
		Message: "The request timed out before anything was written",
	}
}

// problemOf is the one place where errors become responses. An error that is not
// listed is a bug in this program.
func problemOf(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	for _, m := range mappings() {
		if errors.Is(err, m.sentinel) {
			p := m.problem
			p.cause = err
			p.addFacts(err)
			return &p
		}
	}
	return &problem{
		status: http.StatusInternalServerError, Type: "INTERNAL",
		Message: "The server failed; the request was valid", cause: err,
	}
}

// addFacts copies from the typed errors what a client may know. Their texts, which may
// quote the database, are only for the log.
func (p *problem) addFacts(err error) {
	switch p.Type {
	case "UNKNOWN_OUTCOME":
		if e, ok := errors.AsType[*assignment.UnknownOutcomeError](err); ok {
			p.AssignmentID = e.ID
		}
	case "CONFLICT":
		if e, ok := errors.AsType[*assignment.ActiveExistsError](err); ok {
			p.AssignmentID = e.Existing.ID
		}
	case "VALIDATION":
		if e, ok := errors.AsType[*assignment.InvalidError](err); ok {
			p.Field = fieldOf(e.Field)
			p.Message = p.Field + " " + e.Reason
		}
	case "TRANSITION":
		if e, ok := errors.AsType[*assignment.TransitionError](err); ok {
			p.AssignmentID = e.ID
			p.Message = fmt.Sprintf("The assignment is %s and can't become %s", e.From, e.To)
		}
	}
}
