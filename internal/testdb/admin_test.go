package testdb_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment/internal/testdb"
)

func TestAdmin(t *testing.T) {
	server := testdb.DSN(t)
	mustCreate := func(t *testing.T, server string) (admin *testdb.Admin, name, dsn string) {
		t.Helper()
		admin = testdb.NewAdmin(server)
		t.Cleanup(func() {
			if err := admin.Close(); err != nil {
				t.Error(err)
			}
		})
		name, dsn, err := admin.NewSchema(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return admin, name, dsn
	}
	createTable := func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "CREATE TABLE held (id int)")
		return err
	}

	t.Run("a schema exists until it is dropped", func(t *testing.T) {
		admin, name, dsn := mustCreate(t, server)
		conn := connect(t, dsn)
		if got := currentSchema(t, conn); got != name {
			t.Errorf("schema: got %q, want %q", got, name)
		}
		if err := admin.Drop(name); err != nil {
			t.Fatal(err)
		}
		if got := currentSchema(t, conn); got != "" {
			t.Errorf("schema: got %q after the drop", got)
		}
	})

	t.Run("works in the named schema", func(t *testing.T) {
		admin, first, _ := mustCreate(t, server)
		second, dsn, err := admin.NewSchema(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{first, second} {
			if err := admin.In(t.Context(), name, createTable); err != nil {
				t.Error(err)
			}
		}
		exec(t, connect(t, dsn), "INSERT INTO held VALUES (1)")
		for _, name := range []string{first, second} {
			if err := admin.Drop(name); err != nil {
				t.Error(err)
			}
		}
	})

	t.Run("works after a call whose context ended", func(t *testing.T) {
		admin, name, _ := mustCreate(t, server)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := admin.In(ctx, name, createTable); err == nil {
			t.Error("the call succeeded")
		}
		if err := admin.Drop(name); err != nil {
			t.Error(err)
		}
	})

	t.Run("a leaked lock fails a drop and does not hang it", func(t *testing.T) {
		admin, name, dsn := mustCreate(t, testdb.With(server, "lock_timeout", "100ms"))
		if err := admin.In(t.Context(), name, createTable); err != nil {
			t.Fatal(err)
		}
		leaky := connect(t, dsn)
		exec(t, leaky, "BEGIN")
		exec(t, leaky, "LOCK TABLE held")
		if err := admin.Drop(name); err == nil {
			t.Error("the drop succeeded under a lock")
		}
		exec(t, leaky, "ROLLBACK")
		if err := admin.Drop(name); err != nil {
			t.Error(err)
		}
	})
}
