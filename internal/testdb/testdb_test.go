package testdb_test

import (
	"runtime"
	"testing"

	"github.com/assignment-go/assignment/internal/testdb"
)

func TestDSN(t *testing.T) {
	t.Run("is the one in the environment", func(t *testing.T) {
		t.Setenv(testdb.EnvDatabaseURL, "host=somewhere")
		if got := testdb.DSN(t); got != "host=somewhere" {
			t.Errorf("DSN: got %q", got)
		}
	})

	t.Run("test is skipped without one", func(t *testing.T) {
		t.Setenv(testdb.EnvDatabaseURL, "")
		t.Setenv("CI", "false")
		r := record(t, func(tb testing.TB) { testdb.DSN(tb) })
		if !r.skipped || r.failed {
			t.Errorf("skipped %t, failed %t", r.skipped, r.failed)
		}
	})

	t.Run("test fails without one in CI", func(t *testing.T) {
		t.Setenv(testdb.EnvDatabaseURL, "")
		t.Setenv("CI", "true")
		r := record(t, func(tb testing.TB) { testdb.DSN(tb) })
		if r.skipped || !r.failed {
			t.Errorf("skipped %t, failed %t", r.skipped, r.failed)
		}
	})
}

// recorder replaces a testing.TB and records how the test ended.
type recorder struct {
	testing.TB

	skipped, failed bool
	cleanups        []func()
}

// record runs a test that may skip or fail without ending the current one.
// Unlike package testing, it leaves the cleanups to the caller.
func record(tb testing.TB, test func(testing.TB)) *recorder {
	tb.Helper()
	r := &recorder{TB: tb}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(r)
	}()
	<-done
	return r
}

// Skipf ends the test, as testing.T does.
func (r *recorder) Skipf(string, ...any) { r.skipped = true; runtime.Goexit() }

// Fatalf ends the test, as testing.T does.
func (r *recorder) Fatalf(string, ...any) { r.failed = true; runtime.Goexit() }

// Errorf marks the test as failed.
func (r *recorder) Errorf(string, ...any) { r.failed = true }

// Cleanup stores the function for the caller of record.
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) cleanup() {
	for _, f := range r.cleanups {
		f()
	}
}
