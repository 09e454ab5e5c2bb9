package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
)

// keyHeader carries the key of either side. Names of headers are
// case-insensitive; documents write this one X-API-Key.
const keyHeader = "X-Api-Key"

// requireKey lets through who knows the key. Nobody knows an empty one.
//
// The hashes are compared, and in constant time: neither how much of a guess is
// right nor the length of the key shows in how long the answer takes.
func requireKey(side, key string) func(endpoint) endpoint {
	want := sha256.Sum256([]byte(key))
	return func(next endpoint) endpoint {
		return func(w http.ResponseWriter, r *http.Request) error {
			given := r.Header.Values(keyHeader)
			if key == "" || len(given) != 1 {
				return unauthorized(side)
			}
			got := sha256.Sum256([]byte(given[0]))
			if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
				return unauthorized(side)
			}
			return next(w, r)
		}
	}
}
