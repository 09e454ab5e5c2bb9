package databasesql_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres/databasesql"
)

func TestHandles(t *testing.T) {
	db := mustMigrate(t, "postgres")
	bound := sqlx.NewDb(db, "postgres")
	for name, open := range map[string]func(*testing.T) any{
		"sql.DB":                    func(*testing.T) any { return db },
		"sqlx.DB":                   func(*testing.T) any { return bound },
		"a_type_that_embeds_a_pool": func(*testing.T) any { return struct{ *sql.DB }{db} },
		"sql.Conn":                  func(t *testing.T) any { return mustConn(t, db.Conn) },
		"sqlx.Conn":                 func(t *testing.T) any { return mustConn(t, bound.Connx) },
		"sql.Tx": func(t *testing.T) any {
			tx, err := db.BeginTx(t.Context(), nil)
			return rolledBack(t, tx, err)
		},
		"sqlx.Tx": func(t *testing.T) any {
			tx, err := bound.BeginTxx(t.Context(), nil)
			return rolledBack(t, tx, err)
		},
	} {
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

// tenantDB is a pool of the host's that puts something into each session.
type tenantDB struct{ *sql.DB }

func (db tenantDB) Conn(ctx context.Context) (*sql.Conn, error) {
	conn, err := db.DB.Conn(ctx)
	if err != nil {
		return nil, err
	}
	_, err = conn.ExecContext(ctx, "SET app.tenant = 'acme'")
	return conn, err
}

// What a type around a pool does with connections, the store does not bypass.
func TestPoolOfTheHost(t *testing.T) {
	db := mustMigrate(t, "pgx")
	if _, err := db.ExecContext(t.Context(), `ALTER TABLE assignments ALTER account_id SET DEFAULT '',
		ADD CHECK (current_setting('app.tenant', true) = 'acme')`); err != nil {
		t.Fatal(err)
	}
	if _, err := mustService(t, mustStore(t, tenantDB{db})).Create(t.Context(), assignment.CreateParams{
		Key: assignment.Key{AssigneeID: "ana", SubjectID: "s"},
	}); err != nil {
		t.Error(err)
	}
}

func TestMigrateOnEachHandle(t *testing.T) {
	for name, handle := range map[string]func(*testing.T, *sqlx.DB) databasesql.Beginner{
		"sql.DB":  func(_ *testing.T, db *sqlx.DB) databasesql.Beginner { return db.DB },
		"sqlx.DB": func(_ *testing.T, db *sqlx.DB) databasesql.Beginner { return db },
		"sql.Conn": func(t *testing.T, db *sqlx.DB) databasesql.Beginner {
			return mustConn(t, db.DB.Conn) //nolint:staticcheck // sqlx has a method of its own
		},
		"sqlx.Conn":                            func(t *testing.T, db *sqlx.DB) databasesql.Beginner { return mustConn(t, db.Connx) },
		"a_type_that_only_begins_transactions": func(_ *testing.T, db *sqlx.DB) databasesql.Beginner { return beginner{db} },
	} {
		t.Run(name, func(t *testing.T) {
			db, err := sql.Open("pgx", testdb.Schema(t))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			for range 2 { // the second finds nothing to do
				if err := databasesql.Migrate(t.Context(), handle(t, sqlx.NewDb(db, "pgx")), nil); err != nil {
					t.Fatal(err)
				}
			}
			mustStore(t, db)
		})
	}
}

type beginner struct{ databasesql.Beginner }

func mustConn[C interface {
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
	Rollback() error
}](t *testing.T, tx T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

func TestNewRejectsNil(t *testing.T) {
	for name, open := range map[string]func(context.Context) (*databasesql.Store, error){
		"db": func(ctx context.Context) (*databasesql.Store, error) {
			return databasesql.New(ctx, (*sql.DB)(nil), nil)
		},
		"conn": func(ctx context.Context) (*databasesql.Store, error) { return databasesql.NewConn(ctx, nil, nil) },
		"tx":   func(ctx context.Context) (*databasesql.Store, error) { return databasesql.NewTx(ctx, nil, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(t.Context())
			wantNil(t, err, name)
		})
	}
	t.Run("interface", func(t *testing.T) {
		_, err := databasesql.New(t.Context(), nil, nil)
		wantNil(t, err, "db")
		wantNil(t, databasesql.Migrate(t.Context(), nil, nil), "db")
	})
}

func wantNil(t *testing.T, err error, field string) {
	t.Helper()
	if invalid, ok := errors.AsType[*assignment.InvalidError](err); !ok || invalid.Field != field {
		t.Errorf("got %v, want an *InvalidError about %s", err, field)
	}
}

// A rejected call must not cost the host what it wrote in the same transaction.
func TestCallersTransaction(t *testing.T) {
	for _, driver := range []string{"postgres", "pgx"} {
		t.Run(driver, func(t *testing.T) {
			db := mustMigrate(t, driver)
			store := mustStore(t, db)
			service := mustService(t, store)
			old, holder, mover := mustRows(t, service)
			rejected := map[string]func(*assignment.Service) error{
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
			for name, call := range rejected {
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
		t.Fatalf("the rejected call spoiled the transaction: %v", err)
	}
	if _, err := db.ExecContext(t.Context(), `DROP TABLE note`); err != nil {
		t.Errorf("what the host wrote is gone: %v", err)
	}
}
