package assignment

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"math"
	"slices"
)

// SameRequest reports whether a and b stem from one request: whether a Create
// of b, when a is stored under its ID, repeats the call that created a. Drivers
// use it when an ID exists already: the same request is the caller's own
// earlier attempt, another one is [ErrIDReused].
//
// The fingerprints in Request decide, whatever has become of the row since: it
// may have been completed, reassigned or edited. Where one of them is missing,
// because the store does not keep it or another program wrote the row, ID and
// SubjectID decide, which no call can change. Anything else may then differ
// because of a change as well as because of another request, and to call one's
// own assignment somebody else's is the worse mistake.
func (a Assignment) SameRequest(b Assignment) bool {
	if a.ID != b.ID {
		return false
	}
	if a.Request != "" && b.Request != "" {
		return a.Request == b.Request
	}
	return a.Key.SubjectID == b.Key.SubjectID
}

// requestBytes is how much of the hash is kept: 128 bits, so that two requests
// never share a fingerprint by chance.
const requestBytes = 16

// requestOf is the fingerprint of what the creator of a asked for. Stored rows
// are compared by it for years: the same request must have the same fingerprint
// in every release. So an attribute that is not there leaves no trace, and one
// that the SDK learns of later changes nothing for those without it.
func requestOf(a *Assignment) string {
	b := make([]byte, 0, 512) // on the stack, enough for most
	b = appendText(b, 'k', a.Key.AssigneeID)
	b = appendText(b, 's', a.Key.SubjectID)
	if a.AssignedBy != "" {
		b = appendText(b, 'b', a.AssignedBy)
	}
	if a.AccountID != "" {
		b = appendText(b, 'a', a.AccountID)
	}
	if !a.DueAt.IsZero() {
		b = appendNumber(b, 'd', uint64(a.DueAt.UnixMicro())) // any bijection will do
	}
	if len(a.Metadata) > 0 {
		b = appendObject(append(b, 'm'), a.Metadata)
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:requestBytes])
}

// No two sequences of values look alike: each value has a mark for what it is,
// and each text and list its length.

func appendNumber(b []byte, mark byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64(append(b, mark), n)
}

func appendText(b []byte, mark byte, s string) []byte {
	return append(appendNumber(b, mark, uint64(len(s))), s...)
}

func appendObject(b []byte, m map[string]any) []byte {
	b = appendNumber(b, '{', uint64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		b = appendValue(appendText(b, '"', k), m[k])
	}
	return b
}

// appendValue knows what normalizeMetadata makes.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		return appendObject(b, v)
	case []any:
		b = appendNumber(b, '[', uint64(len(v)))
		for _, e := range v {
			b = appendValue(b, e)
		}
		return b
	case string:
		return appendText(b, '"', v)
	case float64:
		return appendNumber(b, '0', math.Float64bits(v))
	case bool:
		if v {
			return append(b, 't')
		}
		return append(b, 'f')
	default:
		return append(b, 'n')
	}
}
