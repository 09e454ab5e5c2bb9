// Package plural writes counts in messages.
package plural

import "strconv"

// Of returns the number with the word for it: the first for one, else the second,
// as in "1 row" and "2 rows".
func Of[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatInt(int64(n), 10) + " " + many
}
