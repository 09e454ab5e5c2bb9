package postgres_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
)

// host is a service beside a table of the host's own.
type host struct {
	pool    *pgxpool.Pool
	store   *postgres.Store
	service *assignment.Service
}

func mustHost(t *testing.T) host {
	t.Helper()
	pool := mustMigrate(t)
	mustExec(t, pool, `CREATE TABLE notes (text text)`)
	store := mustStore(t, pool)
	return host{pool, store, mustService(t, store)}
}

func (h host) mustCreate(t *testing.T, assignee string) assignment.Assignment {
	t.Helper()
	a, err := h.service.Create(t.Context(), paramsFor(assignee))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func paramsFor(assignee string) assignment.CreateParams {
	return assignment.CreateParams{Key: assignment.Key{AssigneeID: assignee, SubjectID: "scenario"}}
}

// keepsNote writes a row of the host's own, runs the rejected call in the same
// transaction, commits, and looks for the row.
func (h host) keepsNote(t *testing.T, call func(*assignment.Service) error) error {
	t.Helper()
	tx, err := h.pool.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, tx, `INSERT INTO notes VALUES ('kept')`)
	rejection := call(h.service.WithStore(h.store.WithTx(tx)))
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatalf("the rejected call spoiled the transaction: %v", err)
	}
	var notes int
	if err := h.pool.QueryRow(t.Context(), `SELECT count(*) FROM notes`).Scan(&notes); err != nil || notes != 1 {
		t.Errorf("%d notes, %v; want the one that was written", notes, err)
	}
	return rejection
}

func TestCallersTransaction(t *testing.T) {
	t.Run("a_rejected_create_carries_the_holder_and_leaves_it_usable", func(t *testing.T) {
		h := mustHost(t)
		holder := h.mustCreate(t, "taken")
		err := h.keepsNote(t, func(s *assignment.Service) error {
			_, err := s.Create(t.Context(), paramsFor("taken"))
			return err
		})
		wantConflict(t, err, holder.ID)
	})
	t.Run("a_rejected_reopen_carries_the_holder_and_leaves_it_usable", func(t *testing.T) {
		h := mustHost(t)
		old := h.mustCreate(t, "taken")
		if _, err := h.service.Complete(t.Context(), old.ID); err != nil {
			t.Fatal(err)
		}
		holder := h.mustCreate(t, "taken")
		err := h.keepsNote(t, func(s *assignment.Service) error {
			_, err := s.Reopen(t.Context(), old.ID)
			return err
		})
		wantConflict(t, err, holder.ID)
	})
	t.Run("a_rejected_reassign_carries_the_holder_and_leaves_it_usable", func(t *testing.T) {
		h := mustHost(t)
		holder, mover := h.mustCreate(t, "taken"), h.mustCreate(t, "mover")
		err := h.keepsNote(t, func(s *assignment.Service) error {
			_, err := s.Reassign(t.Context(), mover.ID, "taken")
			return err
		})
		wantConflict(t, err, holder.ID)
	})
	t.Run("a_replay_of_a_completed_assignment_leaves_it_usable", func(t *testing.T) {
		h := mustHost(t)
		old := h.mustCreate(t, "again")
		if _, err := h.service.Complete(t.Context(), old.ID); err != nil {
			t.Fatal(err)
		}
		params := paramsFor("again")
		params.ID = old.ID
		err := h.keepsNote(t, func(s *assignment.Service) error {
			result, err := s.Ensure(t.Context(), params)
			if result.Outcome != assignment.OutcomeReplayed {
				t.Errorf("outcome %v, want replayed", result.Outcome)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("rolling_back_undoes_the_creation", func(t *testing.T) {
		h := mustHost(t)
		tx, err := h.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		created, err := h.service.WithStore(h.store.WithTx(tx)).Create(t.Context(), paramsFor("undone"))
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := h.service.Get(t.Context(), created.ID); !errors.Is(err, assignment.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	})
	t.Run("a_transaction_opened_by_hand_on_a_conn_is_joined", func(t *testing.T) {
		h := mustHost(t)
		holder := h.mustCreate(t, "taken")
		conn, err := h.pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
		service := mustService(t, mustStore(t, conn))
		mustExec(t, conn, `BEGIN`)
		mustExec(t, conn, `INSERT INTO notes VALUES ('kept')`)
		replay := paramsFor("taken")
		replay.ID, replay.AccountID = holder.ID, "other"
		if _, err := service.Create(t.Context(), replay); !errors.Is(err, assignment.ErrIDReused) {
			t.Errorf("got %v, want ErrIDReused", err)
		}
		mustExec(t, conn, `COMMIT`)
		var notes int
		if err := h.pool.QueryRow(t.Context(), `SELECT count(*) FROM notes`).Scan(&notes); err != nil || notes != 1 {
			t.Errorf("%d notes, %v", notes, err)
		}
	})
	t.Run("with_tx_rejects_nil", func(t *testing.T) {
		h := mustHost(t)
		defer func() {
			err, _ := recover().(error)
			wantInvalid(t, err, "tx")
		}()
		h.store.WithTx(nil)
	})
}

func wantConflict(t *testing.T, err error, holder assignment.ID) {
	t.Helper()
	conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
	if !ok || !errors.Is(err, assignment.ErrActiveExists) {
		t.Fatalf("got %v, want an *ActiveExistsError", err)
	}
	if conflict.Existing.ID != holder {
		t.Errorf("conflict with %s, want the holder %s", conflict.Existing.ID, holder)
	}
}
