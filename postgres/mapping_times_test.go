package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
	"github.com/assignment-go/assignment/postgres/schema"
)

// timed is a table whose times are all of one type.
func timed(typeName string) pgsuite.Mapping {
	m := pgsuite.Mapping{Name: typeName, DDL: `CREATE TABLE assignments (
  id text PRIMARY KEY, assignee_id text NOT NULL, subject_id text NOT NULL, status text NOT NULL,
  due ` + typeName + `, created ` + typeName + `, updated ` + typeName + `, ended ` + typeName + `, version integer);
CREATE INDEX ON assignments (created, id)`}
	m.Table.Columns = schema.Columns{
		ID: "id", AssigneeID: "assignee_id", SubjectID: "subject_id", Status: "status",
		DueAt: "due", CreatedAt: "created", UpdatedAt: "updated", CompletedAt: "ended", Version: "version",
	}
	return m
}

// TestTimesAreCut makes sure that nothing is rounded: PostgreSQL would turn
// every one of these into the next unit.
func TestTimesAreCut(t *testing.T) {
	at := time.Date(2026, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	for typeName, want := range map[string]time.Time{
		"timestamptz":    at,
		"timestamptz(3)": at.Truncate(time.Millisecond),
		"timestamp(1)":   at.Truncate(100 * time.Millisecond),
		"timestamp(0)":   at.Truncate(time.Second),
		"date":           time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC),
	} {
		t.Run(typeName, func(t *testing.T) {
			s := mustMapped(t, timed(typeName), assignment.Policy{})
			service, err := assignment.NewService(s.store, &assignment.Options{Now: func() time.Time { return at }})
			if err != nil {
				t.Fatal(err)
			}
			wantCut(t, service, at, want)
		})
	}
}

func wantCut(t *testing.T, s *assignment.Service, at, want time.Time) {
	t.Helper()
	params := assignment.CreateParams{ID: "1", Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}, DueAt: at}
	a, err := s.Create(t.Context(), params)
	if err != nil || a.DueAt != want || a.CreatedAt != want || a.UpdatedAt != want {
		t.Fatalf("create: got %+v, %v, want times %v", a, err, want)
	}
	if again, err := s.Ensure(t.Context(), params); err != nil || again.Outcome != assignment.OutcomeReplayed {
		t.Errorf("a retry: got %+v, %v", again, err)
	}
	next := params
	next.ID = "2"
	result, err := s.Replace(t.Context(), next, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
	if err != nil || result.Retired.UpdatedAt != want || result.Retired.CompletedAt != want {
		t.Fatalf("replace: got %+v, %v", result.Retired, err)
	}
	for _, id := range []assignment.ID{"1", "2"} {
		got, err := s.Get(t.Context(), id)
		if err != nil || got.DueAt != want || got.CreatedAt != want || got.UpdatedAt != want {
			t.Errorf("get: got %+v, %v", got, err)
		}
	}
	batch := []assignment.CreateParams{{ID: "3", Key: assignment.Key{AssigneeID: "bo", SubjectID: "intake"}, DueAt: at}}
	results, err := s.CreateMany(t.Context(), batch, nil)
	stored, getErr := s.Get(t.Context(), "3")
	if err != nil || getErr != nil || results[0].Assignment.DueAt != want || stored.DueAt != want || stored.UpdatedAt != want {
		t.Errorf("batch: got %+v, %v, stored %+v, %v", results, err, stored, getErr)
	}
}

// TestLegacyRows reads what was there before the SDK: no time, no version, and
// infinity, which no time.Time can hold.
func TestLegacyRows(t *testing.T) {
	for _, typeName := range []string{"timestamptz", "timestamp(3)", "date"} {
		t.Run(typeName, func(t *testing.T) {
			s := mustMapped(t, timed(typeName), assignment.Policy{})
			mustExec(t, s.pool, `INSERT INTO assignments (id, assignee_id, subject_id, status)
VALUES ('a', 'a', 's', 'pending'), ('b', 'b', 's', 'pending');
INSERT INTO assignments (id, assignee_id, subject_id, status, due, created, updated, ended, version) VALUES
  ('c', 'c', 's', 'pending', '-infinity', '-infinity', '-infinity', NULL, 4),
  ('d', 'd', 's', 'pending', '2026-01-01', '2026-01-01', '2026-01-01', NULL, 4),
  ('e', 'e', 's', 'pending', 'infinity', 'infinity', 'infinity', NULL, 4),
  ('f', 'f', 's', 'completed', NULL, 'infinity', 'infinity', 'infinity', 4)`)
			s.wantLegacy(t)
		})
	}
}

