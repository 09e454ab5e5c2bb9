package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// nothingWritten turns a failure after which nothing was written into the error
// that says what to do.
func (e *Engine) nothingWritten(ctx context.Context, f *failure) error {
	err := withContext(ctx.Err(), f.err)
	switch f.Fault {
	case pgdb.FaultNotSent, pgdb.FaultAborted:
		return unavailable(ctx, err)
	case pgdb.FaultInClient:
		return e.unsendable(ctx, err)
	case pgdb.FaultLost, pgdb.FaultUnreadable:
		// a connection that breaks before COMMIT was sent takes the whole
		// transaction with it: nothing was written for certain
		return fmt.Errorf("%w: its connection was lost: %w", assignment.ErrRetryTransaction, err)
	case pgdb.FaultSerialization:
		return fmt.Errorf("%w: %w", assignment.ErrRetryTransaction, err)
	default:
		return e.rejected(ctx, nil, f)
	}
}

// withContext puts the context's error into the chain, since some drivers
// report a cancelled call only as what the server made of it.
func withContext(ctxErr, err error) error {
	if ctxErr == nil || errors.Is(err, ctxErr) {
		return err
	}
	return fmt.Errorf("%w: %w", ctxErr, err)
}

func unavailable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%w: %w", assignment.ErrUnavailable, err)
}

// unsendable is a failure inside this process. All values but those of the host
// have been checked against their columns before.
func (e *Engine) unsendable(ctx context.Context, err error) error {
	values, ok := errors.AsType[*sqlgen.HostValuesError](err)
	switch {
	case ctx.Err() != nil, !ok && errors.Is(err, assignment.ErrInvalid):
		return err
	case !ok:
		return unavailable(ctx, err)
	}
	return &rejectedError{assignment.InvalidError{
		Field: cmp.Or(values.Column(pgdb.ServerError{}), e.table.String()), Reason: "has a value that can't be sent: " + err.Error(),
	}, err}
}

// rejected turns a report of the server, or a statement that was undone, into the
// error that says what to do. The querier is for asking why; nil when no transaction
// is under way.
func (e *Engine) rejected(ctx context.Context, q pgdb.Querier, f *failure) error {
	err := withContext(ctx.Err(), f.err)
	values, hasValues := errors.AsType[*sqlgen.HostValuesError](f.err)
	switch {
	case f.undone != nil:
		return e.undone(ctx, q, f.undone, err)
	case f.report.Code == "57014" && ctx.Err() != nil:
		return err // cancelled by the caller, and the server says so
	case hasValues && f.report.IsAboutValue():
		return &rejectedError{assignment.InvalidError{
			Field: cmp.Or(values.Column(f.report), e.table.String()), Reason: "can't take its value: " + f.report.Message,
		}, err}
	case errors.Is(f.Sentinel, assignment.ErrUnguarded):
		return e.unguarded(ctx, f.Problem, err)
	case errors.Is(f.Sentinel, assignment.ErrInvalid):
		return e.hostConstraint(f)
	default:
		return fmt.Errorf("%w: %s%w", cmp.Or(f.Sentinel, assignment.ErrUnavailable), f.report.Cause(), err)
	}
}

// hostConstraint reports a rule of the host's own table, such as a foreign key, a
// trigger or a policy: the host's input broke it and nothing was written.
func (e *Engine) hostConstraint(f *failure) error {
	reason := "is a rule of the table, which rejected the values: "
	switch {
	case f.report.RaisedByHost():
		reason = "was rejected by a function or trigger of the table: "
	case f.report.IsPolicy():
		reason = "was rejected by row-level security: "
	}
	field := cmp.Or(f.report.Subject, e.table.String())
	return &rejectedError{assignment.InvalidError{Field: field, Reason: reason + f.report.Message}, f.err}
}

// rejectedError is an InvalidError whose reason has the text of its cause.
type rejectedError struct {
	assignment.InvalidError

	cause error
}

// Unwrap lets both be found, and the text appear once.
func (e *rejectedError) Unwrap() []error { return []error{&e.InvalidError, e.cause} }

// violation asks for the index that a unique violation names.
func (e *Engine) violation(ctx context.Context, q pgdb.Querier, f *failure) (sqlgen.Violation, error) {
	index := e.plan().Violation(f.report)
	text, err := q.Text(ctx, index.SQL, index.Args...)
	if err != nil {
		return sqlgen.Violation{}, err
	}
	return sqlgen.ReadViolation(f.report, text)
}
