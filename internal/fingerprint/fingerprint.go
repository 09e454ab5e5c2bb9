// Package fingerprint hashes a sequence of values, so that two sequences have
// the same fingerprint only if they are equal. Stored rows are compared by
// fingerprints for years: what is appended here must never be encoded otherwise.
//
// No two sequences of values are encoded alike: each value has a mark for what
// it is, and each text and list has its length.
package fingerprint

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"math"
	"slices"
)

// sumBytes is how much of the hash a fingerprint has: 128 bits, so that two
// requests never share one by chance.
const sumBytes = 16

// Sum returns the fingerprint of what was appended to b.
func Sum(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:sumBytes])
}

// AppendNumber appends n under a mark.
func AppendNumber(b []byte, mark byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64(append(b, mark), n)
}

// AppendText appends s under a mark.
func AppendText(b []byte, mark byte, s string) []byte {
	return append(AppendNumber(b, mark, uint64(len(s))), s...)
}

// AppendObject appends decoded JSON, whatever the order of its keys.
func AppendObject(b []byte, m map[string]any) []byte {
	b = AppendNumber(b, '{', uint64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		b = appendValue(AppendText(b, '"', k), m[k])
	}
	return b
}

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		return AppendObject(b, v)
	case []any:
		b = AppendNumber(b, '[', uint64(len(v)))
		for _, e := range v {
			b = appendValue(b, e)
		}
		return b
	case string:
		return AppendText(b, '"', v)
	case float64:
		return AppendNumber(b, '0', math.Float64bits(v))
	case bool:
		if v {
			return append(b, 't')
		}
		return append(b, 'f')
	default:
		return append(b, 'n')
	}
}
