package databasesql

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"

	"github.com/jmoiron/sqlx"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// DB is what a store runs on: a *sql.DB, *sql.Conn, *sql.Tx, *sqlx.DB,
// *sqlx.Conn or *sqlx.Tx.
//
// A transaction must be passed as such: one that was opened by hand, with BEGIN
// on a *sql.Conn, can't be seen through database/sql, and a refused call could
// abort it.
type DB interface {
	// ExecContext runs a statement for its effect.
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	// QueryContext runs a statement that returns rows.
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// adapt tells the handles apart by what a lost connection and a transaction
// mean on each.
func adapt(db DB) (pgdb.DB, error) {
	if isNil(db) {
		return nil, unusable("is nil")
	}
	switch db := db.(type) {
	case *sql.DB:
		return poolHandle{db: db}, nil
	case *sqlx.DB:
		return adapt(db.DB)
	case *sql.Conn:
		return connHandle{querier: onConn(db), conn: db}, nil
	case *sqlx.Conn:
		return adapt(db.Conn)
	case *sql.Tx:
		return txHandle{querier{db: db}, db}, nil
	case *sqlx.Tx:
		return adapt(db.Tx)
	default:
		return nil, unusable(fmt.Sprintf("is a %T, not a DB, Conn or Tx of database/sql or sqlx", db))
	}
}

func unusable(reason string) error { return &assignment.InvalidError{Field: "db", Reason: reason} }

func isNil(db DB) bool {
	v := reflect.ValueOf(db)
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.Slice:
		return v.IsNil()
	default:
		return false
	}
}
