package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// runMain makes the test binary run the program, so that the tests below run the real
// main in another process, with the race detector.
const runMain = "HTTPAPI_TEST_RUN_MAIN"

// processTimeout bounds every wait for a process.
const processTimeout = 2 * time.Minute

func TestMain(m *testing.M) {
	if os.Getenv(runMain) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process is the running program.
type process struct {
	cmd    *exec.Cmd
	stdout strings.Builder
	log    logBuffer
	// lines receives each line of the log; it is closed at the end.
	lines chan object
	addr  string
}

// command prepares the program with only env in its environment.
func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append([]string{runMain + "=1", "HOME=" + t.TempDir(), "GORACE=atexit_sleep_ms=100"}, env...)
	cmd.WaitDelay = processTimeout
	return cmd
}

// startProcess starts the program on a free port, and returns once it listens.
func startProcess(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := &process{
		cmd:   command(t, env, append([]string{"-addr", "127.0.0.1:0"}, args...)...),
		lines: make(chan object, 10_000),
	}
	p.cmd.Stdout = &p.stdout
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.read(stderr)
	t.Cleanup(func() { p.cmd.Process.Kill() })
	p.addr, _ = p.waitFor(t, "listening")["addr"].(string)
	return p
}

func (p *process) read(stderr io.Reader) {
	defer close(p.lines)
	scanner := bufio.NewScanner(stderr)
	for scanner.Scan() {
		p.log.Write(append(scanner.Bytes(), '\n'))
		var line object
		if json.Unmarshal(scanner.Bytes(), &line) == nil {
			p.lines <- line
		}
	}
}

// waitFor returns the next log line with this message.
func (p *process) waitFor(t *testing.T, message string) object {
	t.Helper()
	deadline := time.After(processTimeout)
	for {
		select {
		case line, open := <-p.lines:
			if !open {
				t.Fatalf("the process ended before it logged %q:\n%s", message, p.log.String())
			}
			if line["msg"] == message {
				return line
			}
		case <-deadline:
			t.Fatalf("%q was not logged within %v:\n%s", message, processTimeout, p.log.String())
		}
	}
}

func (p *process) api(t *testing.T) api {
	t.Helper()
	return api{url: "http://" + p.addr, key: internalKey, spec: loadSpec(t)}
}

// stop sends a signal and returns the exit code. It reads the rest of the log first,
// as os/exec requires.
func (p *process) stop(t *testing.T, signal os.Signal) int {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	return p.wait(t)
}

func (p *process) wait(t *testing.T) int {
	t.Helper()
	deadline := time.After(processTimeout)
	for {
		select {
		case _, open := <-p.lines:
			if open {
				continue
			}
			p.cmd.Wait()
			return p.cmd.ProcessState.ExitCode()
		case <-deadline:
			t.Fatalf("the process did not end within %v:\n%s", processTimeout, p.log.String())
		}
	}
}

func bothKeys() []string {
	return []string{envExternalKey + "=" + externalKey, envInternalKey + "=" + internalKey}
}

func TestStart(t *testing.T) {
	t.Run("the_external_key_alone_is_enough", func(t *testing.T) {
		p := startProcess(t, []string{envExternalKey + "=k"})
		a := p.api(t)
		a.key = "k"
		a.post(t, "/api/external/assignments", createBody("ana", "intake")).want(t, 201)
		a.do(t, "GET", "/api/assignments", "").wantError(t, 401, "UNAUTHORIZED")
		if code := p.stop(t, syscall.SIGTERM); code != exitOK {
			t.Errorf("exit code: %d", code)
		}
		if !strings.Contains(p.log.String(), `"environment":"INTERNAL_API_KEY"`) {
			t.Errorf("the log does not say that the internal key is not set:\n%s", p.log.String())
		}
	})

	t.Run("dev_prints_the_generated_keys_and_logs_none", func(t *testing.T) {
		p := startProcess(t, []string{envExternalKey + "=" + externalKey}, "-dev")
		p.stop(t, os.Interrupt)
		name, key, _ := strings.Cut(strings.TrimSpace(p.stdout.String()), "=")
		if name != envInternalKey || len(key) < 26 {
			t.Fatalf("stdout: %q", p.stdout.String())
		}
		if log := p.log.String(); strings.Contains(log, key) || strings.Contains(log, externalKey) {
			t.Errorf("a key is in the log:\n%s", log)
		}
	})

	t.Run("dev_generates_both_keys", func(t *testing.T) {
		cfg, err := configure([]string{"-dev"}, func(string) string { return "" }, t.Output())
		if err != nil || cfg.keys.external == "" || cfg.keys.internal == "" || len(cfg.generated) != 2 {
			t.Errorf("got %+v, %v", cfg, err)
		}
	})
}

