package databasesql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"reflect"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
)

// traced wraps a driver as those that trace calls do.
type traced struct {
	name string
	driver.Conn
}

func (c traced) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

func (c traced) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c traced) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
}

// logged keeps what it wraps in a field of another kind.
type logged struct {
	inner *traced
	driver.Conn
}

// hidden shows nothing of what it wraps.
type hidden struct{ open func() driver.Conn }

func (c hidden) Prepare(query string) (driver.Stmt, error) { return c.open().Prepare(query) }

func (c hidden) Close() error { return c.open().Close() }

func (c hidden) Begin() (driver.Tx, error) { return c.open().Begin() } //nolint:staticcheck // part of the interface

// wrapping opens connections of another driver and wraps them.
type wrapping struct {
	driver driver.Driver
	dsn    string
	wrap   func(driver.Conn) driver.Conn
}

func (w wrapping) Connect(context.Context) (driver.Conn, error) {
	conn, err := w.driver.Open(w.dsn)
	if err != nil {
		return nil, err
	}
	return w.wrap(conn), nil
}

func (w wrapping) Driver() driver.Driver { return w.driver }

func mustWrap(t *testing.T, name, parameter string, wrap func(driver.Conn) driver.Conn) *sql.DB {
	t.Helper()
	dsn := testdb.Schema(t) + parameter
	plain, err := sql.Open(name, dsn)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(wrapping{plain.Driver(), dsn, wrap})
	t.Cleanup(func() { _ = errors.Join(plain.Close(), db.Close()) })
	return db
}

func TestWire(t *testing.T) {
	t.Parallel()
	trace := func(c driver.Conn) driver.Conn { return traced{"trace", c} }
	for name, c := range map[string]struct {
		driver, parameter string
		wrap              func(driver.Conn) driver.Conn
		want              wire
	}{
		"lib/pq_gets_literals":                         {driver: "postgres", want: wire{literals: true}},
		"lib/pq_with_binary_parameters_gets_arguments": {driver: "postgres", parameter: "&binary_parameters=yes"},
		"lib/pq_within_another_driver_gets_literals": {
			driver: "postgres", wrap: trace, want: wire{literals: true},
		},
		"lib/pq_with_binary_parameters_within_another_gets_arguments": {
			driver: "postgres", parameter: "&binary_parameters=yes", wrap: trace,
		},
		"pgx_gets_arguments":                {driver: "pgx"},
		"pgx_in_exec_mode_gets_arguments":   {driver: "pgx", parameter: "&default_query_exec_mode=exec"},
		"pgx_within_another_gets_arguments": {driver: "pgx", wrap: trace},
		"pgx_within_two_others_gets_arguments": {driver: "pgx", wrap: func(c driver.Conn) driver.Conn {
			return &logged{Conn: trace(c), inner: &traced{"log", c}}
		}},
		"pgx_in_describe_exec_mode_gets_another": {
			driver: "pgx", parameter: "&default_query_exec_mode=describe_exec",
			want: wire{mode: pgx.QueryExecModeCacheDescribe},
		},
		"pgx_in_describe_exec_mode_without_a_cache_gets_exec": {
			driver: "pgx", parameter: "&default_query_exec_mode=describe_exec&description_cache_capacity=0",
			want: wire{mode: pgx.QueryExecModeExec},
		},
		"a_driver_that_can't_be_looked_into_gets_literals": {
			driver: "pgx", want: wire{literals: true},
			wrap: func(c driver.Conn) driver.Conn { return hidden{func() driver.Conn { return c }} },
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.wrap == nil {
				c.wrap = func(c driver.Conn) driver.Conn { return c }
			}
			conn, err := mustWrap(t, c.driver, c.parameter, c.wrap).Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			err = conn.Raw(func(conn any) error {
				if got := wireOf(reflect.ValueOf(conn), maxWrappers); got != c.want {
					t.Errorf("got %+v, want %+v", got, c.want)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("pgx_in_describe_exec_mode_within_another_driver_is_rejected", func(t *testing.T) {
		conn, err := mustWrap(t, "pgx", "&default_query_exec_mode=describe_exec", trace).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_, _, err = inOneExchange(conn, "SELECT 1", nil)
		if invalid, ok := errors.AsType[*assignment.InvalidError](err); !ok || invalid.Field != "db" {
			t.Errorf("got %v, want an *InvalidError about db", err)
		}
	})
	t.Run("a_driver_that_only_prepares_is_rejected", func(t *testing.T) {
		only := func(c driver.Conn) driver.Conn { return hidden{func() driver.Conn { return c }} }
		_, err := New(t.Context(), mustWrap(t, "postgres", "", only), nil)
		wantUnusable(t, err, "prepares")
	})
}
