package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
)

// keyHeader is the header with the key. The names of headers are case-insensitive;
// the documentation writes X-API-Key.
const keyHeader = "X-Api-Key"

// requireKey rejects requests without the key, and all requests if the key is empty.
//
// It compares hashes, in constant time: the response time reveals neither the length
// of the key nor how much of a guess is right.
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