func (m mapped) wantLegacy(t *testing.T) {
	t.Helper()
	t.Run("every_row_is_readable", func(t *testing.T) {
		m.wantRows(t, assignment.Query{}, "a", "b", "c", "d", "e", "f")
		a, err := m.Get(t.Context(), "a")
		if err != nil || !a.CreatedAt.IsZero() || !a.UpdatedAt.IsZero() || a.Version != 1 {
			t.Errorf("got %+v, %v", a, err)
		}
		e, err := m.Get(t.Context(), "e")
		if err != nil || !e.DueAt.IsZero() || !e.UpdatedAt.IsZero() {
			t.Errorf("got %+v, %v", e, err)
		}
	})
	t.Run("pages_of_any_size_join_to_the_whole", func(t *testing.T) {
		for size := 1; size <= 7; size++ {
			m.wantPages(t, size, "abcdef")
		}
	})
	t.Run("infinity_is_never_due", func(t *testing.T) {
		m.wantRows(t, assignment.Query{DueBefore: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}, "d")
	})
	t.Run("a_change_counts_from_version_one", func(t *testing.T) {
		a, err := m.Start(t.Context(), "a", assignment.IfVersion(1))
		if err != nil || a.Version != 2 || a.UpdatedAt.IsZero() {
			t.Errorf("got %+v, %v", a, err)
		}
	})
	t.Run("a_conflict_carries_such_a_holder", func(t *testing.T) {
		_, err := m.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "e", SubjectID: "s"}})
		wantError(t, err, assignment.ErrActiveExists)
	})
}

func (m mapped) wantPages(t *testing.T, size int, want string) {
	t.Helper()
	q := assignment.Query{Limit: size}
	var got strings.Builder
	for range 2 * len(want) {
		page, err := m.store.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page {
			got.WriteString(string(a.ID))
			q.After = a.Cursor()
		}
		if len(page) < size {
			break
		}
	}
	if got.String() != want {
		t.Errorf("pages of %d: got %s, want %s", size, &got, want)
	}
}

// TestMappedProtocolModes covers the modes that send parameters without a type.
func TestMappedProtocolModes(t *testing.T) {
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeCacheDescribe} {
		for _, m := range []pgsuite.Mapping{pgsuite.Identity(), pgsuite.UUIDs(), pgsuite.Enum(), pgsuite.OtherTypes(), timed("date")} {
			t.Run(mode.String()+"/"+m.Name, func(t *testing.T) {
				dsn := testdb.Schema(t)
				if err := m.Create(t.Context(), dsn, assignment.Policy{}); err != nil {
					t.Fatal(err)
				}
				config, err := pgxpool.ParseConfig(dsn)
				if err != nil {
					t.Fatal(err)
				}
				config.ConnConfig.DefaultQueryExecMode = mode
				pool, err := pgxpool.NewWithConfig(t.Context(), config)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(pool.Close)
				mustMapping(t, pool, &postgres.Options{Table: &m.Table}).wantEveryCall(t, m)
			})
		}
	}
}

func (m mapped) wantEveryCall(t *testing.T, mapping pgsuite.Mapping) {
	t.Helper()
	k := assignment.Key{AssigneeID: "1", SubjectID: "2"}
	other := assignment.Key{AssigneeID: "3", SubjectID: "2"}
	if mapping.Harness.NewKey != nil {
		k, other = mapping.Harness.NewKey(1), mapping.Harness.NewKey(2)
	}
	a, err := m.Create(t.Context(), assignment.CreateParams{Key: k, DueAt: time.Now().Add(-48 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Create(t.Context(), assignment.CreateParams{Key: k})
	wantError(t, err, assignment.ErrActiveExists)
	result, err := m.Replace(t.Context(), assignment.CreateParams{Key: k}, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
	if err != nil || result.Retired == nil || result.Retired.ID != a.ID {
		t.Fatalf("replace: got %+v, %v", result, err)
	}
	if moved, err := m.Reassign(t.Context(), result.Assignment.ID, other.AssigneeID); err != nil || moved.Key.AssigneeID != other.AssigneeID {
		t.Errorf("reassign: got %+v, %v", moved, err)
	}
	if open, err := m.Reopen(t.Context(), a.ID); err != nil || open.Key != k {
		t.Errorf("reopen: got %+v, %v", open, err)
	}
	if done, err := m.Complete(t.Context(), a.ID); err != nil || done.CompletedAt.IsZero() {
		t.Errorf("complete: got %+v, %v", done, err)
	}
	m.wantRows(t, assignment.Query{DueBefore: time.Now()}, a.ID)
	results, err := m.CreateMany(t.Context(), []assignment.CreateParams{{Key: k}, {Key: k}}, nil)
	if err != nil || results[0].Err != nil || results[1].Err == nil {
		t.Errorf("batch: got %+v, %v", results, err)
	}
	m.wantAfter(t, a.Cursor(), m.idsAfter(t, a)...)
}

func (m mapped) idsAfter(t *testing.T, a assignment.Assignment) []assignment.ID {
	t.Helper()
	var ids []assignment.ID
	for row, err := range m.List(t.Context(), assignment.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if row.Cursor().Compare(a.Cursor()) > 0 {
			ids = append(ids, row.ID)
		}
	}
	return ids
}
