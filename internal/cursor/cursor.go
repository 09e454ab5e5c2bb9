// Package cursor writes a position in a list as an opaque text that is safe in
// URLs: a time in microseconds and an ID.
package cursor

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// Encode returns the text form.
func Encode(at time.Time, id string) []byte {
	plain := strconv.FormatInt(at.UnixMicro(), 36) + "." + id
	return base64.RawURLEncoding.AppendEncode(nil, []byte(plain))
}

// Decode reads what Encode wrote. It does not validate the ID.
func Decode(text []byte) (at time.Time, id string, ok bool) {
	plain, err := base64.RawURLEncoding.DecodeString(string(text))
	if err != nil {
		return time.Time{}, "", false
	}
	micros, id, found := strings.Cut(string(plain), ".")
	n, err := strconv.ParseInt(micros, 36, 64)
	return time.UnixMicro(n).UTC(), id, found && err == nil
}
