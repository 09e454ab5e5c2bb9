package testdb_test

import (
	"cmp"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/internal/testdb"
)

func TestSchema(t *testing.T) {
	server := testdb.DSN(t)

	t.Run("is the search path of the DSN", func(t *testing.T) {
		conn := connect(t, testdb.Schema(t))
		if got := currentSchema(t, conn); !strings.HasPrefix(got, "test_") {
			t.Errorf("schema: got %q", got)
		}
	})

	t.Run("is the search path of a keyword/value DSN", func(t *testing.T) {
		t.Setenv(testdb.EnvDatabaseURL, keywordValue(t, server))
		conn := connect(t, testdb.Schema(t))
		if got := currentSchema(t, conn); !strings.HasPrefix(got, "test_") {
			t.Errorf("schema: got %q", got)
		}
	})

	t.Run("is a new one for every call", func(t *testing.T) {
		if first, second := testdb.Schema(t), testdb.Schema(t); first == second {
			t.Errorf("both are %q", first)
		}
	})

	t.Run("is dropped with its tables at the end of the test", func(t *testing.T) {
		var dsn string
		r := record(t, func(tb testing.TB) { dsn = testdb.Schema(tb) })
		conn := connect(t, dsn)
		exec(t, conn, "CREATE TABLE leftover (id int)")

		r.cleanup()
		if got := currentSchema(t, conn); got != "" || r.failed {
			t.Errorf("schema: got %q, failed %t", got, r.failed)
		}
	})

	t.Run("a leaked lock fails the test and does not hang it", func(t *testing.T) {
		t.Setenv(testdb.EnvDatabaseURL, testdb.With(server, "lock_timeout", "100ms"))
		var dsn string
		r := record(t, func(tb testing.TB) { dsn = testdb.Schema(tb) })
		leaky := connect(t, dsn)
		exec(t, leaky, "CREATE TABLE held (id int)")
		exec(t, leaky, "BEGIN")
		exec(t, leaky, "LOCK TABLE held")

		r.cleanup()
		if !r.failed {
			t.Error("the drop succeeded under a lock")
		}
		exec(t, leaky, "ROLLBACK")
		r.cleanup()
	})
}

func connect(tb testing.TB, dsn string) *pgx.Conn {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.PgConn().Conn().Close() })
	return conn
}

func exec(tb testing.TB, conn *pgx.Conn, statement string) {
	tb.Helper()
	if _, err := conn.Exec(tb.Context(), statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

// currentSchema returns the first schema of the search path that exists.
func currentSchema(tb testing.TB, conn *pgx.Conn) string {
	tb.Helper()
	var name *string
	if err := conn.QueryRow(tb.Context(), "SELECT current_schema()").Scan(&name); err != nil {
		tb.Fatal(err)
	}
	if name == nil {
		return ""
	}
	return *name
}

// keywordValue converts a DSN from URL to keyword/value form.
func keywordValue(tb testing.TB, dsn string) string {
	tb.Helper()
	if !strings.Contains(dsn, "://") {
		return dsn
	}
	u, err := url.Parse(dsn)
	if err != nil {
		tb.Fatal("the DSN is not a URL")
	}
	words := []string{
		"host=" + u.Hostname(),
		"port=" + cmp.Or(u.Port(), "5432"),
		"user=" + u.User.Username(),
		"dbname=" + strings.TrimPrefix(u.Path, "/"),
	}
	if password, ok := u.User.Password(); ok {
		words = append(words, "password="+password)
	}
	for name, values := range u.Query() {
		words = append(words, name+"="+values[0])
	}
	return strings.Join(words, " ")
}
