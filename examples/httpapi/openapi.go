package main

import (
	_ "embed"
	"net/http"
)

// description is the OpenAPI document. The tests check every response against it.
//
//go:embed openapi.json
var description []byte

// describe serves GET /openapi.json, without a key.
func describe(w http.ResponseWriter, _ *http.Request) error {
	return writeBytes(w, http.StatusOK, description)
}
