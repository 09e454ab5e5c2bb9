package stats_test

import (
	"slices"
	"testing"

	"github.com/assignment-go/assignment/bench/internal/stats"
)

func TestMedian(t *testing.T) {
	t.Run("is the middle value and does not sort the values", func(t *testing.T) {
		values := []int{9, 1, 5}
		if got := stats.Median(values); got != 5 || !slices.Equal(values, []int{9, 1, 5}) {
			t.Errorf("got %d, %v", got, values)
		}
	})
	t.Run("is the mean of the two middle values", func(t *testing.T) {
		if got := stats.Median([]float64{4, 1, 2, 100}); got != 3 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("of nothing is zero", func(t *testing.T) {
		if got := stats.Median([]float64(nil)); got != 0 {
			t.Errorf("got %v", got)
		}
	})
}

func TestQuantile(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for q, want := range map[float64]int{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		if got := stats.Quantile(hundred, q); got != want {
			t.Errorf("%v: got %d, want %d", q, got, want)
		}
	}
	t.Run("of one value is that value", func(t *testing.T) {
		if got := stats.Quantile([]int{7}, 0.99); got != 7 {
			t.Errorf("got %d", got)
		}
	})
	t.Run("of nothing is zero", func(t *testing.T) {
		if got := stats.Quantile([]int(nil), 0.5); got != 0 {
			t.Errorf("got %d", got)
		}
	})
}
