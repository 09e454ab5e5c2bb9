package postgres

import (
	"context"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// DB is what a store runs on: a *pgxpool.Pool, *pgxpool.Conn, *pgx.Conn or
// pgx.Tx.
type DB interface {
	// Begin starts a transaction, or a savepoint on a pgx.Tx.
	Begin(ctx context.Context) (pgx.Tx, error)
	// Exec runs a statement for its effect.
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	// Query runs a statement that returns rows.
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// adapt tells the handles apart by what a lost connection and a transaction
// mean on each.
func adapt(db DB) (pgdb.DB, error) {
	if isNil(db) {
		return nil, unusable("is nil")
	}
	switch db := db.(type) {
	case *pgxpool.Pool:
		return poolHandle{db}, nil
	case *pgxpool.Conn:
		conn := acquired(db)
		if conn == nil {
			return nil, unusable("was released to its pool")
		}
		return newConnHandle(db, conn), nil
	case *pgx.Conn:
		return newConnHandle(db, db), nil
	case pgx.Tx:
		return newTxHandle(db), nil
	default:
		return nil, unusable(fmt.Sprintf("is a %T, not a *pgxpool.Pool, *pgxpool.Conn, *pgx.Conn or pgx.Tx", db))
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

// acquired returns nil for a connection that was released, which pgx only tells
// by a panic.
func acquired(c *pgxpool.Conn) (conn *pgx.Conn) {
	defer func() {
		if recover() != nil {
			conn = nil
		}
	}()
	return c.Conn()
}
