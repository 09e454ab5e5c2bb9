package adopt_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/schema"
)

// prismaSQL is a table as Prisma creates it, without an index on the key.
const prismaSQL = `CREATE TABLE "assignments" (
    "id"           text NOT NULL PRIMARY KEY,
    "counselor_id" text NOT NULL,
    "scenario_id"  text NOT NULL,
    "status"       text,
    "assigned_by"  text,
    "account_id"   text,
    "due_date"     timestamp(3),
    "created_at"   timestamp(3) NOT NULL DEFAULT now()
)`

func prismaTable() *schema.Table {
	return &schema.Table{Columns: schema.Columns{
		ID: "id", AssigneeID: "counselor_id", SubjectID: "scenario_id", Status: "status",
		AssignedBy: "assigned_by", AccountID: "account_id", DueAt: "due_date", CreatedAt: "created_at",
	}}
}

// prismaOptions returns options for the Prisma table and its lifecycle. Their limits
// are low, so that a test of locks ends soon.
func prismaOptions() *adopt.Options {
	lifecycle := assignment.CompletedOnlyLifecycle()
	return &adopt.Options{
		Table: prismaTable(), Policy: assignment.Policy{Lifecycle: lifecycle},
		LockTimeout: 50 * time.Millisecond, WaitTimeout: 2 * time.Minute, Attempts: 8,
	}
}

// mustPrisma returns a database with the Prisma table, empty.
func mustPrisma(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	pool := mustPool(tb)
	mustExec(tb, pool, prismaSQL)
	return pool
}

func mustPool(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	pool, err := pgxpool.New(tb.Context(), testdb.Schema(tb))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	return pool
}

func mustExec(tb testing.TB, pool *pgxpool.Pool, sql string, args ...any) {
	tb.Helper()
	if _, err := pool.Exec(tb.Context(), sql, args...); err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
}

// mustRow inserts a row; the minute orders rows in time, and "NULL" is no status.
func mustRow(tb testing.TB, pool *pgxpool.Pool, id, counselor, status string, minute int) {
	tb.Helper()
	mustExec(tb, pool, `INSERT INTO assignments (id, counselor_id, scenario_id, status, created_at)
		VALUES ($1, $2, $3, NULLIF($4, 'NULL'), timestamp '2026-01-01' + $5 * interval '1 minute')`,
		id, counselor, "intake", status, minute)
}

// statuses returns "id=status" of all rows, by ID.
func statuses(tb testing.TB, pool *pgxpool.Pool) string {
	tb.Helper()
	return text(tb, pool, `SELECT string_agg(id::text || '=' || COALESCE(status::text, 'NULL'), ' ' ORDER BY id) FROM assignments`)
}

func text(tb testing.TB, pool *pgxpool.Pool, sql string, args ...any) string {
	tb.Helper()
	var s *string
	if err := pool.QueryRow(context.WithoutCancel(tb.Context()), sql, args...).Scan(&s); err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
	if s == nil {
		return ""
	}
	return *s
}

func mustRepair(tb testing.TB, pool *pgxpool.Pool, opts *adopt.Options) adopt.RepairResult {
	tb.Helper()
	result, err := adopt.Repair(tb.Context(), pool, opts)
	if err != nil {
		tb.Fatal(err)
	}
	return result
}

func mustGuard(tb testing.TB, pool *pgxpool.Pool, opts *adopt.Options) adopt.GuardResult {
	tb.Helper()
	result, err := adopt.Guard(tb.Context(), pool, opts)
	if err != nil {
		tb.Fatal(err)
	}
	return result
}

func mustCheck(tb testing.TB, pool *pgxpool.Pool, opts *adopt.Options) adopt.Report {
	tb.Helper()
	report, err := adopt.Check(tb.Context(), pool, opts)
	if err != nil {
		tb.Fatal(err)
	}
	return report
}

func wantInvalid(tb testing.TB, err error, field string) {
	tb.Helper()
	invalid, ok := errors.AsType[*assignment.InvalidError](err)
	if !ok || invalid.Field != field {
		tb.Errorf("got %v, want field %s to be rejected", err, field)
	}
}

func wantGuardError(tb testing.TB, err error, problem assignment.GuardProblem, detail string) {
	tb.Helper()
	guard, ok := errors.AsType[*assignment.GuardError](err)
	if !ok || !guard.Has(problem) || !strings.Contains(err.Error(), detail) {
		tb.Errorf("got %v, want %s with %q", err, problem, detail)
	}
}

func want[T comparable](tb testing.TB, what string, got, wanted T) {
	tb.Helper()
	if got != wanted {
		tb.Errorf("%s: got %v, want %v", what, got, wanted)
	}
}

func sqlOf(steps []adopt.Step) string {
	var all []string
	for _, s := range steps {
		all = append(all, s.SQL...)
	}
	return strings.Join(all, "; ")
}
