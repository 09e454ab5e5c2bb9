package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
	"github.com/assignment-go/assignment/postgres/schema"
)

// mapped is a service on a host's own table.
type mapped struct {
	*assignment.Service

	store *postgres.Store
	pool  *pgxpool.Pool
}

func mustMapped(t *testing.T, m pgsuite.Mapping, policy assignment.Policy) mapped {
	t.Helper()
	dsn := testdb.Schema(t)
	if err := m.Create(t.Context(), dsn, policy); err != nil {
		t.Fatal(err)
	}
	pool := mustPoolOn(t, dsn)
	return mustMapping(t, pool, &postgres.Options{Table: &m.Table, Policy: policy})
}

func mustMapping(t *testing.T, pool *pgxpool.Pool, opts *postgres.Options) mapped {
	t.Helper()
	store, err := postgres.New(t.Context(), pool, opts)
	if err != nil {
		t.Fatal(err)
	}
	return mapped{mustService(t, store), store, pool}
}

func wantReason(t *testing.T, err error, field, reason string) {
	t.Helper()
	invalid, ok := errors.AsType[*assignment.InvalidError](err)
	if !ok || invalid.Field != field || !strings.Contains(invalid.Reason, reason) {
		t.Errorf("got %v, want %s … %s", err, field, reason)
	}
}

func wantUnsupported(t *testing.T, err error, ability string) {
	t.Helper()
	unsupported, ok := errors.AsType[*assignment.UnsupportedError](err)
	if !ok || unsupported.Ability != ability {
		t.Errorf("got %v, want %s as unsupported", err, ability)
	}
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func (m mapped) wantRows(t *testing.T, q assignment.Query, want ...assignment.ID) {
	t.Helper()
	var got []assignment.ID
	for a, err := range m.List(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, a.ID)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got rows %v, want %v", got, want)
	}
	if n, err := m.Count(t.Context(), q); err != nil || n != int64(len(want)) {
		t.Errorf("count: got %d, %v, want %d", n, err, len(want))
	}
}

const (
	someUUID  = "0190b5c4-7a3e-7c11-9d2f-3b1f0a9c8d7e"
	otherUUID = "0190b5c4-7a3e-7c11-9d2f-3b1f0a9c8d7f"
)

func TestUUIDColumns(t *testing.T) {
	m := mustMapped(t, pgsuite.UUIDs(), assignment.Policy{})
	key := assignment.Key{AssigneeID: someUUID, SubjectID: otherUUID}
	held, err := m.Create(t.Context(), assignment.CreateParams{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"upper_case": strings.ToUpper(someUUID), "no_hyphens": strings.ReplaceAll(someUUID, "-", ""),
		"braces": "{" + someUUID + "}", "no_uuid": "ana", "space": someUUID + " ",
	} {
		t.Run("create_rejects/"+name, func(t *testing.T) {
			const reason = "must be a UUID in lower case"
			_, err := m.Create(t.Context(), assignment.CreateParams{ID: assignment.ID(bad), Key: key})
			wantReason(t, err, "ID", reason)
			_, err = m.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: bad, SubjectID: someUUID}})
			wantReason(t, err, "Key.AssigneeID", reason)
			_, err = m.Ensure(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: someUUID, SubjectID: bad}})
			wantReason(t, err, "Key.SubjectID", reason)
			_, err = m.Reassign(t.Context(), held.ID, bad)
			wantReason(t, err, "Key.AssigneeID", reason)
		})
		t.Run("read_finds_nothing/"+name, func(t *testing.T) {
			_, err := m.Get(t.Context(), assignment.ID(bad))
			wantError(t, err, assignment.ErrNotFound)
			_, err = m.FindActive(t.Context(), assignment.Key{AssigneeID: someUUID, SubjectID: bad})
			wantError(t, err, assignment.ErrNotFound)
			_, err = m.Complete(t.Context(), assignment.ID(bad))
			wantError(t, err, assignment.ErrNotFound)
			m.wantRows(t, assignment.Query{AssigneeID: bad})
			m.wantRows(t, assignment.Query{SubjectID: bad})
		})
	}
	t.Run("an_ended_context_is_told_before_all_that", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := m.store.Get(ctx, "ana")
		wantError(t, err, context.Canceled)
		_, err = m.store.List(ctx, assignment.Query{AssigneeID: "ana", Limit: 1})
		wantError(t, err, context.Canceled)
	})
	t.Run("a_cursor_of_another_table_is_a_place_between_two_rows", func(t *testing.T) {
		m.wantAfter(t, assignment.Cursor{CreatedAt: held.CreatedAt, ID: "!"}, held.ID)
		m.wantAfter(t, assignment.Cursor{CreatedAt: held.CreatedAt, ID: "zebra"})
	})
}

