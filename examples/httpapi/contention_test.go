package main

import (
	"bytes"
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
)

// TestContention holds a slot in a transaction that has not committed, so that it is
// undecided whether the slot is taken.
func TestContention(t *testing.T) {
	t.Run("a_lock_timeout_is_503_CONTENDED_and_nothing_was_written", func(t *testing.T) {
		dsn := testdb.Schema(t)
		a := serveStore(t, migrated(t, dsn, "100ms"), t.Output()).external()
		release := holdSlot(t, dsn, "ana", "intake")

		got := a.post(t, "/api/external/assignments", createBody("ana", "intake"), idempotencyHeader, "k-1")
		got.wantError(t, http.StatusServiceUnavailable, "CONTENDED")
		release()
		a.key = internalKey
		if rows := a.list(t, "").Assignments; len(rows) != 0 {
			t.Fatalf("rows: %+v", rows)
		}
		a.external().post(t, "/api/external/assignments", createBody("ana", "intake"), idempotencyHeader, "k-1").want(t, http.StatusCreated)
	})

	t.Run("an_interrupted_write_is_503_UNKNOWN_OUTCOME_and_a_retry_resolves_it", func(t *testing.T) {
		dsn := testdb.Schema(t)
		store := migrated(t, dsn, "20s")
		a := serveStore(t, store, t.Output()).external()
		release := holdSlot(t, dsn, "ana", "intake")

		var lost reply
		for timeout := 500 * time.Millisecond; ; timeout *= 2 {
			impatient := serveFor(t, store, timeout, t.Output()).external()
			lost = impatient.post(t, "/api/external/assignments", createBody("ana", "intake"), idempotencyHeader, "k-1")
			// On a busy machine the request may time out before anything is sent.
			if bytes.Contains(lost.body, []byte("UNKNOWN_OUTCOME")) || timeout > time.Minute {
				break
			}
		}
		unknown := lost.wantError(t, http.StatusServiceUnavailable, "UNKNOWN_OUTCOME")
		release()
		resolved := a.post(t, "/api/external/assignments", createBody("ana", "intake"), idempotencyHeader, "k-1").
			want(t, http.StatusCreated).assignment(t)
		a.key = internalKey
		rows := a.list(t, "").Assignments
		if len(rows) != 1 || rows[0].ID != resolved.ID || unknown.AssignmentID != resolved.ID {
			t.Errorf("unknown %s, resolved %s, rows %+v", unknown.AssignmentID, resolved.ID, rows)
		}
	})
}

// migrated opens a store as the program does, with another lock timeout.
func migrated(t *testing.T, dsn, lockTimeout string) *postgres.Store {
	t.Helper()
	open(t, dsn)
	_, store := newPool(t, dsn+"&lock_timeout="+lockTimeout)
	return store
}

func newPool(t *testing.T, dsn string) (*pgxpool.Pool, *postgres.Store) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	store, err := postgres.New(t.Context(), pool, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pool, store
}

// holdSlot takes a slot in a transaction, which release rolls back.
func holdSlot(t *testing.T, dsn, user, scenario string) (release func()) {
	t.Helper()
	pool, store := newPool(t, dsn)
	svc, err := assignment.NewService(store, nil)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release = func() { tx.Rollback(context.WithoutCancel(t.Context())) }
	t.Cleanup(release)
	_, err = svc.WithStore(store.WithTx(tx)).Create(t.Context(), assignment.CreateParams{
		Key: assignment.Key{AssigneeID: user, SubjectID: scenario},
	})
	if err != nil {
		t.Fatal(err)
	}
	return release
}
