package assignment_test

import (
	"errors"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

func TestChangeApply(t *testing.T) {
	at := time.Unix(5000, 0).UTC()
	l := assignment.DefaultLifecycle()
	closed := sample()
	closed.Status, closed.CompletedAt, closed.Version = "completed", time.Unix(4000, 0).UTC(), 2

	t.Run("moves_and_stamps", func(t *testing.T) {
		next, err := assignment.Change{To: "completed", At: at}.Apply(sample(), l)
		if err != nil || next.Status != "completed" || next.Version != 2 || next.UpdatedAt != at || next.CompletedAt != at {
			t.Errorf("got %v and %v", next, err)
		}
	})
	t.Run("reopening_clears_the_completion", func(t *testing.T) {
		next, err := assignment.Change{To: "pending", At: at}.Apply(closed, l)
		if err != nil || !next.CompletedAt.IsZero() || next.Version != 3 {
			t.Errorf("got %v and %v", next, err)
		}
	})
	t.Run("what_is_so_already_stays", func(t *testing.T) {
		for _, c := range []assignment.Change{{To: "completed"}, {AssigneeID: "ana"}, {}, {To: "completed", IfVersion: 2}} {
			c.At = at
			next, err := c.Apply(closed, l)
			if err != nil || next.Version != closed.Version || next.CompletedAt != closed.CompletedAt {
				t.Errorf("%+v: got %v and %v", c, next, err)
			}
		}
	})
	t.Run("stale_comes_first", func(t *testing.T) {
		for _, c := range []assignment.Change{{To: "completed"}, {To: "in_progress"}, {To: "pending"}, {AssigneeID: "bo"}} {
			c.IfVersion = 1
			if _, err := c.Apply(closed, l); !errors.Is(err, assignment.ErrStale) {
				t.Errorf("%+v: got %v, want ErrStale", c, err)
			}
		}
	})
	t.Run("reassigning_moves_the_key_alone", func(t *testing.T) {
		next, err := assignment.Change{AssigneeID: "bo", At: at}.Apply(sample(), l)
		want := assignment.Key{AssigneeID: "bo", SubjectID: "intake"}
		if err != nil || next.Key != want || next.Status != "pending" || next.Version != 2 {
			t.Errorf("got %v and %v", next, err)
		}
	})
	t.Run("a_closed_one_is_not_reassigned", func(t *testing.T) {
		_, err := assignment.Change{AssigneeID: "bo", At: at}.Apply(closed, l)
		rejection, ok := errors.AsType[*assignment.TransitionError](err)
		if !ok || *rejection != (assignment.TransitionError{ID: "a1", From: "completed", To: "completed"}) {
			t.Errorf("got %v", err)
		}
	})
}
