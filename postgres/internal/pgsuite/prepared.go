package pgsuite

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
)

// Prepared returns the DSN of a migrated schema to which the statements have
// been applied.
func Prepared(t *testing.T, statements string) string {
	t.Helper()
	dsn := testdb.Schema(t)
	if err := migrate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	mustApply(t, dsn, statements)
	return dsn
}

// Unmigrated returns the DSN of a schema to which only the statements have been
// applied.
func Unmigrated(t *testing.T, statements string) string {
	t.Helper()
	dsn := testdb.Schema(t)
	mustApply(t, dsn, statements)
	return dsn
}

// mustApply runs statements on a connection of their own.
func mustApply(t *testing.T, dsn, statements string) {
	t.Helper()
	conn := mustConnect(t, dsn)
	if _, err := conn.Exec(t.Context(), statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

func mustText(t *testing.T, dsn, query string) (text string) {
	t.Helper()
	if err := mustConnect(t, dsn).QueryRow(t.Context(), query).Scan(&text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text
}

func cleanupContext() context.Context { return context.Background() }

func mustConnectLate(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(cleanupContext(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func mustConnect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// plantHolder inserts a row past the triggers.
func plantHolder(t *testing.T, dsn string, k assignment.Key) {
	t.Helper()
	mustApply(t, dsn, `SET session_replication_role = replica; INSERT INTO assignments
  (id, assignee_id, subject_id, status, created_at, updated_at)
VALUES ('holder', '`+k.AssigneeID+`', '`+k.SubjectID+`', 'pending', now(), now())`)
}

func mustCreate(t *testing.T, s *assignment.Service, p assignment.CreateParams) assignment.Assignment {
	t.Helper()
	a, err := s.Create(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
