package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

func TestRouting(t *testing.T) {
	a := newMemory(t)

	t.Run("an_unknown_path_is_404", func(t *testing.T) {
		for _, path := range []string{
			"/", "/api", "/api/assignments/", "/api/assignments/i/j", "/api/external/assignments/i",
			"//api/assignments", "/api/./assignments", "/api/x/../assignments", "/API/assignments",
		} {
			got := a.do(t, http.MethodGet, path, "")
			if p := got.wantError(t, http.StatusNotFound, "NOT_FOUND"); p.Message != "There is nothing at this path" {
				t.Errorf("%s: %s", path, got.body)
			}
		}
	})

	t.Run("another_method_is_405_with_the_allowed_ones", func(t *testing.T) {
		for path, c := range map[string]struct{ method, allow string }{
			"/api/external/assignments": {http.MethodGet, "POST"},
			"/api/assignments":          {http.MethodDelete, "GET, HEAD, POST"},
			"/api/assignments/bulk":     {http.MethodPut, "GET, HEAD, PATCH, POST"},
			"/api/assignments/i":        {http.MethodPost, "GET, HEAD, PATCH"},
			"/openapi.json":             {http.MethodOptions, "GET, HEAD"},
		} {
			got := a.do(t, c.method, path, "")
			got.wantError(t, http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED")
			if allow := got.header.Get("Allow"); allow != c.allow {
				t.Errorf("%s: Allow is %q, want %q", path, allow, c.allow)
			}
		}
	})
}

func TestRequestID(t *testing.T) {
	a := newMemory(t)
	get := func(t *testing.T, headers ...string) string {
		t.Helper()
		return a.do(t, http.MethodGet, "/openapi.json", "", headers...).header.Get(requestIDHeader)
	}
	t.Run("is_generated_when_there_is_none", func(t *testing.T) {
		if first, second := get(t), get(t); first == "" || first == second {
			t.Errorf("got %q and %q", first, second)
		}
	})
	t.Run("of_the_caller_is_used", func(t *testing.T) {
		if got := get(t, requestIDHeader, "trace-1.2_3"); got != "trace-1.2_3" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("that_could_be_harmful_is_replaced", func(t *testing.T) {
		for _, bad := range []string{"", `a"b`, "a b", "é", strings.Repeat("x", 65)} {
			if got := get(t, requestIDHeader, bad); got == bad || got == "" {
				t.Errorf("%q: got %q", bad, got)
			}
		}
	})
}

// logBuffer collects log lines. It is safe for concurrent use.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// lines decodes what was logged; each line must be an object.
func (b *logBuffer) lines(t *testing.T) []object {
	t.Helper()
	var all []object
	for line := range strings.Lines(b.String()) {
		var one object
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("log line %q: %v", line, err)
		}
		all = append(all, one)
	}
	return all
}

func TestLog(t *testing.T) {
	var buffer logBuffer
	a := serveStore(t, open(t, ""), &buffer)
	a.post(t, "/api/assignments", createBody("ana-of-the-body", "s"), requestIDHeader, "r-1", idempotencyHeader, "idem-of-the-header").
		want(t, http.StatusCreated)
	a.do(t, http.MethodGet, "/api/assignments?user_id=ana-of-the-query", "").want(t, http.StatusOK)
	a.do(t, http.MethodGet, "/api/assignments", "", keyHeader, "guess-of-a-stranger").want(t, http.StatusUnauthorized)
	a.post(t, "/api/assignments", createBody("ana-of-the-body", "s")).want(t, http.StatusConflict)
	a.post(t, "/api/assignments", `{"member-of-the-body":1}`).want(t, http.StatusBadRequest)

	lines := buffer.lines(t)
	t.Run("has_a_line_for_each_request", func(t *testing.T) {
		var statuses []float64
		for _, line := range lines {
			statuses = append(statuses, line["status"].(float64))
		}
		if !slices.Equal(statuses, []float64{201, 200, 401, 409, 400}) {
			t.Fatalf("statuses: %v", statuses)
		}
		first := lines[0]
		if first["request_id"] != "r-1" || first["method"] != "POST" || first["path"] != "/api/assignments" {
			t.Errorf("first line: %v", first)
		}
		if lines[3]["type"] != "CONFLICT" || lines[3]["level"] != "INFO" {
			t.Errorf("line of the conflict: %v", lines[3])
		}
		if _, ok := first["milliseconds"].(float64); !ok {
			t.Errorf("first line: %v", first)
		}
	})
	t.Run("has_no_secret_and_no_name", func(t *testing.T) {
		for _, secret := range []string{
			externalKey, internalKey, "ana-of-the-body", "ana-of-the-query", "idem-of-the-header", "guess-of-a-stranger",
			"member-of-the-body",
		} {
			if strings.Contains(buffer.String(), secret) {
				t.Errorf("%s is in the log:\n%s", secret, buffer.String())
			}
		}
	})
}

// panicking is a store with a bug.
type panicking struct{ assignment.Store }

func (panicking) Get(context.Context, assignment.ID) (assignment.Assignment, error) {
	panic("bug in the store")
}

func TestPanic(t *testing.T) {
	t.Run("is_500_and_a_stack_in_the_log", func(t *testing.T) {
		var buffer logBuffer
		a := serveStore(t, panicking{Store: open(t, "")}, &buffer)
		got := a.do(t, http.MethodGet, "/api/assignments/i", "")
		if p := got.wantError(t, http.StatusInternalServerError, "INTERNAL"); strings.Contains(p.Message, "bug in") {
			t.Errorf("the response shows the panic: %s", got.body)
		}
		lines := buffer.lines(t)
		text, _ := lines[0]["error"].(string)
		if lines[0]["level"] != "ERROR" || !strings.Contains(text, "bug in the store") || !strings.Contains(text, "server_test.go") {
			t.Errorf("log: %v", lines[0])
		}
		a.do(t, http.MethodGet, "/openapi.json", "").want(t, http.StatusOK)
	})

	t.Run("in_the_middle_of_a_response_breaks_the_connection", func(t *testing.T) {
		var buffer logBuffer
		half := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
			panic("too late")
		})
		srv := httptest.NewServer(logged(jsonLog(&buffer), recovered(half)))
		defer srv.Close()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := send(req); err == nil {
			t.Errorf("the client got a complete response: %d %s", got.status, got.body)
		}
		if line := buffer.lines(t)[0]; line["level"] != "ERROR" || !strings.Contains(line["error"].(string), "too late") {
			t.Errorf("log: %v", line)
		}
	})
}

// stuck is a store whose Get returns when the context ends.
type stuck struct{ assignment.Store }

func (stuck) Get(ctx context.Context, _ assignment.ID) (assignment.Assignment, error) {
	<-ctx.Done()
	return assignment.Assignment{}, ctx.Err()
}

func TestTimeout(t *testing.T) {
	a := serveFor(t, stuck{Store: open(t, "")}, 20*time.Millisecond, t.Output())
	got := a.do(t, http.MethodGet, "/api/assignments/i", "")
	got.wantError(t, http.StatusServiceUnavailable, "TIMEOUT")
}
