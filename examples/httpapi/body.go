package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// maxBodyBytes bounds the memory that a request can use.
const maxBodyBytes = 1 << 20

// readBody decodes the JSON object in the body of a request.
func readBody(w http.ResponseWriter, r *http.Request, into any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return notJSON()
	}
	encoded, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return bodyTooLarge()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return bodyTooSlow(err)
	}
	if err != nil {
		return badRequest("body", "could not be read to its end")
	}
	return decodeStrictly("body", encoded, into)
}

// decodeStrictly decodes one JSON object and nothing else: an unknown member is
// probably a typing error and must not be ignored. The errors name the object by
// what.
func decodeStrictly(what string, encoded []byte, into any) error {
	if trimmed := bytes.TrimSpace(encoded); len(trimmed) == 0 || trimmed[0] != '{' {
		return badRequest(what, "must be a JSON object")
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return explain(what, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return badRequest(what, "has text after the JSON object")
	}
	return checkMembers(encoded)
}

// checkMembers rejects what encoding/json accepts: a member that occurs twice, of
// which the last one would count, and one that differs from a known one only in case.
// Another program may have checked or logged the other one of the two. The object
// must be valid JSON.
func checkMembers(encoded []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	seen := make(map[string]bool)
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		switch {
		case strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "":
			return badRequest(name, "is unknown") // all known names are in lower case
		case seen[name]:
			return badRequest(name, "occurs more than once")
		}
		seen[name] = true
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
	}
	return nil
}

// explain names the member that encoding/json could not decode.
func explain(what string, err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && e.Field != "" {
		// The path begins with embedded structs, which clients don't know.
		return badRequest(e.Field[strings.LastIndexByte(e.Field, '.')+1:], "can't be a JSON "+e.Value)
	}
	// encoding/json has no type for this error.
	if name, found := strings.CutPrefix(err.Error(), "json: unknown field "); found {
		return badRequest(strings.Trim(name, `"`), "is unknown")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return badRequest(what, "is incomplete JSON")
	}
	return badRequest(what, fmt.Sprintf("is not JSON: %v", err))
}

// checkUTF8 rejects text in which encoding/json has replaced invalid UTF-8: names that
// only differ in the replaced bytes would become equal.
func checkUTF8(field, text string) error {
	if strings.ContainsRune(text, utf8.RuneError) {
		return badRequest(field, "is not valid UTF-8")
	}
	return nil
}

// parseTime parses an optional time; nil means none.
func parseTime(field string, text *string) (time.Time, error) {
	if text == nil {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, *text)
	if err != nil || t.IsZero() {
		return time.Time{}, badRequest(field, "must be a time as in 2030-01-31T12:00:00Z (RFC 3339)")
	}
	return t, nil
}
