// Package jsonvalue brings Go values into the form in which encoding/json
// decodes them, and rejects what would come back changed. Going through JSON
// before any store sees a value means that no two stores can return it
// differently.
package jsonvalue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Object returns m as a tree of its own, made of nil, bool, float64, string,
// []any and map[string]any; nil when m is empty. The error completes a sentence
// whose subject is the object.
func Object(m map[string]any, maxBytes int) (map[string]any, error) {
	if len(m) == 0 {
		return nil, nil
	}
	encoded, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("is not JSON: %w", err)
	}
	if replacedBytes(encoded) {
		return nil, errors.New("must hold valid UTF-8")
	}
	if len(encoded) > maxBytes {
		return nil, fmt.Errorf("is longer than %d bytes of JSON", maxBytes)
	}
	return decode(encoded)
}

func decode(encoded []byte) (map[string]any, error) {
	var m map[string]any
	dec := json.NewDecoder(bytes.NewReader(encoded))
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil {
		return nil, fmt.Errorf("is not JSON: %w", err)
	}
	if !storable(m) {
		return nil, errors.New("must hold valid UTF-8 without NUL")
	}
	if _, err := exact(m); err != nil {
		return nil, err
	}
	return m, nil
}

// replacedBytes reports whether json.Marshal has replaced invalid UTF-8, which it
// does without an error, by the escape of U+FFFD. A genuine U+FFFD is encoded as
// itself. An escape counts when its backslash is not itself escaped.
func replacedBytes(encoded []byte) bool {
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

// storable reports whether PostgreSQL can hold every key and string of v: jsonb
// rejects NUL. The same rule serves every store.
func storable(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if !storableText(k) || !storable(e) {
				return false
			}
		}
	case []any:
		for _, e := range v {
			if !storable(e) {
				return false
			}
		}
	case string:
		return storableText(v)
	}
	return true
}

func storableText(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

// Clone copies what Object returned.
func Clone(m map[string]any) map[string]any {
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
		return Clone(v)
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