func (m mapped) wantAfter(t *testing.T, after assignment.Cursor, want ...assignment.ID) {
	t.Helper()
	page, err := m.store.List(t.Context(), assignment.Query{After: after, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]assignment.ID, len(page))
	for i, a := range page {
		got[i] = a.ID
	}
	if len(got)+len(want) > 0 && fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("behind %v: got %v, want %v", after, got, want)
	}
}

func TestIntegerColumns(t *testing.T) {
	m := mustMapped(t, pgsuite.Identity(), assignment.Policy{})
	for name, bad := range map[string]string{
		"leading_zero": "07", "plus": "+7", "text": "seven", "too_large": "9223372036854775808", "decimals": "7.0", "minus_zero": "-0",
	} {
		t.Run("create_rejects/"+name, func(t *testing.T) {
			_, err := m.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "1", SubjectID: bad}})
			wantReason(t, err, "Key.SubjectID", "must be a decimal number of at most 64 bits")
		})
		t.Run("read_finds_nothing/"+name, func(t *testing.T) {
			_, err := m.Get(t.Context(), assignment.ID(bad))
			wantError(t, err, assignment.ErrNotFound)
			m.wantRows(t, assignment.Query{SubjectID: bad})
		})
	}
	t.Run("the_limits_fit", func(t *testing.T) {
		key := assignment.Key{AssigneeID: "-9223372036854775808", SubjectID: "9223372036854775807"}
		a, err := m.Create(t.Context(), assignment.CreateParams{Key: key})
		if err != nil || a.Key != key || a.ID == "" {
			t.Errorf("got %+v, %v", a, err)
		}
	})
	t.Run("extra_columns_are_filled", func(t *testing.T) {
		var tenants int
		if err := m.pool.QueryRow(t.Context(), `SELECT count(*) FROM "Work Items" WHERE tenant = 7`).Scan(&tenants); err != nil || tenants != 1 {
			t.Errorf("got %d rows of tenant 7, %v", tenants, err)
		}
	})
	t.Run("ids_are_ordered_as_text", func(t *testing.T) { m.wantTextOrder(t) })
}

