package plural_test

import (
	"testing"

	"github.com/assignment-go/assignment/internal/plural"
)

func TestOf(t *testing.T) {
	for n, want := range map[int]string{0: "0 rows have", 1: "1 row has", 2: "2 rows have", 1000: "1000 rows have"} {
		t.Run(want, func(t *testing.T) {
			if got := plural.Of(n, "row has", "rows have"); got != want {
				t.Errorf("got %s", got)
			}
		})
	}
}
