package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

// A host opens stores where it needs them, and may have several on one
// connection without knowing.
func TestStoresSideBySide(t *testing.T) {
	t.Parallel()
	for name, bind := range map[string]func(*testing.T, *pgxpool.Pool, *postgres.Store) ([]pgsuite.Joinable, func(context.Context) error){
		"in_one_transaction_lose_nothing": func(t *testing.T, pool *pgxpool.Pool, s *postgres.Store) ([]pgsuite.Joinable, func(context.Context) error) {
			tx := mustBegin(t, pool)
			return []pgsuite.Joinable{s.WithTx(tx), s.WithTx(tx), mustStore(t, tx)}, tx.Commit
		},
		"in_a_nested_transaction_lose_nothing": func(t *testing.T, pool *pgxpool.Pool, s *postgres.Store) ([]pgsuite.Joinable, func(context.Context) error) {
			tx := mustBegin(t, pool)
			nested := mustBegin(t, tx)
			return []pgsuite.Joinable{s.WithTx(tx), s.WithTx(nested)}, func(ctx context.Context) error {
				return errors.Join(nested.Commit(ctx), tx.Commit(ctx))
			}
		},
		"on_one_connection_lose_nothing": func(t *testing.T, pool *pgxpool.Pool, _ *postgres.Store) ([]pgsuite.Joinable, func(context.Context) error) {
			conn, err := pool.Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(conn.Release)
			return []pgsuite.Joinable{mustStore(t, conn), mustStore(t, conn.Conn())}, nil
		},
		"on_a_connection_and_in_its_transaction_lose_nothing": func(t *testing.T, pool *pgxpool.Pool, _ *postgres.Store) ([]pgsuite.Joinable, func(context.Context) error) {
			conn, err := pool.Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(conn.Release)
			tx := mustBegin(t, conn)
			return []pgsuite.Joinable{mustStore(t, conn), mustStore(t, tx)}, tx.Commit
		},
	} {
		t.Run(name, func(t *testing.T) {
			pool := mustMigrate(t)
			mustExec(t, pool, pgsuite.RejectRejected)
			store := mustStore(t, pool)
			stores, commit := bind(t, pool, store)
			pgsuite.SideBySide(t, stores, commit, store)
		})
	}
	t.Run("a_call_that_waits_for_the_connection_keeps_to_its_context", func(t *testing.T) {
		pool := mustMigrate(t)
		tx := mustBegin(t, pool)
		service := mustService(t, mustStore(t, pool).WithTx(tx))
		unlock, err := pgdb.LockConnection(t.Context(), tx.Conn())
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		pgsuite.EndsWithContext(t, service)
	})
}

func mustBegin(t *testing.T, db postgres.Beginner) pgx.Tx {
	t.Helper()
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
	return tx
}
