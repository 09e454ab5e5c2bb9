package main_test

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func TestSignal(t *testing.T) {
	for name, sig := range map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM} {
		t.Run(name+" ends the command, the server and its files", func(t *testing.T) {
			p, server := startScript(t, "exec sleep 60")
			signalTo(t, p, sig)
			if code := p.exit(t); code != 128+int(sig) {
				t.Errorf("exit code: got %d, want %d", code, 128+int(sig))
			}
			if listens(server) {
				t.Errorf("server at %s runs on", server)
			}
			wantEmpty(t, p.tmp)
		})
	}

	t.Run("the command may handle a signal", func(t *testing.T) {
		p, _ := startScript(t, `trap "exit 9" TERM; while :; do sleep 0.05; done`)
		signalTo(t, p, syscall.SIGTERM)
		if code := p.exit(t); code != 9 {
			t.Errorf("exit code: got %d, want 9", code)
		}
	})

	t.Run("the server does not outlive a killed pgtest", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("only Linux signals a child when its parent dies")
		}
		// The command keeps the outputs open, so it has to end on its own.
		p, server := startScript(t, "exec sleep 1")
		signalTo(t, p, syscall.SIGKILL)
		p.exit(t)
		eventually(t, "server is gone", func() bool { return !listens(server) })
	})
}

// startScript runs a shell script under pgtest. It returns the address of the
// server once the script runs.
func startScript(tb testing.TB, script string) (*program, string) {
	tb.Helper()
	requireBinaries(tb)
	p := newProgram(tb, "-from", "local", "sh", "-c",
		`echo "$ASSIGNMENT_TEST_DATABASE_URL" >"$TMPDIR/dsn"; `+script)
	if err := p.Start(); err != nil {
		tb.Fatal(err)
	}

	var dsn *url.URL
	file := filepath.Join(p.tmp, "dsn")
	eventually(tb, "command runs", func() bool {
		text, err := os.ReadFile(file)
		if err != nil || len(text) == 0 {
			return false
		}
		dsn, err = url.Parse(strings.TrimSpace(string(text)))
		return err == nil
	})
	if err := os.Remove(file); err != nil {
		tb.Fatal(err)
	}
	return p, dsn.Host
}

func signalTo(tb testing.TB, p *program, sig syscall.Signal) {
	tb.Helper()
	if err := p.Process.Signal(sig); err != nil {
		tb.Fatal(err)
	}
}

func listens(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
