package postgres_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
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

// A role needs rights to the columns of the mapping, and to no others.
func TestColumnPrivileges(t *testing.T) {
	conn := mustConnect(t, testdb.DSN(t), "")
	name := "assignment_test_" + strings.ToLower(rand.Text())
	columns := "(id, assignee_id, subject_id, status, assigned_by, account_id, due_at, created_at, updated_at, completed_at, version, metadata, request)"
	for _, sql := range []string{`CREATE SCHEMA ` + name, `SET search_path = ` + name, `CREATE ROLE ` + name} {
		mustExec(t, conn, sql)
	}
	t.Cleanup(func() {
		if _, err := conn.Exec(context.Background(), `RESET ROLE; DROP SCHEMA `+name+` CASCADE; DROP ROLE `+name); err != nil {
			t.Error(err)
		}
	})
	if err := postgres.Migrate(t.Context(), conn, nil); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`ALTER TABLE assignments ADD COLUMN secret text`, `GRANT USAGE ON SCHEMA ` + name + ` TO ` + name,
		`GRANT SELECT ` + columns + `, INSERT ` + columns + `, UPDATE ` + columns + ` ON assignments TO ` + name, `SET ROLE ` + name,
	} {
		mustExec(t, conn, sql)
	}
	service := mustService(t, mustStore(t, conn))
	key := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}
	own, err := service.Create(t.Context(), assignment.CreateParams{ID: "own", Key: key})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		call func() error
	}{
		{"reassign", func() error { _, err := service.Reassign(t.Context(), own.ID, "ben"); return err }},
		{"complete", func() error { _, err := service.Complete(t.Context(), own.ID); return err }},
		{"reopen", func() error { _, err := service.Reopen(t.Context(), own.ID); return err }},
		{"replace", func() error {
			_, err := service.Replace(t.Context(), assignment.CreateParams{Key: key}, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
			return err
		}},
		{"a_batch", func() error {
			_, err := service.CreateMany(t.Context(), []assignment.CreateParams{
				{Key: assignment.Key{AssigneeID: "cleo", SubjectID: "intake"}}, {Key: assignment.Key{AssigneeID: "dan", SubjectID: "intake"}},
			}, nil)
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.call(); err != nil {
				t.Error(err)
			}
		})
	}
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
