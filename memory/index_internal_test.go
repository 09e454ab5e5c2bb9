package memory

import (
	"testing"

	"github.com/assignment-go/assignment"
)

// TestIndexOfCollidingKeys lets every key have the same hash, which no caller could arrange.
func TestIndexOfCollidingKeys(t *testing.T) {
	x := newIndex(
		func(assignment.ID) uint64 { return 7 },
		func(row *assignment.Assignment) assignment.ID { return row.ID })
	row := func(id assignment.ID) *assignment.Assignment { return &assignment.Assignment{ID: id} }
	first, second, third := row("first"), row("second"), row("third")
	for _, r := range []*assignment.Assignment{first, second, third} {
		x.set(r.ID, r)
	}
	want := func(t *testing.T, id assignment.ID, want *assignment.Assignment) {
		t.Helper()
		if got := x.get(id); got != want {
			t.Errorf("%s: got %v, want %v", id, got, want)
		}
	}

	t.Run("each_is_found", func(t *testing.T) {
		want(t, "first", first)
		want(t, "second", second)
		want(t, "third", third)
		want(t, "fourth", nil)
	})
	t.Run("removing_one_leaves_the_others", func(t *testing.T) {
		x.remove("first")
		want(t, "first", nil)
		want(t, "second", second)
		want(t, "third", third)
	})
	t.Run("one_that_is_set_again_is_replaced", func(t *testing.T) {
		again := row("second")
		x.set("second", again)
		want(t, "second", again)
		want(t, "third", third)
	})
	t.Run("one_that_moved_leaves_nothing_behind", func(t *testing.T) {
		x.remove("second")
		want(t, "second", nil)
		x.remove("third")
		want(t, "third", nil)
	})
}
