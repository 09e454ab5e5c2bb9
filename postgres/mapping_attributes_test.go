package postgres_test

import (
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

func TestAttributeTypes(t *testing.T) {
	m := pgsuite.Mapping{DDL: `CREATE TABLE assignments (
  id text PRIMARY KEY, assignee_id smallint NOT NULL, subject_id text NOT NULL, status varchar NOT NULL, by integer, account uuid)`}
	m.Table.Columns = withID("text").Table.Columns
	m.Table.Columns.AssignedBy, m.Table.Columns.AccountID = "by", "account"
	s := mustMapped(t, m, assignment.Policy{})
	full := assignment.CreateParams{
		ID: "full", Key: assignment.Key{AssigneeID: "7", SubjectID: "x"}, AssignedBy: "-12", AccountID: someUUID,
	}
	t.Run("values_come_back_as_text", func(t *testing.T) {
		a, err := s.Create(t.Context(), full)
		if err != nil || a.AssignedBy != "-12" || a.AccountID != someUUID {
			t.Errorf("got %+v, %v", a, err)
		}
		s.wantRows(t, assignment.Query{AccountID: someUUID}, "full")
	})
	t.Run("none_is_null_and_comes_back_as_none", func(t *testing.T) {
		a, err := s.Create(t.Context(), assignment.CreateParams{ID: "bare", Key: assignment.Key{AssigneeID: "8", SubjectID: "x"}})
		if err != nil || a.AssignedBy != "" || a.AccountID != "" {
			t.Errorf("got %+v, %v", a, err)
		}
	})
	t.Run("a_batch_keeps_them_too", func(t *testing.T) {
		other := full
		other.ID, other.Key.AssigneeID = "batch", "9"
		results, err := s.CreateMany(t.Context(), []assignment.CreateParams{other}, nil)
		stored, getErr := s.Get(t.Context(), "batch")
		if err != nil || getErr != nil || stored.AccountID != someUUID || results[0].Assignment.AssignedBy != stored.AssignedBy {
			t.Errorf("got %+v, %v, stored %+v, %v", results, err, stored, getErr)
		}
	})
	t.Run("what_a_column_can_not_hold_is_rejected", func(t *testing.T) {
		bad := full
		bad.AssignedBy = "bo"
		_, err := s.Create(t.Context(), bad)
		wantReason(t, err, "AssignedBy", "at most 32 bits")
		bad = full
		bad.AccountID = "acme"
		_, err = s.Create(t.Context(), bad)
		wantReason(t, err, "AccountID", "must be a UUID")
		bad = full
		bad.Key.AssigneeID = "32768"
		_, err = s.Create(t.Context(), bad)
		wantReason(t, err, "Key.AssigneeID", "at most 16 bits")
	})
	t.Run("a_filter_that_nothing_can_match_finds_nothing", func(t *testing.T) {
		s.wantRows(t, assignment.Query{AccountID: "acme"})
	})
}

// TestSharedIDs is about a table on which no index keeps two keys from using
// one ID.
func TestSharedIDs(t *testing.T) {
	s := mustMapped(t, pgsuite.Partitioned(), assignment.Policy{})
	used := assignment.CreateParams{ID: "used", Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}}
	if _, err := s.Create(t.Context(), used); err != nil {
		t.Fatal(err)
	}
	elsewhere := used
	elsewhere.Key.AssigneeID = "bo"
	t.Run("create", func(t *testing.T) {
		_, err := s.Create(t.Context(), elsewhere)
		wantError(t, err, assignment.ErrIDReused)
	})
	t.Run("replace", func(t *testing.T) {
		_, err := s.Replace(t.Context(), elsewhere, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
		wantError(t, err, assignment.ErrIDReused)
	})
	t.Run("batch", func(t *testing.T) {
		for _, opts := range []*assignment.BatchOptions{nil, {AllOrNothing: true}} {
			results, err := s.CreateMany(t.Context(), []assignment.CreateParams{elsewhere}, opts)
			if opts == nil {
				err = results[0].Err
			}
			wantError(t, err, assignment.ErrIDReused)
		}
	})
	t.Run("in_the_callers_transaction", func(t *testing.T) {
		tx, err := s.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(t.Context()) }()
		_, err = s.WithStore(s.store.WithTx(tx)).Create(t.Context(), elsewhere)
		wantError(t, err, assignment.ErrIDReused)
		if _, err := tx.Exec(t.Context(), "SELECT 1"); err != nil {
			t.Errorf("the transaction is over: %v", err)
		}
	})
	t.Run("reassign_moves_the_row_between_partitions", func(t *testing.T) {
		for _, assignee := range []string{"bo", "cy", "di", "ed"} {
			a, err := s.Reassign(t.Context(), "used", assignee)
			if err != nil || a.Key.AssigneeID != assignee {
				t.Errorf("got %+v, %v", a, err)
			}
		}
		s.wantRows(t, assignment.Query{}, "used")
	})
}
