package assignment_test

import (
	"strconv"
	"testing"

	"github.com/assignment-go/assignment"
)

// TestCreateAllocations bounds what a Create costs in memory, all in: the ID, the
// fingerprint, the row and the share of the growing indexes.
func TestCreateAllocations(t *testing.T) {
	const bound = 5
	service := newService(t)
	keys := make([]assignment.Key, 2001)
	for i := range keys {
		keys[i] = keyOf(strconv.Itoa(i))
	}
	next := 0
	got := testing.AllocsPerRun(len(keys)-1, func() {
		if _, err := service.Create(t.Context(), assignment.CreateParams{Key: keys[next]}); err != nil {
			t.Fatal(err)
		}
		next++
	})
	if got > bound {
		t.Errorf("Create allocates %v times, want at most %d", got, bound)
	}
	t.Logf("Create allocates %v times", got)
}
