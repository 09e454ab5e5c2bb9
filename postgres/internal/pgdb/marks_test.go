package pgdb_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

func TestMarks(t *testing.T) {
	failure := errors.New("failed")
	isInClient := func(err error) bool {
		_, ok := pgdb.IsInClient(err)
		return ok
	}
	marks := map[string]struct {
		mark func(error) error
		is   func(error) bool
	}{
		"not_sent":   {pgdb.NotSent, pgdb.IsNotSent},
		"in_client":  {func(err error) error { return pgdb.InClient(err, 3) }, isInClient},
		"unreadable": {pgdb.Unreadable, pgdb.IsUnreadable},
	}
	for name, m := range marks {
		t.Run(name+"_is_found_in_a_wrapped_error", func(t *testing.T) {
			if err := fmt.Errorf("create: %w", m.mark(failure)); !m.is(err) || !errors.Is(err, failure) {
				t.Errorf("%v is not marked, or has lost its cause", err)
			}
		})
		t.Run(name+"_does_not_make_success_a_failure", func(t *testing.T) {
			if err := m.mark(nil); err != nil {
				t.Errorf("got %v", err)
			}
		})
		t.Run(name+"_is_no_other_mark", func(t *testing.T) {
			for other, o := range marks {
				if other != name && o.is(m.mark(failure)) {
					t.Errorf("it is taken for %s", other)
				}
			}
		})
	}
	t.Run("in_client_names_the_parameter", func(t *testing.T) {
		if parameter, _ := pgdb.IsInClient(pgdb.InClient(failure, 3)); parameter != 3 {
			t.Errorf("got %d, want 3", parameter)
		}
	})
}
