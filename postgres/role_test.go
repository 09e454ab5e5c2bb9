package postgres_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
)

// mustRestrictedConn returns a connection of a role that may use a migrated
// table but not create temporary ones. That right hangs on the database and is
// granted to everybody by default, so the test makes a database of its own.
func mustRestrictedConn(t *testing.T) *pgx.Conn {
	t.Helper()
	admin := mustConnect(t, testdb.DSN(t), "")
	name := "assignment_test_" + strings.ToLower(rand.Text())
	mustExec(t, admin, `CREATE DATABASE `+name)
	mustExec(t, admin, `CREATE ROLE `+name)
	t.Cleanup(func() {
		for _, sql := range []string{`DROP DATABASE ` + name + ` WITH (FORCE)`, `DROP ROLE ` + name} {
			if _, err := admin.Exec(context.Background(), sql); err != nil {
				t.Error(err)
			}
		}
	})
	conn := mustConnect(t, testdb.DSN(t), name)
	if err := postgres.Migrate(t.Context(), conn, nil); err != nil {
		t.Fatal(err)
	}
	mustExec(t, conn, `REVOKE TEMPORARY ON DATABASE `+name+` FROM PUBLIC`)
	mustExec(t, conn, `REVOKE CREATE ON SCHEMA public FROM PUBLIC`) // as from PostgreSQL 15 on
	mustExec(t, conn, `GRANT ALL ON assignments TO `+name)
	mustExec(t, conn, `GRANT SELECT ON assignment_migrations TO `+name)
	mustExec(t, conn, `SET ROLE `+name)
	return conn
}

// mustConnect opens one connection, to another database of the same server if
// one is named.
func mustConnect(t *testing.T, dsn, database string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	if database != "" {
		config.Database = database
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}
