// Package testdb gives each test its own schema on a real PostgreSQL, the one
// that the environment variable ASSIGNMENT_TEST_DATABASE_URL names.
package testdb

import (
	"os"
	"testing"
)

// EnvDatabaseURL is the environment variable that holds the DSN of the server
// to test against, as a URL or in keyword/value form.
const EnvDatabaseURL = "ASSIGNMENT_TEST_DATABASE_URL"

// DSN returns the DSN of the server to test against. Without one it skips the
// test, or fails it in CI, where a skipped test would look like a passed one.
func DSN(tb testing.TB) string {
	tb.Helper()
	dsn := os.Getenv(EnvDatabaseURL)
	if dsn == "" && inCI() {
		tb.Fatalf("%s is not set: run `make test`, which starts a PostgreSQL for the tests", EnvDatabaseURL)
	}
	if dsn == "" {
		tb.Skipf("%s is not set: run `make test`, which starts a PostgreSQL for the tests", EnvDatabaseURL)
	}
	return dsn
}

func inCI() bool {
	ci := os.Getenv("CI")
	return ci != "" && ci != "false"
}
