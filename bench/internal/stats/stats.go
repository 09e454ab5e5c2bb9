// Package stats computes medians and quantiles.
package stats

import (
	"cmp"
	"math"
	"slices"
)

// Number is a type whose values can be averaged.
type Number interface {
	~int | ~int64 | ~float64
}

// Median returns the middle value, or the mean of the two middle values when their
// number is even, or 0 when there are none. It does not change values.
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

// Quantile returns the smallest of the sorted values that at least the fraction q of
// them does not exceed, or the zero value when there are none.
func Quantile[T cmp.Ordered](sorted []T, q float64) T {
	if len(sorted) == 0 {
		var none T
		return none
	}
	rank := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}
