// Package stats has the few statistics that the lab needs.
package stats

import (
	"cmp"
	"math"
	"slices"
)

// Number is what can be averaged.
type Number interface {
	~int | ~int64 | ~float64
}

// Median returns the middle value, the mean of the two middle ones when their
// number is even, and 0 for none. It leaves values as they are.
func Median[T Number](values []T) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// Quantile returns the smallest of the sorted values that at least the
// fraction q of them does not exceed, and the zero value for none.
func Quantile[T cmp.Ordered](sorted []T, q float64) T {
	if len(sorted) == 0 {
		var none T
		return none
	}
	rank := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}
