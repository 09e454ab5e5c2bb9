package jsonvalue

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// exact replaces the numbers within v in place, and v itself if it is one.
func exact(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			if v[k], err = exact(v[k]); err != nil {
				return nil, err
			}
		}
	case []any:
		for i := range v {
			if v[i], err = exact(v[i]); err != nil {
				return nil, err
			}
		}
	case json.Number:
		return exactFloat(string(v))
	}
	return v, nil
}

// exactFloat rejects a number that would come back as another one, however it is
// written. A float64 stands for two numbers: the binary fraction that it holds,
// and the shortest decimal that reads as it, which is what it is printed as. 0.1
// is the second of its float64 and not the first.
func exactFloat(n string) (any, error) {
	f, err := strconv.ParseFloat(n, 64)
	if err != nil {
		return nil, fmt.Errorf("number %s is out of range", truncated(n))
	}
	if f == 0 && !isZero(n) || f != 0 && !isDecimalOf(n, f) {
		return nil, fmt.Errorf("number %s would be rounded; pass it as a string", truncated(n))
	}
	if f == 0 {
		return 0.0, nil // JSON in a database knows no negative zero
	}
	return f, nil
}

// isZero reports whether a JSON number has no digit but zeros before its
// exponent.
func isZero(n string) bool {
	digits, _, _ := strings.Cut(strings.ToLower(n), "e")
	return strings.Trim(digits, "-0.") == ""
}

// isDecimalOf compares the values. The exponent can't be large, since f is
// neither zero nor infinite and n not long.
func isDecimalOf(n string, f float64) bool {
	shortest := strconv.FormatFloat(f, 'g', -1, 64)
	if n == shortest {
		return true
	}
	want, ok := new(big.Rat).SetString(n)
	if !ok {
		return false
	}
	if want.Cmp(new(big.Rat).SetFloat64(f)) == 0 {
		return true
	}
	got, ok := new(big.Rat).SetString(shortest)
	return ok && want.Cmp(got) == 0
}

// truncated keeps a message readable.
func truncated(n string) string {
	const most = 40
	if len(n) > most {
		return n[:most] + "…"
	}
	return n
}
