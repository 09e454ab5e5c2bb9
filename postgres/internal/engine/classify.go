package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/assignment-go/assignment"
)

// fault is what a failed statement means for the next step.
type fault int

const (
	faultNone          fault = iota
	faultNotSent             // nothing reached the server
	faultLost                // the statement may have been applied
	faultViolation           // a unique index refused it
	faultSerialization       // the transaction lost against another
	faultRefused             // the server reported a failure: nothing was written
)

// faultOf tells them apart. What is neither known to be unsent nor a report of
// the server counts as lost: the only safe assumption about a silent network.
func (e *Engine) faultOf(err error) fault {
	if err == nil {
		return faultNone
	}
	if _, broken := errors.AsType[*brokenTransactionError](err); broken {
		return faultRefused
	}
	if wasNotSent(err) {
		return faultNotSent
	}
	report, ok := e.db.Describe(err)
	if !ok || report.Fatal || connectionEnded(report.Code) {
		return faultLost
	}
	switch report.Code {
	case "23505":
		return faultViolation
	case "40001", "40P01":
		return faultSerialization
	case "22012", "0A000":
		// replace undid itself; a cached plan was outdated by DDL
		return faultNone
	default:
		return faultRefused
	}
}

// connectionEnded recognises reports that come instead of a statement's reply
// and so say nothing about it: connection exceptions, statement completion
// unknown, and the shutdowns, which do not prove that nothing was applied.
func connectionEnded(code string) bool {
	return strings.HasPrefix(code, "08") || code == "40003" ||
		code == "57P01" || code == "57P02" || code == "57P03" || code == "57P05"
}

// definite turns an error after which nothing was written into the sentinel
// that says what to do.
func (e *Engine) definite(ctx context.Context, err error) error {
	err = withContext(ctx.Err(), err)
	switch e.faultOf(err) {
	case faultNotSent:
		return e.unsent(ctx, err)
	case faultLost:
		// a connection that breaks before COMMIT was sent takes the whole
		// transaction with it: nothing was written for certain
		return fmt.Errorf("%w: its connection was lost: %w", assignment.ErrRetryTransaction, err)
	case faultSerialization:
		return fmt.Errorf("%w: %w", assignment.ErrRetryTransaction, err)
	default:
		return e.refused(ctx, err)
	}
}

// withContext puts the context's error into the chain, since some drivers
// report a cancelled call only as what the server made of it.
func withContext(ctxErr, err error) error {
	if err == nil || ctxErr == nil || errors.Is(err, ctxErr) {
		return cmp.Or(err, ctxErr)
	}
	return fmt.Errorf("%w: %w", ctxErr, err)
}

func (e *Engine) unsent(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%w: %w", assignment.ErrUnavailable, err)
}

func (e *Engine) refused(ctx context.Context, err error) error {
	report, ok := e.db.Describe(err)
	_, broken := errors.AsType[*brokenTransactionError](err)
	switch {
	case broken, report.Code == "25P02":
		return fmt.Errorf("%w: %w", assignment.ErrRetryTransaction, err)
	case !ok:
		return fmt.Errorf("%w: %w", assignment.ErrUnavailable, err)
	case report.Code == "57014" && ctx.Err() != nil:
		return err // cancelled by the caller, and the server says so
	case report.Code == "55P03", report.Code == "57014":
		return fmt.Errorf("%w: %w", assignment.ErrContended, err)
	case guardProblemOf(report.Code) != "":
		return e.unguarded(guardProblemOf(report.Code), err)
	case strings.HasPrefix(report.Code, "22"), strings.HasPrefix(report.Code, "23"):
		return e.foreignConstraint(err)
	default:
		return fmt.Errorf("%w: %w", assignment.ErrUnavailable, err)
	}
}

// guardProblemOf recognises the reports that a statement gets when the table
// or its guard has gone since the store was opened.
func guardProblemOf(code string) assignment.GuardProblem {
	switch code {
	case "42P10":
		return assignment.GuardMissing
	case "42P01", "3F000":
		return assignment.GuardNoTable
	case "42703":
		return assignment.GuardNoColumn
	default:
		return ""
	}
}

func (e *Engine) unguarded(problem assignment.GuardProblem, err error) error {
	finding := assignment.GuardFinding{Problem: problem, Detail: "it is gone since the store was opened"}
	if problem == assignment.GuardMissing {
		finding.Fix = []string{e.plan().createGuard() + ";"}
	}
	return fmt.Errorf("%w: %w", e.guardError(finding), err)
}

// foreignConstraint reports a rule of the host's own table, such as a foreign
// key: the host's input broke it and nothing was written.
func (e *Engine) foreignConstraint(err error) error {
	report, _ := e.db.Describe(err)
	field := report.Subject
	if field == "" {
		field = e.table.String()
	}
	return fmt.Errorf("%w: %w", &assignment.InvalidError{Field: field, Reason: "rejected the values: it is a rule of the table"}, err)
}

// reading runs a read until it succeeds, fails for good or reaches its bound.
// Reads change nothing, so that a lost reply costs only another try.
func (e *Engine) reading(ctx context.Context, read func() error) error {
	for attempt := 1; ; attempt++ {
		var in scope
		err := e.exclusively(ctx, func(s scope) error {
			in = s
			return read()
		})
		switch e.faultOf(err) {
		case faultNone:
			if err == nil {
				return nil
			}
		case faultLost, faultSerialization:
			if in == hostScope || !e.db.Pooled() {
				return e.readFailed(ctx, in, err)
			}
		default:
			return e.readFailed(ctx, in, err)
		}
		if attempt >= maxReads || sleep(ctx, attempt) != nil {
			return e.readFailed(ctx, in, err)
		}
	}
}

// readFailed names the sentinel. Outside a transaction of the host there is
// nothing to restart, and a lost reply to a read leaves nothing unknown.
func (e *Engine) readFailed(ctx context.Context, in scope, err error) error {
	fault := e.faultOf(err)
	switch {
	case in == hostScope:
		return e.definite(ctx, err)
	case ctx.Err() != nil:
		return withContext(ctx.Err(), err)
	case fault == faultLost:
		return fmt.Errorf("%w: %w", assignment.ErrUnavailable, err)
	case fault == faultSerialization:
		return fmt.Errorf("%w: %w", assignment.ErrContended, err)
	default:
		return e.definite(ctx, err)
	}
}

func (e *Engine) read(ctx context.Context, sql string, args ...any) ([]Row, error) {
	var rows []Row
	err := e.reading(ctx, func() (err error) {
		rows, err = e.db.Rows(ctx, sql, args...)
		return err
	})
	return rows, err
}
