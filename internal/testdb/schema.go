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
	// statementTimeout bounds what Schema does on the server.
	statementTimeout = 2 * time.Minute

	// lockTimeout is how long a drop waits for locks that a test has leaked.
	lockTimeout = 20 * time.Second
)

// Schema creates an empty schema with a name of its own and returns a DSN
// whose search_path is that schema, in the form that ASSIGNMENT_TEST_DATABASE_URL
// has. Tests with a schema each can run side by side. The end of the test
// drops the schema and all it contains, and fails the test if a transaction
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

// NewSchema is Schema for code that runs on another goroutine than the test's,
// such as the Open of a conformance harness. The server is what DSN returned;
// the caller calls drop when done.
func NewSchema(ctx context.Context, server string) (dsn string, drop func() error, err error) {
	name := "test_" + strings.ToLower(rand.Text())
	if err := execute(ctx, server, "CREATE SCHEMA "+name); err != nil {
		return "", nil, fmt.Errorf("create schema: %w", err)
	}
	drop = func() error { //nolint:contextcheck // the context of the opening has ended by then
		if err := execute(context.Background(), server, "DROP SCHEMA "+name+" CASCADE"); err != nil {
			return fmt.Errorf("drop schema: %w", err)
		}
		return nil
	}
	return withSearchPath(server, name), drop, nil
}

// execute runs one statement on a connection of its own. A drop must not come
// with the test's context, which is cancelled before the cleanup runs.
func execute(ctx context.Context, dsn, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()

	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		// The text of a parse error quotes the DSN, password and all.
		return fmt.Errorf("%s is not a PostgreSQL connection string", EnvDatabaseURL)
	}
	config.RuntimeParams["lock_timeout"] = strconv.FormatInt(lockTimeout.Milliseconds(), 10)

	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)

	_, err = conn.Exec(ctx, statement)
	return err
}

// withSearchPath adds the parameter in a form that pgx and lib/pq both send to
// the server. It takes the place of one that the DSN has already.
func withSearchPath(dsn, schema string) string {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return dsn + " search_path=" + schema
	}

	address, query, _ := strings.Cut(dsn, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		// The server was reached with it, so let the driver judge it.
		return dsn + "&search_path=" + schema
	}
	values.Set("search_path", schema)
	return address + "?" + values.Encode()
}
