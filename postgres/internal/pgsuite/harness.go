// Package pgsuite runs the conformance suite on the PostgreSQL stores. It is
// only imported by tests; it stands here because both drivers use it.
package pgsuite

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Handle is a store with what it took to open it.
type Handle struct {
	// Store is the store.
	Store assignment.Store
	// Connections counts the connections in use.
	Connections func() int
	// Idle counts those that are open and not in use. Optional: without it no
	// handle serves more than one rule, since nobody can tell when the last of its
	// statements has ended.
	Idle func() int
	// Close lets go of everything.
	Close func()
	// Begin opens a transaction of the host. Optional.
	Begin func(context.Context) (Tx, error)
	// Single means that each write is one statement outside of any transaction, so
	// that its reply can be lost.
	Single bool
}

// Opener opens a store on the migrated schema that the DSN names. It is called
// twice for each schema; the handles must share nothing in this process.
type Opener func(ctx context.Context, dsn string, policy assignment.Policy) (Handle, error)

// Harness gives every rule an empty table to itself. Under go test -short it is
// brief.
func Harness(tb testing.TB, open Opener) conformance.Harness {
	tb.Helper()
	h := conformance.Harness{Open: newBackends(tb, tableSpec{ddl: migrations, open: open, plant: plant}).Open}
	if testing.Short() {
		return Brief(h)
	}
	return h
}

// Brief keeps to one policy and fewer rounds, for handles whose statements
// another handle has run through all of them.
func Brief(h conformance.Harness) conformance.Harness {
	h.Quick = true
	h.Policies = []assignment.Policy{{}}
	return h
}

// migrate applies the migrations of the default policy as a tool of the host would.
func migrate(ctx context.Context, dsn string) error {
	ddl, err := migrations(assignment.Policy{})
	if err != nil {
		return err
	}
	return execute(ctx, dsn, ddl)
}

func migrations(policy assignment.Policy) (ddl string, err error) {
	all, err := schema.Migrations(policy.Lifecycle)
	statements := make([]string, len(all))
	for i, m := range all {
		statements[i] = m.SQL
	}
	return strings.Join(statements, ""), err
}

// openTwo opens two stores that share nothing in this process.
func openTwo(ctx context.Context, dsn string, policy assignment.Policy, open Opener) (first, second Handle, err error) {
	first, err = open(ctx, dsn, policy)
	if err != nil {
		return Handle{}, Handle{}, err
	}
	second, err = open(ctx, dsn, policy)
	if err != nil {
		first.Close()
		return Handle{}, Handle{}, err
	}
	return first, second, nil
}

// loseReplies lets the backend open stores that lose a reply, and closes them
// together with it.
func loseReplies(backend *conformance.Backend, p *place, open Opener) {
	closeRest := backend.Close
	backend.OpenLossy = func(ctx context.Context, meanwhile func()) (assignment.Store, error) {
		p.spoiled.Store(true)
		store, closeThird, err := losing(ctx, p.dsn, p.policy, open, meanwhile)
		if err == nil {
			closeEarlier := closeRest
			closeRest = func() error {
				closeThird()
				return closeEarlier()
			}
		}
		return store, err
	}
	backend.Close = func() error { return closeRest() }
}

// plant writes a row as a program that knows nothing of the SDK would.
func plant(ctx context.Context, conn *pgx.Conn, a assignment.Assignment) error {
	_, err := conn.Exec(ctx, `INSERT INTO assignments (
  id, assignee_id, subject_id, status, assigned_by, account_id,
  due_at, created_at, updated_at, completed_at, version, metadata
) VALUES ($1, $2, $3, $4, NULLIF($5, ''), NULLIF($6, ''), $7, $8, $9, $10, $11, $12)`,
		pgx.QueryExecModeDescribeExec, // the connection has another table of the name before and after
		string(a.ID), a.Key.AssigneeID, a.Key.SubjectID, string(a.Status), a.AssignedBy, a.AccountID,
		nullTime(a.DueAt), a.CreatedAt, a.UpdatedAt, nullTime(a.CompletedAt), a.Version, a.Metadata)
	return err
}

func nullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// rejectKey renders a trigger of the host that raises an exception for new rows
// with the key.
func rejectKey(table schema.Table, k assignment.Key) string {
	return `CREATE FUNCTION reject_key() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
CREATE TRIGGER reject_key BEFORE INSERT ON ` + table.String() + `
FOR EACH ROW WHEN (NEW.` + sqltext.Quote(table.Columns.AssigneeID) + `::text = ` + sqltext.Literal(k.AssigneeID) + `
AND NEW.` + sqltext.Quote(table.Columns.SubjectID) + `::text = ` + sqltext.Literal(k.SubjectID) + `) EXECUTE FUNCTION reject_key()`
}