func TestStartRejects(t *testing.T) {
	const password = "pass-of-the-database"
	for name, c := range map[string]struct {
		env, args []string
		code      int
		want      string
	}{
		"without_keys":       {nil, nil, exitUsage, "httpapi: no key is set: set EXTERNAL_API_KEY, INTERNAL_API_KEY or both, or use -dev\n"},
		"the_same_key_twice": {[]string{envExternalKey + "=k", envInternalKey + "=k"}, nil, exitUsage, "are equal"},
		"an_unknown_flag":    {bothKeys(), []string{"-port", "1"}, exitUsage, "-port"},
		"an_argument":        {bothKeys(), []string{"serve"}, exitUsage, `unexpected argument "serve"`},
		"an_invalid_address": {bothKeys(), []string{"-addr", "nowhere"}, exitFailure, "nowhere"},
		"an_invalid_database_URL": {
			append(bothKeys(), envDatabaseURL+"=postgres://u:"+password+"@%zz/"), nil, exitFailure,
			"DATABASE_URL is not a PostgreSQL connection string",
		},
		"an_unreachable_database": {
			append(bothKeys(), envDatabaseURL+"=postgres://u:"+password+"@127.0.0.1:1/d"), nil, exitFailure, "open the store",
		},
		"help": {nil, []string{"-h"}, exitOK, "-addr address"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := command(t, c.env, c.args...)
			output, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(output), c.want) {
				t.Errorf("exit code %d, want %d; output:\n%s", code, c.code, output)
			}
			if c.code != exitOK && strings.Count(string(output), "\n") != 1 {
				t.Errorf("more than one line:\n%s", output)
			}
			for _, secret := range []string{password, externalKey, internalKey} {
				if strings.Contains(string(output), secret) {
					t.Errorf("%s was printed:\n%s", secret, output)
				}
			}
		})
	}
}

// TestShutdown stops a request at a known point: the server asks for its body when the
// handler begins to read it.
func TestShutdown(t *testing.T) {
	for name, signal := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGINT": os.Interrupt} {
		t.Run(name+"_finishes_requests_in_flight_and_accepts_no_new_ones", func(t *testing.T) {
			p := startProcess(t, bothKeys())
			conn, replies := beginRequest(t, p.addr)
			if err := p.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			p.waitFor(t, "shutting down: finishing the requests in flight")
			waitUntilClosed(t, p.addr)

			if _, err := io.WriteString(conn, createBody("ana", "intake")); err != nil {
				t.Fatal(err)
			}
			if line, err := replies.ReadString('\n'); err != nil || line != "HTTP/1.1 201 Created\r\n" {
				t.Fatalf("response: %q, %v", line, err)
			}
			if code := p.wait(t); code != exitOK {
				t.Errorf("exit code: %d\n%s", code, p.log.String())
			}
		})
	}
}

func TestShutdownIsBounded(t *testing.T) {
	t.Run("a_second_signal_kills_the_process", func(t *testing.T) {
		p := startProcess(t, bothKeys())
		beginRequest(t, p.addr)
		p.cmd.Process.Signal(syscall.SIGTERM)
		p.waitFor(t, "shutting down: finishing the requests in flight")
		ended := make(chan struct{})
		defer close(ended)
		go func() { // until the program has stopped handling signals
			for {
				select {
				case <-ended:
					return
				case <-time.After(50 * time.Millisecond):
					p.cmd.Process.Signal(syscall.SIGTERM)
				}
			}
		}()
		if code := p.wait(t); code != -1 { // at the end of the grace period it would exit normally
			t.Errorf("exit code %d, want -1: killed by a signal", code)
		}
	})

	t.Run("a_request_that_exceeds_the_grace_period_is_disconnected_and_reported", func(t *testing.T) {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		begun, release := make(chan struct{}), make(chan struct{})
		defer close(release)
		endless := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			close(begun)
			<-release
		})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-begun
			cancel()
		}()
		disconnected := make(chan error, 1)
		go func() {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String(), http.NoBody)
			if err == nil {
				_, err = send(req)
			}
			disconnected <- err
		}()
		if err := serve(ctx, listener, endless, 50*time.Millisecond, jsonLog(t.Output())); err == nil {
			t.Error("serve returned no error")
		}
		if err := <-disconnected; err == nil {
			t.Error("the client got a response")
		}
	})
}

// beginRequest sends a request up to its body.
func beginRequest(t *testing.T, addr string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(processTimeout))
	_, err = io.WriteString(conn, strings.Join([]string{
		"POST /api/assignments HTTP/1.1", "Host: test", keyHeader + ": " + internalKey, "Content-Type: application/json",
		"Content-Length: " + strconv.Itoa(len(createBody("ana", "intake"))), "Expect: 100-continue", "", "",
	}, "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	replies := bufio.NewReader(conn)
	for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n"} {
		if line, err := replies.ReadString('\n'); err != nil || line != want {
			t.Fatalf("the server did not ask for the body: %q, %v", line, err)
		}
	}
	return conn, replies
}

func waitUntilClosed(t *testing.T, addr string) {
	t.Helper()
	for range 12_000 {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
		if err != nil {
			return
		}
		conn.Close()
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("new connections are still accepted")
}
