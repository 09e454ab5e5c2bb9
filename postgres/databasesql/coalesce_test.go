package databasesql_test

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres/databasesql"
	"github.com/assignment-go/assignment/postgres/internal/coalesce"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func openPGX(t *testing.T, dsn string, line *pgsuite.Line) *sql.DB {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.DialFunc = line.DialContext
	return stdlib.OpenDB(*config)
}

func openPQ(t *testing.T, dsn string, line *pgsuite.Line) *sql.DB {
	t.Helper()
	connector, err := pq.NewConnector(dsn)
	if err != nil {
		t.Fatal(err)
	}
	connector.Dialer(line)
	return sql.OpenDB(connector)
}

func TestCoalesce(t *testing.T) {
	for name, openDB := range map[string]func(*testing.T, string, *pgsuite.Line) *sql.DB{"postgres": openPQ, "pgx": openPGX} {
		open := func(t *testing.T, opts *databasesql.Options, line *pgsuite.Line) (*sql.DB, *databasesql.Store) {
			t.Helper()
			db := openDB(t, testdb.Schema(t), line)
			t.Cleanup(func() { _ = db.Close() })
			db.SetMaxOpenConns(32)
			db.SetMaxIdleConns(32)
			if err := databasesql.Migrate(t.Context(), db, nil); err != nil {
				t.Fatal(err)
			}
			store, err := databasesql.New(t.Context(), db, opts)
			if err != nil {
				t.Fatal(err)
			}
			return db, store
		}
		t.Run(name, func(t *testing.T) {
			pgsuite.Coalesce(t, func(t *testing.T, bounds *coalesce.Bounds) pgsuite.Coalescing {
				t.Helper()
				line := &pgsuite.Line{}
				db, store := open(t, &databasesql.Options{Coalesce: true}, line)
				var waiting func() int
				if bounds != nil {
					waiting = store.Coalesce(*bounds)
				}
				return pgsuite.Coalescing{
					Host: hostOn(db, store), BeOptimistic: store.BeOptimistic, Waiting: waiting, Line: line,
				}
			})
			t.Run("not_by_default", func(t *testing.T) {
				db, store := open(t, nil, &pgsuite.Line{})
				pgsuite.NotCoalescing(t, hostOn(db, store))
			})
		})
	}
}

// TestCoalesceIsRejected covers handles that are one connection.
func TestCoalesceIsRejected(t *testing.T) {
	db := mustMigrate(t, "postgres")
	for name, handle := range map[string]any{
		"sql.Conn":  mustConn(t, db.Conn),
		"sqlx.Conn": mustConn(t, sqlx.NewDb(db, "postgres").Connx),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newStore(t.Context(), handle, &databasesql.Options{Coalesce: true})
			if invalid, ok := errors.AsType[*assignment.InvalidError](err); !ok || invalid.Field != "Coalesce" {
				t.Errorf("got %v, want an *InvalidError that names Coalesce", err)
			}
		})
	}
}
