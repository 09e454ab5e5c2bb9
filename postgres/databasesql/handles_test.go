package databasesql_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/databasesql"
)

func TestEveryHandle(t *testing.T) {
	db := mustMigrate(t, "postgres")
	bound := sqlx.NewDb(db, "postgres")
	handles := map[string]func(*testing.T) databasesql.DB{
		"sql.DB":    func(*testing.T) databasesql.DB { return db },
		"sqlx.DB":   func(*testing.T) databasesql.DB { return bound },
		"sql.Conn":  func(t *testing.T) databasesql.DB { return kept(t, db.Conn) },
		"sqlx.Conn": func(t *testing.T) databasesql.DB { return kept(t, bound.Connx) },
		"sql.Tx": func(t *testing.T) databasesql.DB {
			tx, err := db.BeginTx(t.Context(), nil)
			return rolledBack(t, tx, err)
		},
		"sqlx.Tx": func(t *testing.T) databasesql.DB {
			tx, err := bound.BeginTxx(t.Context(), nil)
			return rolledBack(t, tx, err)
		},
	}
	for name, open := range handles {
		t.Run(name+"_creates_and_finds_the_holder", func(t *testing.T) {
			service := mustService(t, mustStore(t, open(t)))
			params := assignment.CreateParams{Key: assignment.Key{AssigneeID: name, SubjectID: "s"}}
			first, err := service.Create(t.Context(), params)
			if err != nil {
				t.Fatal(err)
			}
			_, err = service.Create(t.Context(), params)
			if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); !ok || conflict.Existing.ID != first.ID {
				t.Errorf("got %v, want a conflict with %s", err, first.ID)
			}
		})
	}
}

func kept[C interface {
	databasesql.DB
	Close() error
}](t *testing.T, open func(context.Context) (C, error)) C {
	t.Helper()
	conn, err := open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func rolledBack[T interface {
	databasesql.DB
	Rollback() error
}](t *testing.T, tx T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

func TestNewRefusesHandles(t *testing.T) {
	for name, db := range map[string]databasesql.DB{"nil": nil, "nil_pointer": (*sql.DB)(nil), "foreign": foreign{}} {
		t.Run(name, func(t *testing.T) {
			_, err := databasesql.New(t.Context(), db, nil)
			if invalid, ok := errors.AsType[*assignment.InvalidError](err); !ok || invalid.Field != "db" {
				t.Errorf("got %v, want an *InvalidError about db", err)
			}
		})
	}
}

type foreign struct{ databasesql.DB }

// A refused call must not cost the host what it wrote in the same transaction.
func TestCallersTransaction(t *testing.T) {
	for _, driver := range []string{"postgres", "pgx"} {
		t.Run(driver, func(t *testing.T) {
			db := mustMigrate(t, driver)
			store := mustStore(t, db)
			service := mustService(t, store)
			old, holder, mover := mustRows(t, service)
			refused := map[string]func(*assignment.Service) error{
				"create": func(s *assignment.Service) error {
					_, err := s.Create(t.Context(), assignment.CreateParams{Key: holder.Key})
					return err
				},
				"reopen": func(s *assignment.Service) error {
					_, err := s.Reopen(t.Context(), old.ID)
					return err
				},
				"reassign": func(s *assignment.Service) error {
					_, err := s.Reassign(t.Context(), mover.ID, holder.Key.AssigneeID)
					return err
				},
			}
			for name, call := range refused {
				t.Run(name, func(t *testing.T) { keepsNote(t, db, store, service, holder.ID, call) })
			}
		})
	}
}

// mustRows returns a completed assignment, the present holder of its slot, and
// one of another assignee.
func mustRows(t *testing.T, s *assignment.Service) (old, holder, mover assignment.Assignment) {
	t.Helper()
	create := func(assignee string) assignment.Assignment {
		a, err := s.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: assignee, SubjectID: "s"}})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	old = create("taken")
	if _, err := s.Complete(t.Context(), old.ID); err != nil {
		t.Fatal(err)
	}
	return old, create("taken"), create("mover")
}

func keepsNote(
	t *testing.T, db *sql.DB, store *databasesql.Store, service *assignment.Service,
	holder assignment.ID, call func(*assignment.Service) error,
) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), `CREATE TABLE note (text text)`); err != nil {
		t.Fatal(err)
	}
	err = call(service.WithStore(store.WithTx(tx)))
	if conflict, ok := errors.AsType[*assignment.ActiveExistsError](err); !ok || conflict.Existing.ID != holder {
		t.Errorf("got %v, want a conflict with %s", err, holder)
	}
	if err := tx.Commit(); err != nil {
		t.Fatalf("the refused call spoiled the transaction: %v", err)
	}
	if _, err := db.ExecContext(t.Context(), `DROP TABLE note`); err != nil {
		t.Errorf("what the host wrote is gone: %v", err)
	}
}
