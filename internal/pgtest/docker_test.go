package main_test

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// waitLong waits for a server for longer than a test may take: the wait only ends
// when pgtest notices that the server has exited.
var waitLong = []string{"-from", "docker", "-wait", "1h"}

func TestDocker(t *testing.T) {
	t.Run("a_container_that_exits_at_start_is_reported_at_once_with_its_log", func(t *testing.T) {
		e := newEngine(t)
		e.started = func() { e.end("initdb: error: invalid locale settings") }
		wantExitReported(t, e, "invalid locale settings")
	})

	t.Run("a_container_that_exits_while_its_server_starts_is_reported_at_once_with_its_log", func(t *testing.T) {
		e := newEngine(t)
		e.address = "127.0.0.1:1"
		e.inspected = func() { e.end("FATAL: could not map anonymous shared memory") }
		wantExitReported(t, e, "could not map anonymous shared memory")
	})

	t.Run("an_exit_that_the_engine_reports_late_is_noticed", func(t *testing.T) {
		e := newEngine(t)
		e.address = "127.0.0.1:1"
		e.started = func() { e.endStream("FATAL: out of memory") }
		var requests atomic.Int32
		e.inspected = func() {
			if requests.Add(1) == 5 {
				e.end("")
			}
		}
		wantExitReported(t, e, "out of memory")
	})

	t.Run("a_server_that_accepts_connections_is_used_and_its_container_removed", func(t *testing.T) {
		e := newEngine(t)
		e.serveLocally(t)
		wantUsed(t, e)
	})

	t.Run("a_broken_stream_is_no_exit", func(t *testing.T) {
		e := newEngine(t)
		e.serveLocally(t)
		e.started = func() { e.endStream("") }
		wantUsed(t, e)
	})
}

func wantExitReported(tb testing.TB, e *engine, output string) {
	tb.Helper()
	p := e.program(tb, append(waitLong, "true")...)
	if code := p.run(tb); code != 125 {
		tb.Errorf("exit code: got %d, want 125", code)
	}
	got := p.stderr.String()
	if !strings.Contains(got, "the server exited: ") || !strings.Contains(got, output) || strings.Count(got, "\n") != 1 {
		tb.Errorf("stderr: got %q, want one line with %q", got, output)
	}
}

func wantUsed(tb testing.TB, e *engine) {
	tb.Helper()
	p := e.program(tb, append(waitLong, "sh", "-c", "exit 7")...)
	if code := p.run(tb); code != 7 || !strings.Contains(p.stderr.String(), " from a Docker container (postgres:") {
		tb.Errorf("exit code %d, want 7: %s", code, &p.stderr)
	}
	if e.alive() {
		tb.Error("the container was left behind")
	}
}

// engine is a fake Docker engine with one container, which the test controls.
type engine struct {
	listener net.Listener
	host     string
	// started and inspected are called after the client has started and inspected
	// the container.
	started, inspected func()
	// address is the published address; empty while there is none.
	address string

	mu      sync.Mutex
	running bool
	stream  net.Conn
}

func newEngine(tb testing.TB) *engine {
	tb.Helper()
	socket := filepath.Join(sharedTempDir(tb), "engine")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { listener.Close() })
	return &engine{listener: listener, host: "unix://" + socket, started: func() {}, inspected: func() {}}
}

// program returns a run of pgtest on the engine, which serves from now on. The
// fields of the engine must not change after it.
func (e *engine) program(tb testing.TB, args ...string) *program {
	tb.Helper()
	server := &http.Server{Handler: e.routes()}
	go server.Serve(e.listener)
	tb.Cleanup(func() { server.Close() })
	p := newProgram(tb, args...)
	p.setenv("DOCKER_HOST", e.host)
	return p
}

// serveLocally uses a local server as the server of the container.
func (e *engine) serveLocally(tb testing.TB) {
	tb.Helper()
	p, server := startScript(tb, "exec sleep 3600")
	e.address = server
	tb.Cleanup(func() {
		signalTo(tb, p, syscall.SIGTERM)
		p.exit(tb)
	})
}

func (e *engine) alive() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.running
}

// end makes the container write its last output and exit; the engine removes it.
func (e *engine) end(output string) {
	e.endStream(output)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running = false
}

// endStream ends the stream of the container's output.
func (e *engine) endStream(output string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stream == nil {
		return
	}
	const stderr = 2
	frame := binary.BigEndian.AppendUint32([]byte{stderr, 0, 0, 0}, uint32(len(output)))
	e.stream.Write(append(frame, output...))
	e.stream.Close()
	e.stream = nil
}

func (e *engine) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_ping", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /images/{image}/json", func(w http.ResponseWriter, _ *http.Request) { reply(w, map[string]any{}) })
	mux.HandleFunc("POST /containers/create", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		reply(w, map[string]any{"Id": "one"})
	})
	mux.HandleFunc("POST /containers/one/attach", e.attach)
	mux.HandleFunc("POST /containers/one/start", func(w http.ResponseWriter, _ *http.Request) {
		e.mu.Lock()
		e.running = true
		e.mu.Unlock()
		e.started()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /containers/one/stop", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("GET /containers/one/json", e.inspect)
	mux.HandleFunc("DELETE /containers/one", func(w http.ResponseWriter, _ *http.Request) {
		if !e.alive() {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		e.end("")
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

func (e *engine) attach(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	e.mu.Lock() // before the client continues and starts the container
	defer e.mu.Unlock()
	e.stream = conn
	io.WriteString(conn, "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
}

func (e *engine) inspect(w http.ResponseWriter, _ *http.Request) {
	if !e.alive() {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	ports := map[string]any{}
	if host, port, err := net.SplitHostPort(e.address); err == nil {
		ports["5432/tcp"] = []any{map[string]any{"HostIp": host, "HostPort": port}}
	}
	reply(w, map[string]any{
		"Id":              "one",
		"State":           map[string]any{"Running": true, "StartedAt": "2026-01-01T00:00:00Z"},
		"NetworkSettings": map[string]any{"Ports": ports},
	})
	e.inspected()
}

func reply(w http.ResponseWriter, body any) {
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}
