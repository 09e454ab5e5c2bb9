package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
)

const (
	externalKey = "key-of-the-partners"
	internalKey = "key-of-our-own"
)

// api is a client of a running server, with the key of one side. It checks every
// response against the OpenAPI document.
type api struct {
	url  string
	key  string
	spec spec
}

// reply is a response that has been read.
type reply struct {
	status int
	header http.Header
	body   []byte
	closes bool
}

// serveStore runs the API on a store, as main does.
func serveStore(t *testing.T, store assignment.Store, log io.Writer) api {
	t.Helper()
	return serveFor(t, store, requestTimeout, log)
}

func serveFor(t *testing.T, store assignment.Store, timeout time.Duration, log io.Writer) api {
	t.Helper()
	svc, err := assignment.NewService(store, nil)
	if err != nil {
		t.Fatal(err)
	}
	handler := newServer(svc, keys{external: externalKey, internal: internalKey}, timeout, jsonLog(log))
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return api{url: srv.URL, key: internalKey, spec: loadSpec(t)}
}

func jsonLog(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

// newMemory runs the API on an empty store in memory.
func newMemory(t *testing.T) api {
	t.Helper()
	return serveStore(t, open(t, ""), t.Output())
}

// onEachStore runs a test on memory and on PostgreSQL.
func onEachStore(t *testing.T, test func(t *testing.T, a api)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { test(t, newMemory(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, serveStore(t, open(t, testdb.Schema(t)), t.Output())) })
}

// open opens a store as the program does.
func open(t *testing.T, url string) assignment.Store {
	t.Helper()
	opened, err := openStore(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(opened.close)
	return opened.store
}

// external returns the client with the key of the partners.
func (a api) external() api {
	a.key = externalKey
	return a
}

// do sends a request. Headers are pairs of name and value, and replace those that
// every request has.
func (a api) do(t *testing.T, method, path, body string, headers ...string) reply {
	t.Helper()
	got, err := a.try(t, method, path, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return got
}

// try is do for any goroutine: it does not call t.Fatal.
func (a api) try(t *testing.T, method, path, body string, headers ...string) (reply, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, a.url+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set(keyHeader, a.key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header[http.CanonicalHeaderKey(headers[i])] = []string{headers[i+1]}
	}
	got, err := send(req)
	if err != nil {
		return reply{}, err
	}
	for _, fault := range a.spec.faults(req, body, got) {
		t.Errorf("%s %s: the response %d differs from the document: %s\n%s", method, path, got.status, fault, got.body)
	}
	return got, nil
}

func send(req *http.Request) (reply, error) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return reply{status: res.StatusCode, header: res.Header, body: body, closes: res.Close}, err
}

// post is do for a request that creates.
func (a api) post(t *testing.T, path, body string, headers ...string) reply {
	t.Helper()
	return a.do(t, http.MethodPost, path, body, headers...)
}

// create creates an assignment through the internal side.
func (a api) create(t *testing.T, user, scenario string) resource {
	t.Helper()
	got := a.post(t, "/api/assignments", createBody(user, scenario)).want(t, http.StatusCreated)
	return got.assignment(t)
}

// patch moves an assignment to another status.
func (a api) patch(t *testing.T, id assignment.ID, status string, headers ...string) reply {
	t.Helper()
	return a.do(t, http.MethodPatch, "/api/assignments/"+string(id), `{"status":"`+status+`"}`, headers...)
}

// list reads one page.
func (a api) list(t *testing.T, query string) page {
	t.Helper()
	got := a.do(t, http.MethodGet, "/api/assignments"+query, "").want(t, http.StatusOK)
	return decode[page](t, got.body)
}

// createBody is the body of a request that creates an assignment.
func createBody(user, scenario string) string {
	return `{"user_id":"` + user + `","scenario_id":"` + scenario + `"}`
}

func (r reply) want(t *testing.T, status int) reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("status: got %d, want %d\n%s", r.status, status, r.body)
	}
	return r
}

func (r reply) assignment(t *testing.T) resource {
	t.Helper()
	return decode[single](t, r.body).Assignment
}

// wantError checks the status and the type, and returns the error.
func (r reply) wantError(t *testing.T, status int, kind string) problem {
	t.Helper()
	r.want(t, status)
	got := decode[failure](t, r.body).Error
	if got == nil || got.Type != kind {
		t.Fatalf("error type: want %s\n%s", kind, r.body)
	}
	return *got
}

// wantInvalid checks that a request was rejected because of the field.
func (r reply) wantInvalid(t *testing.T, field string) {
	t.Helper()
	if got := r.wantError(t, http.StatusBadRequest, "VALIDATION"); got.Field != field {
		t.Fatalf("field: got %q, want %q\n%s", got.Field, field, r.body)
	}
}

func decode[T any](t *testing.T, body []byte) T {
	t.Helper()
	var v T
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("decode: %v\n%s", err, body)
	}
	return v
}
