package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	requireBinaries(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	t.Run("the command gets a durable server with the requested settings", func(t *testing.T) {
		p := newProgram(t, "-from", "local", "-set", "work_mem=7MB", "--",
			self, "fsync", "max_connections", "listen_addresses", "work_mem", "search_path")
		p.setenv(envAsClient, "1")
		p.setenv("ASSIGNMENT_TEST_POSTGRES_SET", "work_mem=5MB search_path=elsewhere")
		if code := p.run(t); code != 0 {
			t.Fatalf("exit code %d: %s%s", code, &p.stdout, &p.stderr)
		}
		if got, want := p.stdout.String(), "on\n300\n127.0.0.1\n7MB\nelsewhere\n"; got != want {
			t.Errorf("parameters: got %q, want %q", got, want)
		}
	})

	t.Run("one line says which server it is", func(t *testing.T) {
		p := newProgram(t, "-from", "local", "true")
		p.run(t)
		line := p.stderr.String()
		if strings.Count(line, "\n") != 1 || !strings.HasPrefix(line, "pgtest: PostgreSQL 1") ||
			!strings.Contains(line, " from local binaries (/") {
			t.Errorf("stderr: %q", line)
		}
	})

	t.Run("programs in a named directory are used", func(t *testing.T) {
		found := newProgram(t, "-from", "local", "true")
		found.run(t)
		_, bin, _ := strings.Cut(found.stderr.String(), " from local binaries (")
		bin, _, _ = strings.Cut(bin, ")")

		elsewhere := filepath.Join(sharedTempDir(t), "bin")
		if err := os.Symlink(bin, elsewhere); err != nil {
			t.Fatal(err)
		}
		p := newProgram(t, "true")
		p.setenv("ASSIGNMENT_TEST_POSTGRES_BIN", elsewhere)
		if code := p.run(t); code != 0 || !strings.Contains(p.stderr.String(), " from local binaries ("+elsewhere+")") {
			t.Errorf("exit code %d: %s", code, &p.stderr)
		}
	})

	t.Run("the exit code is the command's", func(t *testing.T) {
		p := newProgram(t, "-from", "local", "sh", "-c", "exit 7")
		if code := p.run(t); code != 7 {
			t.Errorf("exit code: got %d, want 7", code)
		}
	})

	t.Run("the command runs in the requested directory", func(t *testing.T) {
		dir, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		p := newProgram(t, "-C", dir, "-from", "local", "pwd")
		p.run(t)
		if got := strings.TrimSpace(p.stdout.String()); got != dir {
			t.Errorf("directory: got %q, want %q", got, dir)
		}
	})

	t.Run("nothing is left behind", func(t *testing.T) {
		p := newProgram(t, "-from", "local", "sh", "-c", `test -n "$ASSIGNMENT_TEST_DATABASE_URL"`)
		if code := p.run(t); code != 0 {
			t.Fatalf("exit code %d: %s", code, &p.stderr)
		}
		wantEmpty(t, p.tmp)
	})

	t.Run("a command that does not exist is a failure of pgtest", func(t *testing.T) {
		p := newProgram(t, "-from", "local", "/nonexistent/command")
		if code := p.run(t); code != 125 {
			t.Errorf("exit code: got %d, want 125", code)
		}
		wantEmpty(t, p.tmp)
	})

	t.Run("no command is a usage error", func(t *testing.T) {
		p := newProgram(t, "-from", "local")
		if code := p.run(t); code != 2 {
			t.Errorf("exit code: got %d, want 2", code)
		}
	})

	t.Run("the error says why the server can't start", func(t *testing.T) {
		p := newProgram(t, "-from", "local", "-set", "no_such_parameter=1", "true")
		if code := p.run(t); code != 125 {
			t.Errorf("exit code: got %d, want 125", code)
		}
		if !strings.Contains(p.stderr.String(), "no_such_parameter") {
			t.Errorf("stderr: %q", &p.stderr)
		}
		wantEmpty(t, p.tmp)
	})
}

func wantEmpty(tb testing.TB, dir string) {
	tb.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		tb.Fatal(err)
	}
	if len(left) > 0 {
		tb.Errorf("left behind: %v", left)
	}
}
