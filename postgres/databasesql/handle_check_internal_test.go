package databasesql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lib/pq"

	"github.com/assignment-go/assignment"
)

// reporting is a driver that hands out errors of the server in its own way.
type reporting struct {
	traced
	as func(error) error
}

func (c reporting) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.traced.QueryContext(ctx, query, args)
	return rows, c.report(err)
}

func (c reporting) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.traced.ExecContext(ctx, query, args)
	return result, c.report(err)
}

func (c reporting) report(err error) error {
	if err == nil {
		return nil
	}
	return c.as(err)
}

func asText(err error) error { return errors.New(err.Error()) }

// byLetter hands out reports as bun's pgdriver does.
func byLetter(err error) error {
	report, ok := errors.AsType[*pq.Error](err)
	if !ok {
		return err
	}
	return fieldError{'C': string(report.Code), 'M': report.Message, 'V': report.Severity, 'n': report.Constraint}
}

func mustReport(t *testing.T, as func(error) error) *sql.DB {
	t.Helper()
	return mustWrap(t, "postgres", "", func(c driver.Conn) driver.Conn {
		return reporting{traced{"report", c}, as}
	})
}

func wantUnusable(t *testing.T, err error, reason string) {
	t.Helper()
	invalid, ok := errors.AsType[*assignment.InvalidError](err)
	if !ok || invalid.Field != "db" || !strings.Contains(invalid.Reason, reason) {
		t.Errorf("got %v, want an *InvalidError about db that says %q", err, reason)
	}
}

// A rejection that can't be told from a lost connection would be sent again, and be
// unknown in the end.
func TestDriversErrors(t *testing.T) {
	t.Parallel()
	t.Run("that_can't_be_read_are_rejected_by_New", func(t *testing.T) {
		_, err := New(t.Context(), mustReport(t, asText), nil)
		wantUnusable(t, err, "SQLState")
	})
	t.Run("that_can't_be_read_are_rejected_on_one_connection", func(t *testing.T) {
		conn, err := mustReport(t, asText).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_, err = NewConn(t.Context(), conn, nil)
		wantUnusable(t, err, "SQLState")
	})
	t.Run("that_can't_be_read_are_rejected_in_a_transaction_that_goes_on", func(t *testing.T) {
		tx, err := mustReport(t, asText).BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = tx.Rollback() })
		_, err = NewTx(t.Context(), tx, nil)
		wantUnusable(t, err, "SQLState")
		if _, err := tx.ExecContext(t.Context(), "SELECT 1"); err != nil {
			t.Errorf("New spoiled the transaction: %v", err)
		}
	})
	t.Run("by_letter_are_read", func(t *testing.T) {
		db := mustReport(t, byLetter)
		if err := Migrate(t.Context(), db, nil); err != nil {
			t.Fatal(err)
		}
		store, err := New(t.Context(), db, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), "DROP INDEX assignments_active_key"); err != nil {
			t.Fatal(err)
		}
		service, err := assignment.NewService(store, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = service.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "a", SubjectID: "s"}})
		if !errors.Is(err, assignment.ErrUnguarded) {
			t.Errorf("got %v, want ErrUnguarded", err)
		}
	})
	t.Run("of_a_server_that_is_away_reject_nothing", func(t *testing.T) {
		db, err := sql.Open("postgres", "postgres://nobody@127.0.0.1:1/none?sslmode=disable")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if _, err := New(t.Context(), db, nil); !errors.Is(err, assignment.ErrUnavailable) || errors.Is(err, assignment.ErrInvalid) {
			t.Errorf("got %v, want ErrUnavailable", err)
		}
	})
}

// A session in which times can't be read would make every outcome unknown.
func TestDateStyle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		driver, mode string
		readable     bool
	}{
		{"pgx", "cache_statement", true},
		{"pgx", "cache_describe", true},
		{"pgx", "describe_exec", true},
		{"pgx", "exec", false},
		{"pgx", "simple_protocol", false},
		{"postgres", "", false},
	} {
		t.Run(fmt.Sprintf("%s_%s_works_or_is_rejected", c.driver, c.mode), func(t *testing.T) {
			parameter := "&options=-c%20DateStyle%3DGerman"
			if c.mode != "" {
				parameter += "&default_query_exec_mode=" + c.mode
			}
			db := mustWrap(t, c.driver, parameter, func(conn driver.Conn) driver.Conn {
				if c.driver == "postgres" { // which sets its own at the start
					if _, err := conn.(driver.ExecerContext).ExecContext(t.Context(), "SET DateStyle = 'German'", nil); err != nil {
						t.Error(err)
					}
				}
				return conn
			})
			if err := Migrate(t.Context(), db, nil); err != nil {
				t.Fatal(err)
			}
			store, err := New(t.Context(), db, nil)
			if !c.readable {
				wantUnusable(t, err, "DateStyle")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			service, err := assignment.NewService(store, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := service.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "a", SubjectID: "s"}}); err != nil {
				t.Error(err)
			}
		})
	}
}
