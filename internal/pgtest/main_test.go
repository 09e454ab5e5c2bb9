package main_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// envAsClient makes this test binary the command that pgtest runs: it prints the
// server parameters that its arguments name.
const envAsClient = "PGTEST_AS_CLIENT"

// pgtest is the program under test.
var pgtest string

func TestMain(m *testing.M) {
	if os.Getenv(envAsClient) != "" {
		os.Exit(client(os.Args[1:]))
	}
	os.Exit(buildAndTest(m))
}

func buildAndTest(m *testing.M) int {
	dir, err := os.MkdirTemp("", "pgtest-build-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	pgtest = filepath.Join(dir, "pgtest")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", pgtest, ".").CombinedOutput(); err != nil {
		panic(fmt.Sprintf("go build: %v\n%s", err, out))
	}
	return m.Run()
}

// client prints each server parameter on its own line.
func client(parameters []string) int {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Getenv("ASSIGNMENT_TEST_DATABASE_URL"))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer conn.Close(ctx)

	for _, parameter := range parameters {
		var value string
		if err := conn.QueryRow(ctx, "SELECT current_setting($1)", parameter).Scan(&value); err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println(value)
	}
	return 0
}

// program is one run of pgtest.
type program struct {
	*exec.Cmd

	stdout, stderr strings.Builder
	tmp            string
}

// newProgram prepares a run with its own temporary directory and without the
// variables that choose a server.
func newProgram(tb testing.TB, args ...string) *program {
	tb.Helper()
	p := &program{Cmd: exec.Command(pgtest, args...), tmp: sharedTempDir(tb)}
	p.Env = append(os.Environ(),
		"TMPDIR="+p.tmp,
		"DOCKER_HOST=unix:///nonexistent/docker.sock",
		"ASSIGNMENT_TEST_DATABASE_URL=",
		"ASSIGNMENT_TEST_POSTGRES_SET=",
		"ASSIGNMENT_TEST_POSTGRES_BIN=",
	)
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	return p
}

// sharedTempDir is a temporary directory that the server's user may enter, unlike
// tb.TempDir. Its path is short enough for a socket.
func sharedTempDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "pgtest-tmp-") //nolint:usetesting // see above
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	return dir
}

func (p *program) setenv(name, value string) { p.Env = append(p.Env, name+"="+value) }

// exit waits for the end of a started program and returns its exit code.
func (p *program) exit(tb testing.TB) int {
	tb.Helper()
	err := p.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tb.Fatal(err)
	}
	return p.ProcessState.ExitCode()
}

// run runs the program to its end and returns its exit code.
func (p *program) run(tb testing.TB) int {
	tb.Helper()
	if err := p.Start(); err != nil {
		tb.Fatal(err)
	}
	return p.exit(tb)
}

// requireBinaries skips a test on a machine without PostgreSQL binaries, or fails
// it in CI, where a skipped test would look like a passed one.
func requireBinaries(tb testing.TB) {
	tb.Helper()
	if haveBinaries() {
		return
	}
	if ci := os.Getenv("CI"); ci != "" && ci != "false" {
		tb.Fatal("no PostgreSQL binaries on this machine")
	}
	tb.Skip("no PostgreSQL binaries on this machine")
}

// haveBinaries runs pgtest, so that the search for binaries is written once.
var haveBinaries = sync.OnceValue(func() bool {
	cmd := exec.Command(pgtest, "-from", "local", "true")
	cmd.Env = append(os.Environ(), "ASSIGNMENT_TEST_POSTGRES_SET=", "ASSIGNMENT_TEST_POSTGRES_BIN=")
	out, err := cmd.CombinedOutput()
	return err == nil || !strings.Contains(string(out), `no PostgreSQL from source "local"`)
})

// eventually polls a condition that the kernel or a server changes.
func eventually(tb testing.TB, what string, condition func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		if condition() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	tb.Fatalf("never came true: %s", what)
}
