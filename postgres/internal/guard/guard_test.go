package guard_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

// querier is a connection as package guard wants it.
type querier struct{ conn *pgx.Conn }

func (q querier) Text(ctx context.Context, sql string, args ...any) (string, error) {
	var text *string
	err := q.conn.QueryRow(ctx, sql, args...).Scan(&text)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && text == nil {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return *text, nil
}

func (q querier) Exec(ctx context.Context, sql string, args ...any) error {
	_, err := q.conn.Exec(ctx, sql, args...)
	return err
}

func (q querier) SQLState(err error) string {
	if report, ok := errors.AsType[*pgconn.PgError](err); ok {
		return report.Code
	}
	return ""
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

func mustExec(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// mustInspect inspects the table in a READ ONLY transaction, as a check does.
func mustInspect(t *testing.T, conn *pgx.Conn, spec guard.Spec) *guard.Report {
	t.Helper()
	if spec.Table.Name == "" {
		spec.Table = plainTable()
	}
	mustExec(t, conn, "BEGIN READ ONLY")
	defer mustExec(t, conn, "ROLLBACK")
	report, err := guard.Inspect(t.Context(), querier{conn}, spec)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// plainTable maps the least that a table can have.
func plainTable() schema.Table {
	return schema.Table{Name: "assignments", Columns: schema.Columns{
		ID: "id", AssigneeID: "assignee_id", SubjectID: "subject_id", Status: "status",
	}}
}

const (
	plainSQL = `CREATE TABLE assignments (
  id text PRIMARY KEY, assignee_id text NOT NULL, subject_id text NOT NULL, status text NOT NULL);`
	onKey    = ` ON assignments (assignee_id, subject_id) `
	guardSQL = `CREATE UNIQUE INDEX guard` + onKey + `WHERE status NOT IN ('cancelled', 'completed');`
)

// wantFinding looks for a finding of the problem whose detail contains the text.
func wantFinding(t *testing.T, findings []assignment.GuardFinding, p assignment.GuardProblem, detail string) {
	t.Helper()
	for _, f := range findings {
		if f.Problem == p && strings.Contains(f.Detail, detail) {
			return
		}
	}
	t.Errorf("want %s with %q, got %+v", p, detail, findings)
}

func wantGuard(t *testing.T, r *guard.Report, index string) {
	t.Helper()
	if r.Guard == nil || r.Guard.Index != index || len(r.Findings) > 0 {
		t.Errorf("want the guard %s, got %+v with the findings %+v", index, r.Guard, r.Findings)
	}
}

// wantNothingDropped checks that no statement drops anything.
func wantNothingDropped(t *testing.T, r *guard.Report) {
	t.Helper()
	for _, f := range append(r.Findings, r.Warnings...) {
		for _, sql := range f.Fix {
			if strings.Contains(sql, "DROP") {
				t.Errorf("%s proposes %s", f.Problem, sql)
			}
		}
	}
}

// mustSetUp returns a connection to a schema of its own in which the statements
// have been run.
func mustSetUp(t *testing.T, sql string) *pgx.Conn {
	t.Helper()
	conn := mustConnect(t, testdb.Schema(t))
	mustExec(t, conn, sql)
	return conn
}
