// Package testdb gives tests a place of their own in a real PostgreSQL: the
// one that the environment variable ASSIGNMENT_TEST_DATABASE_URL names.
package testdb

import (
	"os"
	"testing"
)

// EnvDatabaseURL is the environment variable that holds the DSN of the server
// to test against, as a URL or in keyword/value form.
const EnvDatabaseURL = "ASSIGNMENT_TEST_DATABASE_URL"

// DSN returns the DSN of the server to test against. Without one it skips the
// test, but fails it in CI: there a test that never ran would pass for one
// that succeeded.
func DSN(tb testing.TB) string {
	tb.Helper()
	dsn := os.Getenv(EnvDatabaseURL)
	if dsn == "" && inCI() {
		tb.Fatalf("%s is not set: `make test` runs the tests with a PostgreSQL", EnvDatabaseURL)
	}
	if dsn == "" {
		tb.Skipf("%s is not set: `make test` runs the tests with a PostgreSQL", EnvDatabaseURL)
	}
	return dsn
}

func inCI() bool {
	ci := os.Getenv("CI")
	return ci != "" && ci != "false"
}
