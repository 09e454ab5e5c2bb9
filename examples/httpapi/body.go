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

// maxBodyBytes bounds what a client can make this program hold in memory.
const maxBodyBytes = 1 << 20

// readBody decodes the JSON object that a request consists of.
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

// decodeStrictly takes one JSON object and nothing else: a member that nobody
// reads is a typing error that should not pass for a success. What says what
// the object is, for the error.
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
		return badRequest(what, "goes on after the JSON object")
	}
	return checkMembers(encoded)
}

// checkMembers refuses what encoding/json lets pass: a member that comes twice,
// of which the last would count, and one that only differs in case from a known
// one, which would count as well. What another program checked or logged may have
// been the other of the two. The object is known to be JSON.
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
			return badRequest(name, "is not known here") // all names are in small letters
		case seen[name]:
			return badRequest(name, "is given more than once")
		}
		seen[name] = true
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
	}
	return nil
}

// explain names the member that encoding/json stumbled over.
func explain(what string, err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && e.Field != "" {
		// The path begins with embedded structs, which are no business of clients.
		return badRequest(e.Field[strings.LastIndexByte(e.Field, '.')+1:], "can't be a JSON "+e.Value)
	}
	// There is no type for this error.
	if name, found := strings.CutPrefix(err.Error(), "json: unknown field "); found {
		return badRequest(strings.Trim(name, `"`), "is not known here")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return badRequest(what, "ends in the middle of the JSON")
	}
	return badRequest(what, fmt.Sprintf("is not JSON: %v", err))
}

// checkWhole refuses text in which encoding/json has replaced what is no UTF-8:
// two names that differ in the replaced bytes would become one.
func checkWhole(field, text string) error {
	if strings.ContainsRune(text, utf8.RuneError) {
		return badRequest(field, "is not valid UTF-8")
	}
	return nil
}

// parseTime reads an optional time; nil is none.
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
