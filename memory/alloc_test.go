package memory_test

import (
	"testing"

	"github.com/assignment-go/assignment"
)

// TestAllocations bounds what the store adds to a call: the row, and now and then
// the growth of a map.
func TestAllocations(t *testing.T) {
	const runs = 2000
	fx := newFixture(t, 0)
	rows := make([]assignment.Assignment, runs+1) // AllocsPerRun warms up with one
	for i := range rows {
		rows[i] = fx.row()
	}
	t.Run("create_of_a_new_key", func(t *testing.T) {
		wantAllocations(t, 1, rows, func(a assignment.Assignment) { fx.create(t, a) })
	})
	t.Run("replay", func(t *testing.T) {
		wantAllocations(t, 0, rows, func(a assignment.Assignment) { fx.create(t, a) })
	})
	t.Run("find_active", func(t *testing.T) {
		wantAllocations(t, 0, rows, func(a assignment.Assignment) {
			if _, err := fx.store.FindActive(t.Context(), a.Key); err != nil {
				t.Fatal(err)
			}
		})
	})
	t.Run("complete", func(t *testing.T) {
		wantAllocations(t, 1, rows, func(a assignment.Assignment) { fx.complete(t, a) })
	})
}

func wantAllocations(t *testing.T, bound float64, rows []assignment.Assignment, call func(assignment.Assignment)) {
	t.Helper()
	next := 0
	got := testing.AllocsPerRun(len(rows)-1, func() {
		call(rows[next])
		next++
	})
	if got > bound {
		t.Errorf("%v allocations, want at most %v", got, bound)
	}
	t.Logf("%v allocations", got)
}
