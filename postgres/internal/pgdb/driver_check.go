package pgdb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/assignment-go/assignment"
)

// DriverCheck finds out before any call what would make the outcomes of all calls
// unknown: values that don't come back from the server as they were sent, and a
// driver whose errors look like a lost connection. It remembers that the driver
// returns what the server reports.
type DriverCheck struct {
	reportsSeen atomic.Bool
}

// Run checks the driver behind db. A finding is an [*assignment.InvalidError]
// about db; any other error is a failure of the check.
//
// It takes both ways that statements go: by themselves, and in a transaction. A
// driver can send and read them differently.
func (c *DriverCheck) Run(ctx context.Context, db DB) error {
	if !db.Joined() {
		if err := db.Hold(ctx, func(q Querier) error { return readsBack(ctx, db, q) }); err != nil {
			return err
		}
	}
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	if err := readsBack(ctx, db, tx); err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	if c.reportsSeen.Load() {
		return tx.Rollback(ctx)
	}
	err = provoke(ctx, tx)
	if rollbackErr := tx.Rollback(ctx); rollbackErr != nil || ctx.Err() != nil {
		return errors.Join(err, rollbackErr, ctx.Err()) // the connection is lost
	}
	return c.checkReport(db, err)
}

// provoke makes the server report an error. Its text explains it in the log.
func provoke(ctx context.Context, q Querier) error {
	_, err := q.Text(ctx, "SELECT ($1::text::int)::text", "assignment: each store provokes this error at its start")
	return err
}

// checkReport checks that the driver passes on what the server reported. The
// connection has survived it, so that it can't have been lost.
func (c *DriverCheck) checkReport(db DB, err error) error {
	const provoked = "22P02"
	report, ok := db.Describe(err)
	switch {
	case err == nil:
		return Unusable("has a driver that does not return errors of the server")
	case !ok:
		return Unusable("has a driver whose errors can't be read: a %T has neither a method SQLState() string nor "+
			"Field(byte) string, so that a rejected statement would look like a lost connection; "+
			"use pgx, lib/pq or another driver that returns what the server reported", innermost(err))
	case report.Code != provoked:
		return err
	default:
		c.reportsSeen.Store(true)
		return nil
	}
}

// Unusable is the finding that the store can't work on the handle, for the reason.
func Unusable(format string, args ...any) error {
	return &assignment.InvalidError{Field: "db", Reason: fmt.Sprintf(format, args...)}
}

// innermost finds the error of the driver itself.
func innermost(err error) error {
	for {
		cause := errors.Unwrap(err)
		if cause == nil {
			return err
		}
		err = cause
	}
}

// readsBack sends a row with all the types that a row has, and reads it.
func readsBack(ctx context.Context, db DB, q Querier) error {
	sql, args, want := sampleRow()
	rows, err := q.Rows(ctx, sql, args...)
	if err == nil && len(rows) == 1 && rows[0].equal(&want) {
		return nil
	}
	if err != nil {
		if _, ok := db.Describe(err); ok || IsNotSent(err) {
			return err
		}
	}
	if lost := q.Exec(ctx, "SELECT 1"); lost != nil {
		return errors.Join(err, lost)
	}
	style, styleErr := q.Text(ctx, "SELECT current_setting('DateStyle')")
	if styleErr == nil && !strings.HasPrefix(style, "ISO") {
		return Unusable("has sessions with the DateStyle %q, in which its driver can't read times: set DateStyle to ISO, "+
			"for the connection or with ALTER ROLE, or take a mode of the driver with binary results", style)
	}
	if err != nil {
		return Unusable("can't read what the server returns: %v", err)
	}
	return Unusable("does not return values as they were sent: %+v came back as %+v", want, rows)
}
