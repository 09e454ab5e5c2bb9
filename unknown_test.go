package assignment_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/assignment-go/assignment"
)

// lostReply is what a driver may see when a context ends on the way: a chain with
// everything in it that could be mistaken for a rejection.
func lostReply(cause error) error {
	return &assignment.UnknownOutcomeError{ID: "a1", Err: fmt.Errorf("read the reply: %w", cause)}
}

func TestUnknownOutcomeError(t *testing.T) {
	t.Run("is_no_context_error", func(t *testing.T) {
		for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
			err := fmt.Errorf("create: %w", lostReply(cause))
			if errors.Is(err, cause) {
				t.Errorf("%v is the context's error: its reader believes that nothing was written", err)
			}
			if !errors.Is(err, assignment.ErrUnknownOutcome) {
				t.Errorf("%v is not ErrUnknownOutcome", err)
			}
		}
	})
	t.Run("is_no_other_sentinel", func(t *testing.T) {
		for _, sentinel := range sentinels {
			if got := errors.Is(lostReply(sentinel), sentinel); got != errors.Is(sentinel, assignment.ErrUnknownOutcome) {
				t.Errorf("with %q in its chain: is it: %t", sentinel, got)
			}
		}
	})
	t.Run("has_no_other_typed_error_in_its_chain", func(t *testing.T) {
		hides[*assignment.ActiveExistsError](t, &assignment.ActiveExistsError{})
		hides[*assignment.BatchError](t, &assignment.BatchError{Err: io.EOF})
		hides[*assignment.GuardError](t, &assignment.GuardError{})
		hides[*assignment.InvalidError](t, &assignment.InvalidError{})
		hides[*assignment.TransitionError](t, &assignment.TransitionError{})
		hides[*assignment.UnsupportedError](t, &assignment.UnsupportedError{})
		hides[net.Error](t, context.DeadlineExceeded)
	})
	t.Run("shows_what_the_driver_saw", func(t *testing.T) {
		reset := &net.OpError{Op: "read", Err: io.ErrUnexpectedEOF}
		err := fmt.Errorf("create: %w", lostReply(reset))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%v: the driver's error is not in the chain", err)
		}
		if found, ok := errors.AsType[*net.OpError](err); !ok || found != reset {
			t.Errorf("%v: the driver's typed error is %v, %t", err, found, ok)
		}
	})
	t.Run("is_found_by_its_type", func(t *testing.T) {
		if found, ok := errors.AsType[*assignment.UnknownOutcomeError](fmt.Errorf("create: %w", lostReply(io.EOF))); !ok || found.ID != "a1" {
			t.Errorf("got %v, %t", found, ok)
		}
	})
}

// hides wants that an unknown outcome with err in its chain is not taken for it.
func hides[E error](t *testing.T, err error) {
	t.Helper()
	if found, ok := errors.AsType[E](lostReply(err)); ok {
		t.Errorf("an unknown outcome shows %T in its chain: %v", err, found)
	}
}
