package main_test

import (
	"strings"
	"testing"
)

func TestEnvironment(t *testing.T) {
	t.Run("an unreachable server is reported without its password", func(t *testing.T) {
		p := newProgram(t, "-wait", "200ms", "true")
		p.setenv("ASSIGNMENT_TEST_DATABASE_URL", "postgres://me:sesame@127.0.0.1:1/db")
		wantError(t, p, "127.0.0.1:1 accepts no connection")
	})

	t.Run("a malformed DSN is reported without its password", func(t *testing.T) {
		p := newProgram(t, "true")
		p.setenv("ASSIGNMENT_TEST_DATABASE_URL", "postgres://me:sesame@%zz:no-port/db")
		wantError(t, p, "not a PostgreSQL connection string")
	})

	t.Run("settings for a server that pgtest did not start are an error", func(t *testing.T) {
		p := newProgram(t, "-set", "work_mem=7MB", "true")
		p.setenv("ASSIGNMENT_TEST_DATABASE_URL", "postgres://me:sesame@127.0.0.1:1/db")
		wantError(t, p, "work_mem=7MB")
	})

	t.Run("a directory without the programs is an error", func(t *testing.T) {
		p := newProgram(t, "true")
		p.setenv("ASSIGNMENT_TEST_POSTGRES_BIN", "/nonexistent/bin")
		wantError(t, p, "there are no initdb and postgres in /nonexistent/bin")
	})

	t.Run("the error names a source that is absent", func(t *testing.T) {
		p := newProgram(t, "-from", "docker", "true")
		wantError(t, p, `no PostgreSQL from source "docker"`)
	})

	t.Run("a reachable server is used", func(t *testing.T) {
		requireBinaries(t)
		// The outer pgtest provides the server for the inner one.
		p := newProgram(t, "-from", "local", "--", pgtest, "sh", "-c", "exit 5")
		if code := p.run(t); code != 5 {
			t.Fatalf("exit code %d: %s", code, &p.stderr)
		}
		if !strings.Contains(p.stderr.String(), " from ASSIGNMENT_TEST_DATABASE_URL, 127.0.0.1:") {
			t.Errorf("stderr: %q", &p.stderr)
		}
	})
}

// wantError expects one line that gives the reason and not the password.
func wantError(tb testing.TB, p *program, reason string) {
	tb.Helper()
	if code := p.run(tb); code != 125 {
		tb.Errorf("exit code: got %d, want 125", code)
	}
	got := p.stderr.String()
	if strings.Count(got, "\n") != 1 || !strings.Contains(got, reason) {
		tb.Errorf("stderr: got %q, want one line with %q", got, reason)
	}
	if strings.Contains(got, "sesame") {
		tb.Errorf("stderr shows the password: %q", got)
	}
}
