package pgsuite

import (
	"crypto/rand"
	"errors"
	"net/url"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// UniqueIDs checks a table that has lost its primary key since the store was
// opened: whatever can meet an existing ID is rejected, and says what is missing.
func UniqueIDs(t *testing.T, open HostOpener) {
	t.Helper()
	dsn := Prepared(t, "")
	host := open(t, dsn)
	params := assignment.CreateParams{ID: "known", Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}}
	service := mustService(t, host.Joinable)
	mustCreate(t, service, params)
	if _, err := service.Complete(t.Context(), "known"); err != nil {
		t.Fatal(err)
	}
	mustApply(t, dsn, `ALTER TABLE assignments DROP CONSTRAINT assignments_pkey`)
	for name, store := range bothScopes(host) {
		t.Run(name, func(t *testing.T) { wantIdentified(t, dsn, mustService(t, store), params) })
	}
}

// LockedIDs checks a table on which a lock makes the ID unique, in sessions whose
// transactions are of another isolation level by default.
func LockedIDs(t *testing.T, open HostOpener) {
	t.Helper()
	for name, level := range map[string]string{
		"read_committed": "read committed", "repeatable_read": "repeatable read", "serializable": "serializable",
	} {
		for call, all := range map[string]bool{"create": false, "all_or_nothing": true} {
			t.Run(name+"/"+call, func(t *testing.T) {
				dsn := Unmigrated(t, partitioned)
				service := mustService(t, open(t, dsn+"&default_transaction_isolation="+url.PathEscape(level)).Joinable)
				rejectSecond(t, dsn, func() error {
					params := assignment.CreateParams{ID: "known", Key: assignment.Key{AssigneeID: "ben", SubjectID: "intake"}}
					if all {
						batch, whole := []assignment.CreateParams{params}, &assignment.BatchOptions{AllOrNothing: true}
						_, err := service.CreateMany(t.Context(), batch, whole)
						return err
					}
					_, err := service.Create(t.Context(), params)
					return err
				})
			})
		}
	}
}

// rejectSecond commits a row with the ID while the call waits for the lock on it.
func rejectSecond(t *testing.T, dsn string, call func() error) {
	t.Helper()
	first := mustConnect(t, dsn)
	if _, err := first.Exec(t.Context(), `BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('known', 0));
INSERT INTO assignments (id, assignee_id, subject_id, status, created_at, updated_at, request)
VALUES ('known', 'ana', 'intake', 'pending', now(), current_timestamp, 'another')`); err != nil {
		t.Fatal(err)
	}
	rejection := make(chan error, 1)
	go func() { rejection <- call() }()
	if _, err := first.Exec(t.Context(), untilBlocked+"; COMMIT"); err != nil {
		t.Fatal(err)
	}
	if err := <-rejection; !errors.Is(err, assignment.ErrIDReused) {
		t.Errorf("got %v, want ErrIDReused", err)
	}
	if n := mustText(t, dsn, `SELECT count(*)::text FROM assignments WHERE id = 'known'`); n != "1" {
		t.Errorf("there are %s rows with the ID, want 1", n)
	}
}

func wantIdentified(t *testing.T, dsn string, service *assignment.Service, params assignment.CreateParams) {
	t.Helper()
	want := func(t *testing.T, err error) {
		t.Helper()
		unguarded, ok := errors.AsType[*assignment.GuardError](err)
		if !ok || len(unguarded.Findings) != 1 || unguarded.Findings[0].Problem != schema.GuardNoPrimaryKey {
			t.Errorf("got %v, want a missing primary key", err)
		}
		if n := mustText(t, dsn, `SELECT count(*)::text FROM assignments`); n != "1" {
			t.Errorf("there are %s rows, want 1", n)
		}
	}
	t.Run("create", func(t *testing.T) {
		_, err := service.Create(t.Context(), params)
		want(t, err)
	})
	t.Run("replace", func(t *testing.T) {
		_, err := service.Replace(t.Context(), params, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
		want(t, err)
	})
	other := params
	other.ID, other.Key.SubjectID = assignment.ID(rand.Text()), "other"
	t.Run("a_batch", func(t *testing.T) {
		results, err := service.CreateMany(t.Context(), []assignment.CreateParams{params, other}, nil)
		if len(results) != 2 {
			t.Fatalf("got %d results, %v", len(results), err)
		}
		for _, r := range results {
			want(t, r.Err)
		}
	})
	t.Run("all_or_nothing", func(t *testing.T) {
		_, err := service.CreateMany(t.Context(), []assignment.CreateParams{params, other}, &assignment.BatchOptions{AllOrNothing: true})
		want(t, err)
	})
}
