package testdb

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// statementTimeout bounds each statement of this package.
	statementTimeout = 2 * time.Minute

	// lockTimeout is how long a drop waits for locks that a test has leaked, unless
	// the DSN sets lock_timeout.
	lockTimeout = 20 * time.Second
)

// Schema creates an empty schema with a unique name and returns a DSN whose
// search_path is that schema, in the same form as ASSIGNMENT_TEST_DATABASE_URL.
// Tests that each have a schema can run in parallel. The cleanup of the test
// drops the schema with everything in it, and fails the test if a transaction
// that was left open prevents that.
func Schema(tb testing.TB) string {
	tb.Helper()
	dsn, drop, err := NewSchema(tb.Context(), DSN(tb))
	if err != nil {
		tb.Fatalf("testdb: %v", err)
	}
	tb.Cleanup(func() {
		if err := drop(); err != nil {
			tb.Errorf("testdb: %v", err)
		}
	})
	return dsn
}

// NewSchema is Schema for code that does not run on the test's goroutine, such
// as the Open of a conformance harness. The server is what DSN returned; the
// caller must call drop when done.
func NewSchema(ctx context.Context, server string) (dsn string, drop func() error, err error) {
	name := newName()
	if err := execute(ctx, server, "CREATE SCHEMA "+name); err != nil {
		return "", nil, fmt.Errorf("create schema: %w", err)
	}
	drop = func() error { //nolint:contextcheck // ctx has ended by then
		if err := execute(context.Background(), server, "DROP SCHEMA "+name+" CASCADE"); err != nil {
			return fmt.Errorf("drop schema: %w", err)
		}
		return nil
	}
	return With(server, "search_path", name), drop, nil
}

func newName() string { return "test_" + strings.ToLower(rand.Text()) }

// execute runs one statement on its own connection. A drop must not use the
// test's context, which is cancelled before the cleanup runs.
func execute(ctx context.Context, dsn, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()

	conn, err := connectWithLockTimeout(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)

	_, err = conn.Exec(ctx, statement)
	return err
}

// connectWithLockTimeout opens a connection that waits for locks no longer than
// lockTimeout, unless the DSN sets lock_timeout.
func connectWithLockTimeout(ctx context.Context, dsn string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		// The text of a parse error quotes the DSN, password and all.
		return nil, fmt.Errorf("%s is not a PostgreSQL connection string", EnvDatabaseURL)
	}
	if _, chosen := config.RuntimeParams["lock_timeout"]; !chosen {
		config.RuntimeParams["lock_timeout"] = strconv.FormatInt(lockTimeout.Milliseconds(), 10)
	}
	return pgx.ConnectConfig(ctx, config)
}

// With sets a parameter of the session in the DSN, in a form that pgx and lib/pq
// both send to the server. It replaces the value that the DSN already has.
func With(dsn, name, value string) string {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return dsn + " " + name + "=" + value
	}

	address, query, _ := strings.Cut(dsn, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		// Leave it to the driver, which may accept it.
		return dsn + "&" + name + "=" + value
	}
	values.Set(name, value)
	return address + "?" + values.Encode()
}