// wantTextOrder pages through IDs of one and of two digits.
func (m mapped) wantTextOrder(t *testing.T) {
	t.Helper()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range 12 {
		a := assignment.Assignment{
			Key: assignment.Key{AssigneeID: strconv.Itoa(i), SubjectID: "1"}, Status: assignment.StatusPending,
			CreatedAt: now, UpdatedAt: now, Version: 1,
		}
		if _, err := m.store.Create(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	q := assignment.Query{SubjectID: "1", Limit: 5}
	var got []assignment.Cursor
	for range 10 {
		page, err := m.store.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page {
			got = append(got, a.Cursor())
		}
		if len(page) < q.Limit {
			break
		}
		q.After = got[len(got)-1]
	}
	for i := range got[1:] {
		if got[i].Compare(got[i+1]) >= 0 {
			t.Errorf("%v comes before %v", got[i], got[i+1])
		}
	}
	if len(got) != 12 {
		t.Errorf("got %d rows, want 12", len(got))
	}
}

func TestUnmappedAttributes(t *testing.T) {
	m := mustMapped(t, pgsuite.Mapping{
		DDL: `CREATE TABLE assignments (id text PRIMARY KEY, who text NOT NULL, what text NOT NULL, state text NOT NULL)`,
		Table: schema.Table{Columns: schema.Columns{
			ID: "id", AssigneeID: "who", SubjectID: "what", Status: "state",
		}},
	}, assignment.Policy{})
	key := assignment.Key{AssigneeID: "ana", SubjectID: "intake"}
	for ability, params := range map[string]assignment.CreateParams{
		"AssignedBy": {Key: key, AssignedBy: "bo"},
		"AccountID":  {Key: key, AccountID: "acme"},
		"DueAt":      {Key: key, DueAt: time.Now()},
		"Metadata":   {Key: key, Metadata: map[string]any{"n": 1}},
	} {
		t.Run("create_with_"+ability, func(t *testing.T) {
			_, err := m.Create(t.Context(), params)
			wantUnsupported(t, err, ability)
			_, err = m.Replace(t.Context(), params, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
			wantUnsupported(t, err, ability)
			m.wantRows(t, assignment.Query{})
		})
	}
	for ability, q := range map[string]assignment.Query{
		"AccountID": {AccountID: "acme"}, "DueAt": {DueBefore: time.Now()},
	} {
		t.Run("filter_by_"+ability, func(t *testing.T) {
			_, err := m.Count(t.Context(), q)
			wantUnsupported(t, err, ability)
			for _, err := range m.List(t.Context(), q) {
				wantUnsupported(t, err, ability)
			}
		})
	}
	t.Run("times_and_version_are_zero", func(t *testing.T) {
		a, err := m.Create(t.Context(), assignment.CreateParams{Key: key})
		if err != nil || !a.CreatedAt.IsZero() || !a.UpdatedAt.IsZero() || a.Version != 0 {
			t.Fatalf("got %+v, %v", a, err)
		}
		_, err = m.Complete(t.Context(), a.ID, assignment.IfVersion(1))
		wantUnsupported(t, err, "IfVersion")
		done, err := m.Complete(t.Context(), a.ID)
		if err != nil || done.Status != assignment.StatusCompleted || !done.CompletedAt.IsZero() || done.Version != 0 {
			t.Errorf("got %+v, %v", done, err)
		}
	})
}

func TestExtra(t *testing.T) {
	m := pgsuite.Mapping{DDL: `CREATE TABLE assignments (
  id text PRIMARY KEY, assignee_id text NOT NULL, subject_id text NOT NULL, status text NOT NULL, region varchar(2) NOT NULL, shard smallint)`}
	m.Table.Columns = schema.Columns{ID: "id", AssigneeID: "assignee_id", SubjectID: "subject_id", Status: "status"}
	cause := errors.New("nobody is logged in")
	m.Table.Extra = []schema.Extra{
		{Column: "region", Value: func(a assignment.Assignment) (any, error) {
			if a.Key.SubjectID == "secret" {
				return nil, cause
			}
			return a.Key.SubjectID, nil
		}},
		{Column: "shard", Value: func(assignment.Assignment) (any, error) { return 3, nil }},
	}
	s := mustMapped(t, m, assignment.Policy{})
	t.Run("values_are_stored_in_the_columns_type", func(t *testing.T) {
		if _, err := s.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "ana", SubjectID: "eu"}}); err != nil {
			t.Fatal(err)
		}
		var row string
		if err := s.pool.QueryRow(t.Context(), "SELECT region || shard::text FROM assignments").Scan(&row); err != nil || row != "eu3" {
			t.Errorf("got %q, %v", row, err)
		}
	})
	t.Run("an_error_ends_the_call_and_stays_in_the_chain", func(t *testing.T) {
		_, err := s.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "ana", SubjectID: "secret"}})
		wantReason(t, err, "region", "has no value")
		wantError(t, err, cause)
	})
	t.Run("a_value_is_not_cut_to_fit", func(t *testing.T) {
		_, err := s.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "ana", SubjectID: "europe"}})
		wantError(t, err, assignment.ErrInvalid)
	})
	t.Run("batches_fill_them_too", func(t *testing.T) {
		results, err := s.CreateMany(t.Context(), []assignment.CreateParams{
			{Key: assignment.Key{AssigneeID: "bo", SubjectID: "us"}}, {Key: assignment.Key{AssigneeID: "bo", SubjectID: "secret"}},
		}, nil)
		if err != nil || results[0].Err != nil {
			t.Fatal(err, results)
		}
		wantReason(t, results[1].Err, "region", "has no value")
	})
}

func TestVarcharColumns(t *testing.T) {
	m := pgsuite.Mapping{DDL: `CREATE TABLE assignments (
  id varchar(40) PRIMARY KEY, assignee_id varchar(3) NOT NULL, subject_id text NOT NULL, status text NOT NULL)`}
	m.Table.Columns = schema.Columns{ID: "id", AssigneeID: "assignee_id", SubjectID: "subject_id", Status: "status"}
	s := mustMapped(t, m, assignment.Policy{})
	t.Run("surplus_spaces_are_rejected_not_dropped", func(t *testing.T) {
		_, err := s.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "ana ", SubjectID: "x"}})
		wantReason(t, err, "Key.AssigneeID", "longer than the 3 characters")
	})
	t.Run("characters_count_not_bytes", func(t *testing.T) {
		if _, err := s.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "äöü", SubjectID: "x"}}); err != nil {
			t.Error(err)
		}
	})
}
