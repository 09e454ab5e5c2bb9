package databasesql_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/assignment-go/assignment/postgres/databasesql"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/pgsuite"
)

// A host opens stores where it needs them, and may have several on one
// connection without knowing.
func TestStoresSideBySide(t *testing.T) {
	t.Parallel()
	for name, bind := range map[string]func(*testing.T, *sql.DB, *databasesql.Store) ([]pgsuite.Joinable, func(context.Context) error){
		"in_one_transaction_lose_nothing": func(t *testing.T, db *sql.DB, s *databasesql.Store) ([]pgsuite.Joinable, func(context.Context) error) {
			tx, err := sqlx.NewDb(db, "postgres").BeginTxx(t.Context(), nil)
			tx = rolledBack(t, tx, err)
			stores := []pgsuite.Joinable{s.WithTx(tx.Tx), mustStore(t, tx), mustStore(t, tx.Tx)}
			return stores, func(context.Context) error { return tx.Commit() }
		},
		"on_one_connection_lose_nothing": func(t *testing.T, db *sql.DB, _ *databasesql.Store) ([]pgsuite.Joinable, func(context.Context) error) {
			conn := mustConn(t, sqlx.NewDb(db, "postgres").Connx)
			return []pgsuite.Joinable{mustStore(t, conn), mustStore(t, conn.Conn)}, nil
		},
	} {
		for _, driver := range []string{"postgres", "pgx"} {
			t.Run(driver+"/"+name, func(t *testing.T) {
				db := mustMigrate(t, driver)
				if _, err := db.ExecContext(t.Context(), pgsuite.RejectRejected); err != nil {
					t.Fatal(err)
				}
				store := mustStore(t, db)
				stores, commit := bind(t, db, store)
				pgsuite.SideBySide(t, stores, commit, store)
			})
		}
	}
	t.Run("a_call_that_waits_for_the_connection_keeps_to_its_context", func(t *testing.T) {
		db := mustMigrate(t, "postgres")
		tx, err := db.BeginTx(t.Context(), nil)
		tx = rolledBack(t, tx, err)
		service := mustService(t, mustStore(t, db).WithTx(tx))
		unlock, err := pgdb.LockConnection(t.Context(), tx)
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		pgsuite.EndsWithContext(t, service)
	})
}
