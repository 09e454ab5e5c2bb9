package faults_test

import (
	"database/sql"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/faultproxy"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/databasesql"
	"github.com/assignment-go/assignment/postgres/schema"
)

// TestLostReplyWithDatabaseIDs loses the reply to a Create whose ID the database
// makes. The store must not send the insert again: nothing would distinguish the
// second row from the first.
func TestLostReplyWithDatabaseIDs(t *testing.T) {
	table := &schema.Table{DatabaseIDs: true, Columns: schema.Columns{
		ID: "id", AssigneeID: "assignee_id", SubjectID: "subject_id", Status: "status",
	}}
	for name, open := range map[string]func(*testing.T, string, *schema.Table) assignment.Store{
		"pgx": mappedPgx, "pgx/stdlib": mappedSQL("pgx"), "lib/pq": mappedSQL("postgres"),
	} {
		t.Run(name, func(t *testing.T) {
			dsn := testdb.Schema(t)
			if _, err := newPool(t, dsn).Exec(t.Context(), `CREATE TABLE assignments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, assignee_id text NOT NULL, subject_id text NOT NULL, status text NOT NULL);
CREATE UNIQUE INDEX ON assignments (assignee_id, subject_id) WHERE status NOT IN ('cancelled', 'completed')`); err != nil {
				t.Fatal(err)
			}
			testLostReply(t, dsn, func(dsn string) assignment.Store { return open(t, dsn, table) })
		})
	}
}

func testLostReply(t *testing.T, dsn string, open func(dsn string) assignment.Store) {
	t.Helper()
	loss := &loss{}
	broken, direct := service(t, open(proxied(t, dsn, loss.plan))), service(t, open(dsn))
	key := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}

	loss.armed.Store(true)
	_, err := broken.Create(t.Context(), assignment.CreateParams{Key: key})
	loss.armed.Store(false)
	unknown, ok := errors.AsType[*assignment.UnknownOutcomeError](err)
	if !ok || unknown.ID != "" {
		t.Fatalf("got %v, want an unknown outcome without an ID", err)
	}
	if !strings.HasPrefix(err.Error(), "create assignment: outcome unknown: ") {
		t.Errorf("the message does not leave out the missing ID: %v", err)
	}
	if n := loss.requests.Load(); n != 1 {
		t.Errorf("the insert was sent %d times, want once", n)
	}
	holder, err := direct.FindActive(t.Context(), key)
	if err != nil || holder.ID != "1" {
		t.Errorf("FindActive: got %+v, %v, want the row with the ID 1", holder, err)
	}
	_, err = broken.Create(t.Context(), assignment.CreateParams{Key: key})
	if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); !ok || conflict.Existing.ID != "1" {
		t.Errorf("create again: got %v, want a conflict with the row that the first call created", err)
	}
}

// loss drops the reply to the first insert once it is armed.
type loss struct {
	// armed is set while inserts are counted.
	armed    atomic.Bool
	pending  atomic.Bool
	requests atomic.Int64
}

func (l *loss) plan(m faultproxy.Message) faultproxy.Action {
	if inserts(m) && l.armed.Load() && l.requests.Add(1) == 1 {
		l.pending.Store(true)
	}
	if m.From == faultproxy.Server && l.pending.Swap(false) {
		return faultproxy.Action{Kind: faultproxy.Swallow}
	}
	return faultproxy.Action{}
}

func mappedPgx(t *testing.T, dsn string, table *schema.Table) assignment.Store {
	t.Helper()
	store, err := postgres.New(t.Context(), newPool(t, dsn), &postgres.Options{Table: table})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func mappedSQL(driver string) func(*testing.T, string, *schema.Table) assignment.Store {
	return func(t *testing.T, dsn string, table *schema.Table) assignment.Store {
		t.Helper()
		db, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		store, err := databasesql.New(t.Context(), db, &databasesql.Options{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		return store
	}
}
