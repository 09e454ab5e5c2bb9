package assignment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxMetadataBytes bounds Metadata, in bytes of its JSON encoding.
const MaxMetadataBytes = 8192

// normalizeMetadata returns the metadata as every driver will return it: a
// fresh tree of the kinds that encoding/json decodes to. Going through JSON
// here means that memory and a database can't disagree later.
func normalizeMetadata(m map[string]any) (map[string]any, error) {
	if len(m) == 0 {
		return nil, nil
	}
	encoded, err := json.Marshal(m)
	if err != nil {
		return nil, invalid("Metadata", fmt.Sprintf("is not JSON: %v", err))
	}
	if lostBytes(encoded) {
		return nil, invalid("Metadata", "must hold valid UTF-8")
	}
	if len(encoded) > MaxMetadataBytes {
		return nil, invalid("Metadata", fmt.Sprintf("is longer than %d bytes of JSON", MaxMetadataBytes))
	}
	return decodeExactly(encoded)
}

// decodeExactly decodes numbers to float64 and refuses those that would be
// rounded, since a rounded identifier is silent data loss.
func decodeExactly(encoded []byte) (map[string]any, error) {
	var m map[string]any
	dec := json.NewDecoder(bytes.NewReader(encoded))
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil {
		return nil, invalid("Metadata", fmt.Sprintf("is not JSON: %v", err))
	}
	if !validStrings(m) {
		return nil, invalid("Metadata", "must hold valid UTF-8 without NUL")
	}
	if _, err := exactNumbers(m); err != nil {
		return nil, err
	}
	return m, nil
}

// lostBytes reports whether json.Marshal has replaced invalid UTF-8, which it
// does without an error, by the escape of U+FFFD. A genuine U+FFFD is encoded as
// itself. An escape counts when its backslash is not itself escaped.
func lostBytes(encoded []byte) bool {
	const replacement = `\ufffd`
	for {
		at := bytes.Index(encoded, []byte(replacement))
		if at < 0 {
			return false
		}
		before := encoded[:at]
		if (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 0 {
			return true
		}
		encoded = encoded[at+len(replacement):]
	}
}

// validStrings looks at keys and strings for NUL, which jsonb can't hold.
func validStrings(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if !storable(k) || !validStrings(e) {
				return false
			}
		}
	case []any:
		for _, e := range v {
			if !validStrings(e) {
				return false
			}
		}
	case string:
		return storable(v)
	}
	return true
}

// storable reports whether PostgreSQL's text can hold s; the same rule serves
// every driver.
func storable(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

// cloneObject copies a tree of decoded JSON.
func cloneObject(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	c := make(map[string]any, len(m))
	for k, v := range m {
		c[k] = cloneValue(v)
	}
	return c
}

func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return cloneObject(v)
	case []any:
		c := make([]any, len(v))
		for i, e := range v {
			c[i] = cloneValue(e)
		}
		return c
	default:
		return v
	}
}
