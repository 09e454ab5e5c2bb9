package databasesql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/lib/pq"

	"github.com/assignment-go/assignment/internal/testdb"
)

// mustConn returns a session for which parameters become literals.
func mustConn(t *testing.T, name, settings string) *sql.Conn {
	t.Helper()
	db, err := sql.Open(name, testdb.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.ExecContext(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	return conn
}

// hostile are texts that end a literal somewhere if they are not quoted well.
var hostile = []string{
	"", "plain", "'", "''", `\`, `\\`, `\'`, `'\`, `\''; DROP TABLE assignments; --`, `'); SELECT 1; --`, `"`, `$1`, `$$`,
	//nolint:gosmopolitan // characters whose second byte is a backslash in some encodings
	"é'", `é\'`, "漢字", `漢\`, `表\'; SELECT 1; --`, "😀", `😀\'`, "\u00a0\u2028", "a\nb\tc\r", "\x01\x7f", `E'`, `\u0041`, `%s?:a`,
	strings.Repeat(`\'`, 1000),
}

func TestLiterals(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"on", "off"} {
		t.Run("keep_hostile_texts_with_standard_conforming_strings_"+setting, func(t *testing.T) {
			conn := mustConn(t, "postgres", "SET standard_conforming_strings = "+setting)
			q := onConn(conn)
			for _, want := range hostile {
				if got, err := q.Text(t.Context(), "SELECT $1::text", want); err != nil || got != want {
					t.Errorf("got %q, %v; want %q", got, err, want)
				}
			}
		})
	}
	// Under these encodings a backslash can be the second byte of a character, so
	// that it would not escape what follows.
	for _, encoding := range []string{"SJIS", "BIG5", "GBK", "UHC", "GB18030"} {
		t.Run("can't_be_left_in_the_encoding_"+encoding, func(t *testing.T) {
			conn := mustConn(t, "pgx", "SET client_encoding = "+encoding)
			for _, text := range hostile {
				if !strings.Contains(text, `\`) {
					continue // without a backslash nothing can be taken for one
				}
				query, err := inline("SELECT encode(convert_to($1::text, 'UTF8'), 'hex')", []driver.Value{text})
				if err != nil {
					t.Fatal(err)
				}
				var got string
				if err := conn.QueryRowContext(t.Context(), query).Scan(&got); err != nil || got != hex.EncodeToString([]byte(text)) {
					t.Errorf("%q: got %s, %v", text, got, err)
				}
			}
		})
	}
	t.Run("mean_what_parameters_mean", func(t *testing.T) {
		conn := mustConn(t, "postgres", "SET timezone = 'America/St_Johns'; SET datestyle = 'SQL, DMY'")
		for _, c := range []struct {
			cast string
			arg  any
		}{
			{"text", nil},
			{"text", "x"},
			{"text", []byte(`a\b`)},
			{"text", []byte(nil)},
			{"int", 7},
			{"smallint", int16(-7)},
			{"bigint", int64(-1 << 63)},
			{"numeric", uint64(1<<64 - 1)},
			{"bool", true},
			{"float8", 1e300},
			{"text", 0.1},
			{"bytea", []byte("a\\\x00\xff'")},
			{"pg_catalog.bytea", []byte(`\x00`)},
			{"bytea", `back\slash`},
			{"json", json.RawMessage(`{"a": "b\"\\c"}`)},
			{"jsonb", []byte(`{"a": "b\"\\c'"}`)},
			{"text[]", []string{`a"b`, `c\d`, "e'f"}},
			{"int[]", pq.Array([]int{1, 2})},
			{"text", sql.NullString{}},
			{"text", sql.NullString{String: "v", Valid: true}},
			{"interval", "1 day"},
			{"timestamptz", time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)},
			{"timestamptz", time.Date(2026, 7, 2, 3, 4, 5, 678901000, time.FixedZone("", 5*3600+1800))},
			{"timestamptz", time.Date(1800, 7, 2, 3, 4, 5, 0, time.FixedZone("", -(3*3600+30*60+52)))},
			{"timestamptz", time.Date(-43, 3, 15, 0, 0, 0, 0, time.UTC)},
			{"timestamptz", time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC)},
			{"timestamptz", time.Date(12026, 1, 2, 3, 4, 5, 0, time.UTC)},
			{"timestamp", time.Date(2026, 7, 2, 3, 4, 5, 0, time.FixedZone("", 5*3600))},
			{"date", time.Date(2026, 7, 2, 23, 4, 5, 0, time.FixedZone("", 5*3600))},
		} {
			query := fmt.Sprintf("SELECT $1::%s::text", c.cast)
			var want sql.NullString
			if err := conn.QueryRowContext(t.Context(), query, c.arg).Scan(&want); err != nil {
				t.Errorf("%s of %v as a parameter: %v", c.cast, c.arg, err)
				continue
			}
			if got, err := text(t.Context(), conn, query, c.arg); err != nil || got != want {
				t.Errorf("%s of %v: got %v, %v; want %v", c.cast, c.arg, got, err, want)
			}
		}
	})
}

func text(ctx context.Context, conn *sql.Conn, query string, arg any) (got sql.NullString, err error) {
	query, args, err := inOneExchange(conn, query, []any{arg})
	if err != nil {
		return got, err
	}
	if len(args) > 0 {
		return got, fmt.Errorf("%d arguments are left", len(args))
	}
	err = conn.QueryRowContext(ctx, query).Scan(&got)
	return got, err
}
