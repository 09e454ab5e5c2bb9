package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// spec checks requests and responses against the OpenAPI document.
type spec struct{ doc object }

func loadSpec(t *testing.T) spec {
	t.Helper()
	doc, err := parseJSON(description)
	if err != nil {
		t.Fatal(err)
	}
	return spec{doc: doc.(object)}
}

// resolve follows a $ref into the components.
func (s spec) resolve(node object) object {
	ref, ok := node["$ref"].(string)
	if !ok {
		return node
	}
	var at any = s.doc
	for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		at = at.(object)[step]
	}
	return at.(object)
}

// operations returns every documented operation as "METHOD path".
func (s spec) operations() map[string]object {
	found := make(map[string]object)
	for path, item := range s.doc["paths"].(object) {
		for method, operation := range item.(object) {
			if method != "parameters" {
				found[strings.ToUpper(method)+" "+path] = operation.(object)
			}
		}
	}
	return found
}

// operation returns the operation of a request. A path without parameters takes
// precedence.
func (s spec) operation(method, path string) (object, bool) {
	all := s.operations()
	if exact, ok := all[method+" "+path]; ok {
		return exact, true
	}
	if rest, ok := strings.CutPrefix(path, "/api/assignments/"); ok && rest != "" && !strings.Contains(rest, "/") {
		one, ok := all[method+" /api/assignments/{id}"]
		return one, ok
	}
	return nil, false
}

// faults returns how a response differs from the document. If the server accepted the
// request, it also checks the request.
func (s spec) faults(req *http.Request, body string, got reply) []string {
	operation, known := s.operation(req.Method, req.URL.EscapedPath())
	if !known {
		return s.outside(got)
	}
	documented, ok := operation["responses"].(object)[strconv.Itoa(got.status)].(object)
	if !ok {
		return []string{"the status is missing"}
	}
	documented = s.resolve(documented)
	found := append(s.headers(documented, got), s.body(documented, got)...)
	if got.status < http.StatusMultipleChoices {
		found = append(found, s.request(operation, req, body)...)
	}
	return found
}

// outside checks a response that belongs to no operation: it can't be a success, and
// must have the form of every error.
func (s spec) outside(got reply) []string {
	if got.status != http.StatusNotFound && got.status != http.StatusMethodNotAllowed {
		return []string{"the operation is missing"}
	}
	return s.body(s.resolve(object{"$ref": "#/components/responses/NotFound"}), got)
}

func (s spec) headers(documented object, got reply) []string {
	var found []string
	promised, _ := documented["headers"].(object)
	for name, h := range promised {
		header := s.resolve(h.(object))
		value := got.header.Get(name)
		if value == "" && header["required"] != true {
			continue
		}
		found = append(found, s.violations("header "+name, header["schema"].(object), value)...)
	}
	for _, name := range []string{"Etag", "Location", "Retry-After", "Www-Authenticate", "X-Request-Id"} {
		if got.header.Get(name) != "" && !hasHeader(promised, name) {
			found = append(found, name+" is not documented")
		}
	}
	return found
}

func hasHeader(promised object, name string) bool {
	for documented := range promised {
		if http.CanonicalHeaderKey(documented) == name {
			return true
		}
	}
	return false
}

func (s spec) body(documented object, got reply) []string {
	media, ok := documented["content"].(object)[got.header.Get("Content-Type")].(object)
	if !ok {
		return []string{fmt.Sprintf("the content type %q is missing", got.header.Get("Content-Type"))}
	}
	value, err := parseJSON(got.body)
	if err != nil {
		return []string{"the body is not JSON: " + err.Error()}
	}
	return s.violations("body", media["schema"].(object), value)
}

// request checks a request that the server has accepted.
func (s spec) request(operation object, req *http.Request, body string) []string {
	var found []string
	if documented, ok := operation["requestBody"].(object); ok {
		value, err := parseJSON([]byte(body))
		if err != nil {
			return []string{"the request is not JSON: " + err.Error()}
		}
		schema := documented["content"].(object)["application/json"].(object)["schema"].(object)
		// An invalid item has an error in its result and does not fail the request.
		if req.URL.Path != "/api/assignments/bulk" {
			found = s.violations("request", schema, value)
		}
	}
	for name := range req.URL.Query() {
		found = append(found, violationUnless(s.hasParameter(operation, "query", name), name, "is not documented")...)
	}
	for _, name := range []string{"Idempotency-Key", "If-Match"} {
		if req.Header.Get(name) != "" {
			found = append(found, violationUnless(s.hasParameter(operation, "header", name), name, "is not documented")...)
		}
	}
	return found
}

func (s spec) hasParameter(operation object, in, name string) bool {
	parameters, _ := operation["parameters"].([]any)
	for _, p := range parameters {
		if parameter := s.resolve(p.(object)); parameter["in"] == in && parameter["name"] == name {
			return true
		}
	}
	return false
}
