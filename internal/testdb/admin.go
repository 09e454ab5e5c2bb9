package testdb

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Admin creates, changes and drops many schemas on one connection, which it opens
// on the first call. It is safe for concurrent use.
type Admin struct {
	server string

	mu   sync.Mutex
	conn *pgx.Conn
}

// NewAdmin returns an Admin of the server, which is what DSN returned. The caller
// must call Close when done.
func NewAdmin(server string) *Admin { return &Admin{server: server} }

// NewSchema creates an empty schema. Connections with the returned DSN have the
// name of the schema as search_path and as application_name, by which the server
// can identify them.
func (a *Admin) NewSchema(ctx context.Context) (name, dsn string, err error) {
	name = newName()
	if err := a.In(ctx, "public", exec("CREATE SCHEMA "+name)); err != nil {
		return "", "", fmt.Errorf("create schema: %w", err)
	}
	return name, With(With(a.server, "search_path", name), "application_name", name), nil
}

// In calls do with the connection, whose search_path is the schema. Statements on
// it wait for locks no longer than lockTimeout.
func (a *Admin) In(ctx context.Context, name string, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conn == nil || a.conn.IsClosed() { // a statement whose context ends closes it
		conn, err := connectWithLockTimeout(ctx, a.server)
		if err != nil {
			return err
		}
		a.conn = conn
	}
	if _, err := a.conn.Exec(ctx, "SET search_path = "+name); err != nil {
		return err
	}
	return do(ctx, a.conn)
}

// Drop drops the schema with everything in it.
func (a *Admin) Drop(name string) error {
	if err := a.In(context.Background(), "public", exec("DROP SCHEMA "+name+" CASCADE")); err != nil {
		return fmt.Errorf("drop schema: %w", err)
	}
	return nil
}

// Close closes the connection.
func (a *Admin) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conn == nil {
		return nil
	}
	return a.conn.Close(context.Background())
}

func exec(statement string) func(context.Context, *pgx.Conn) error {
	return func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, statement)
		return err
	}
}
