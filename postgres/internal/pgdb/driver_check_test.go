package pgdb_test

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

// handle is one whose driver returns values as they were sent, and what the server
// reports, but for the functions that are set.
type handle struct {
	// rows changes the row that the driver reads.
	rows func(*pgdb.Row) error
	// report is the error that the driver returns when the server reports one.
	report error
	// dateStyle is that of the session.
	dateStyle string
	// joined means that the handle is on a transaction of the host's.
	joined bool
	// beginErr is why no transaction could be begun, and lostErr why the connection
	// no longer works.
	beginErr, lostErr error

	// held, provoked and open count the connections that were held, the errors that
	// the server was made to report, and the transactions that are open.
	held, provoked, open int
}

var errReport = errors.New("invalid input syntax")

func newHandle() *handle { return &handle{report: errReport, dateStyle: "ISO, MDY"} }

func (h *handle) Rows(_ context.Context, _ string, args ...any) ([]pgdb.Row, error) {
	row, err := echo(args)
	if err == nil && h.rows != nil {
		err = h.rows(&row)
	}
	return []pgdb.Row{row}, err
}

func (h *handle) Text(_ context.Context, sql string, _ ...any) (string, error) {
	if strings.Contains(sql, "DateStyle") {
		return h.dateStyle, nil
	}
	h.provoked++
	return "", h.report
}

func (h *handle) Exec(context.Context, string, ...any) error { return h.lostErr }

func (h *handle) Insert(context.Context, string, ...any) (bool, error) { return false, nil }

func (h *handle) Begin(context.Context) (pgdb.Tx, error) {
	if h.beginErr != nil {
		return nil, h.beginErr
	}
	h.open++
	return transaction{h}, nil
}

func (h *handle) Joined() bool { return h.joined }

func (h *handle) Pooled() bool { return !h.joined }

func (h *handle) Connection() any { return nil }

func (h *handle) Hold(_ context.Context, fn func(pgdb.Querier) error) error {
	h.held++
	return fn(h)
}

func (h *handle) Describe(err error) (pgdb.ServerError, bool) {
	return pgdb.ServerError{Code: "22P02"}, errors.Is(err, errReport)
}

type transaction struct{ *handle }

func (t transaction) Commit(context.Context) error { return errors.New("nothing is to be committed") }

func (t transaction) Rollback(context.Context) error {
	t.open--
	return nil
}

// echo returns the row that was sent.
func echo(args []any) (row pgdb.Row, err error) {
	fields := reflect.ValueOf(&row).Elem()
	for i, arg := range args {
		switch field := fields.Field(i).Addr().Interface().(type) {
		case *pgdb.Text:
			err = errors.Join(err, field.Scan(arg))
		case *pgdb.Time:
			err = errors.Join(err, field.Scan(arg))
		default: // a number
			n, parseErr := strconv.ParseInt(arg.(string), 10, 64)
			err = errors.Join(err, parseErr)
			fields.Field(i).SetInt(n)
		}
	}
	return row, err
}

func check(t *testing.T, h *handle) error {
	t.Helper()
	err := new(pgdb.DriverCheck).Run(t.Context(), h)
	if h.open != 0 {
		t.Errorf("%d transactions are open", h.open)
	}
	return err
}

func wantUnusable(t *testing.T, err error, reason string) {
	t.Helper()
	invalid, ok := errors.AsType[*assignment.InvalidError](err)
	if !ok || invalid.Field != "db" || !strings.Contains(invalid.Reason, reason) {
		t.Errorf("got %v, want an InvalidError about db with %q", err, reason)
	}
}

func TestDriverCheck(t *testing.T) {
	t.Run("accepts_a_driver_that_returns_what_was_sent_and_reported", func(t *testing.T) {
		if err := check(t, newHandle()); err != nil {
			t.Error(err)
		}
	})
	t.Run("reads_on_a_held_connection_too", func(t *testing.T) {
		h := newHandle()
		if err := check(t, h); err != nil || h.held != 1 {
			t.Errorf("%d connections were held: %v", h.held, err)
		}
	})
	t.Run("reads_in_a_savepoint_alone_when_joined", func(t *testing.T) {
		h := newHandle()
		h.joined = true
		if err := check(t, h); err != nil || h.held != 0 {
			t.Errorf("%d connections were held: %v", h.held, err)
		}
	})
	t.Run("provokes_an_error_only_once", func(t *testing.T) {
		h := newHandle()
		var c pgdb.DriverCheck
		if err := errors.Join(c.Run(t.Context(), h), c.Run(t.Context(), h)); err != nil || h.provoked != 1 {
			t.Errorf("%d errors were provoked: %v", h.provoked, err)
		}
	})
	t.Run("rejects_a_driver_that_changes_a_value", func(t *testing.T) {
		h := newHandle()
		h.rows = func(row *pgdb.Row) error {
			row.Version = pgdb.Version(float64(row.Version))
			return nil
		}
		wantUnusable(t, check(t, h), "does not return values as they were sent")
	})
	t.Run("accepts_a_time_in_another_zone", func(t *testing.T) {
		h := newHandle()
		h.rows = func(row *pgdb.Row) error {
			row.DueAt.Time = row.DueAt.Time.In(time.FixedZone("", 60*60))
			return nil
		}
		if err := check(t, h); err != nil {
			t.Error(err)
		}
	})
	t.Run("rejects_a_driver_that_cannot_read_the_reply", func(t *testing.T) {
		h := newHandle()
		h.rows = func(*pgdb.Row) error { return errors.New("no such type") }
		wantUnusable(t, check(t, h), "can't read what the server returns: no such type")
	})
	t.Run("names_a_date_style_that_the_driver_cannot_read", func(t *testing.T) {
		h := newHandle()
		h.dateStyle, h.rows = "German, DMY", func(*pgdb.Row) error { return errors.New("no time") }
		wantUnusable(t, check(t, h), "DateStyle")
	})
	t.Run("rejects_a_driver_that_returns_no_error", func(t *testing.T) {
		h := newHandle()
		h.report = nil
		wantUnusable(t, check(t, h), "does not return errors of the server")
	})
	t.Run("rejects_a_driver_whose_errors_cannot_be_read", func(t *testing.T) {
		h := newHandle()
		h.report = errors.New("an error")
		wantUnusable(t, check(t, h), "SQLState()")
	})
}

func TestDriverCheckFails(t *testing.T) {
	failure := errors.New("connection refused")
	for name, change := range map[string]func(*handle){
		"when_no_transaction_can_be_begun": func(h *handle) { h.beginErr = failure },
		"when_nothing_was_sent":            func(h *handle) { h.rows = func(*pgdb.Row) error { return pgdb.NotSent(failure) } },
		"when_the_connection_is_lost": func(h *handle) {
			h.rows, h.lostErr = func(*pgdb.Row) error { return errors.New("EOF") }, failure
		},
	} {
		t.Run(name+"_without_a_finding", func(t *testing.T) {
			h := newHandle()
			change(h)
			err := check(t, h)
			if _, found := errors.AsType[*assignment.InvalidError](err); found || !errors.Is(err, failure) {
				t.Errorf("got %v, want the failure", err)
			}
		})
	}
}
