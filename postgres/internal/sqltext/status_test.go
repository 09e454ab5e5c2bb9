package sqltext_test

import (
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

func TestActive(t *testing.T) {
	t.Run("one_terminal_status_is_compared", func(t *testing.T) {
		got := sqltext.Active("status", assignment.CompletedOnlyLifecycle())
		if want := `"status" <> 'completed'`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("the_order_of_the_lifecycle_does_not_matter", func(t *testing.T) {
		l, err := assignment.NewLifecycle(assignment.LifecycleConfig{
			Initial: "pending", Terminal: []assignment.Status{assignment.StatusCancelled, assignment.StatusCompleted},
		})
		if err != nil {
			t.Fatal(err)
		}
		want := sqltext.Active("status", assignment.DefaultLifecycle())
		if got := sqltext.Active("status", l); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestTerminal(t *testing.T) {
	t.Run("names_every_terminal_status", func(t *testing.T) {
		got := sqltext.Terminal("status", assignment.DefaultLifecycle())
		if want := `"status" IN ('cancelled', 'completed')`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestStatuses(t *testing.T) {
	t.Run("are_literals_in_the_given_order", func(t *testing.T) {
		got := sqltext.Statuses([]assignment.Status{"b", "a'c"})
		if want := `'b', 'a''c'`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("none_is_empty", func(t *testing.T) {
		if got := sqltext.Statuses(nil); got != "" {
			t.Errorf("got %s", got)
		}
	})
}
