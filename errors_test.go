package assignment_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/assignment-go/assignment"
)

// sentinels lists all of them, so that a test can tell that an error is one
// and none of the others.
var sentinels = []error{
	assignment.ErrActiveExists, assignment.ErrInvalid, assignment.ErrNotFound, assignment.ErrTransition,
	assignment.ErrStale, assignment.ErrIDReused, assignment.ErrContended, assignment.ErrRetryTransaction,
	assignment.ErrUnknownOutcome, assignment.ErrUnguarded, assignment.ErrUnsupported, assignment.ErrUnavailable,
}

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		err  error
		is   error
		text string
	}{
		{
			&assignment.ActiveExistsError{
				Key:      assignment.Key{AssigneeID: "ana", SubjectID: "intake"},
				Existing: assignment.Assignment{ID: "a1"},
			},
			assignment.ErrActiveExists,
			`active assignment already exists for assignee "ana" and subject "intake": held by a1`,
		},
		{
			&assignment.InvalidError{Field: "Key.AssigneeID", Reason: "is required"},
			assignment.ErrInvalid,
			"invalid input: Key.AssigneeID is required",
		},
		{
			&assignment.TransitionError{ID: "a1", From: "pending", To: "archived"},
			assignment.ErrTransition,
			"transition not allowed: a1 from pending to archived",
		},
		{
			&assignment.TransitionError{ID: "a1", From: "completed", To: "completed"},
			assignment.ErrTransition,
			"transition not allowed: a1 is completed and can't be changed",
		},
		{
			&assignment.UnknownOutcomeError{ID: "a1", Err: context.Canceled},
			assignment.ErrUnknownOutcome,
			"outcome unknown for a1: context canceled",
		},
		{
			&assignment.UnsupportedError{Ability: "Replace", Reason: "there are no transactions"},
			assignment.ErrUnsupported,
			"Replace is not supported by this store: there are no transactions",
		},
		{
			&assignment.GuardError{Table: "assignments", Findings: []assignment.GuardFinding{
				{Problem: "index_missing", Detail: "no index", Fix: []string{"CREATE UNIQUE INDEX"}},
				{Problem: "column_nullable", Detail: "status is nullable"},
			}},
			assignment.ErrUnguarded,
			"active slot is not guarded on table assignments; index_missing: no index (fix: CREATE UNIQUE INDEX); " +
				"column_nullable: status is nullable",
		},
	} {
		t.Run(fmt.Sprintf("%T", test.err), func(t *testing.T) {
			if test.err.Error() != test.text {
				t.Errorf("says %q, want %q", test.err, test.text)
			}
			for _, sentinel := range sentinels {
				if got := errors.Is(fmt.Errorf("wrapped: %w", test.err), sentinel); got != (sentinel == test.is) { //nolint:errorlint // the sentinels themselves are compared
					t.Errorf("is %q: %t", sentinel, got)
				}
			}
		})
	}
}

func TestGuardErrorHas(t *testing.T) {
	err := &assignment.GuardError{Findings: []assignment.GuardFinding{{Problem: "index_invalid"}}}
	if !err.Has("index_invalid") || err.Has("index_missing") {
		t.Error("Has does not tell the findings")
	}
}

// TestFailuresNameOperationAndID is what an operator reads in a log.
func TestFailuresNameOperationAndID(t *testing.T) {
	service := newService(t)
	a := mustCreate(t, service, assignment.Key{AssigneeID: "ana", SubjectID: "intake"})
	_, notFound := service.Get(t.Context(), "missing")
	_, stale := service.Complete(t.Context(), a.ID, assignment.IfVersion(7))
	_, taken := service.Create(t.Context(), assignment.CreateParams{ID: "a2", Key: a.Key})
	_, reused := service.Create(t.Context(), assignment.CreateParams{ID: a.ID, Key: assignment.Key{AssigneeID: "bo", SubjectID: "intake"}})
	_, free := service.FindActive(t.Context(), assignment.Key{AssigneeID: "bo", SubjectID: "intake"})
	for err, text := range map[error]string{
		notFound: "get assignment missing: assignment not found",
		stale:    "transition assignment " + string(a.ID) + ": assignment was changed by someone else: version is 1, not 7",
		taken:    `create assignment a2: active assignment already exists for assignee "ana" and subject "intake": held by ` + string(a.ID),
		reused:   "create assignment " + string(a.ID) + ": id already used for another assignment",
		free:     `find active assignment of assignee "bo" and subject "intake": assignment not found`,
	} {
		if err == nil || err.Error() != text {
			t.Errorf("says %q, want %q", err, text)
		}
		if !slices.ContainsFunc(sentinels, func(s error) bool { return errors.Is(err, s) }) {
			t.Errorf("%q is none of the sentinels", err)
		}
	}
}
