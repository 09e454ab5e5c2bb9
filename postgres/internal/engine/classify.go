package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// faultOf tells the faults apart. What is neither marked by the handle nor a
// report of the server counts as lost: the only safe assumption about a silent
// network.
func (e *Engine) faultOf(err error) pgdb.Fault {
	if err == nil {
		return pgdb.FaultNone
	}
	if _, broken := errors.AsType[*brokenTransactionError](err); broken {
		return pgdb.FaultRejected
	}
	if _, ok := errors.AsType[*undoneError](err); ok {
		return pgdb.FaultRejected
	}
	if pgdb.IsNotSent(err) {
		return pgdb.FaultNotSent
	}
	if _, ok := pgdb.IsInClient(err); ok {
		return pgdb.FaultInClient
	}
	f := pgdb.FaultLost
	if report, ok := e.db.Describe(err); ok {
		f = meaningOf(report).Fault
	} else if pgdb.IsUnreadable(err) {
		f = pgdb.FaultUnreadable
	}
	if undone, ok := errors.AsType[*rolledBackError](err); ok {
		return undone.faultInstead(f)
	}
	return f
}

// meaningOf reads a report, also that of a replace which undid itself for want of
// a successor: it wrote nothing, and must run again.
func meaningOf(report pgdb.ServerError) pgdb.Meaning {
	if sqlgen.IsUnreplaced(report) && !report.RaisedByHost() && !report.Fatal {
		return pgdb.Meaning{Fault: pgdb.FaultOutdated, Sentinel: assignment.ErrContended}
	}
	return report.Meaning()
}

// definite turns an error after which nothing was written into the sentinel
// that says what to do.
func (e *Engine) definite(ctx context.Context, err error) error {
	err = withContext(ctx.Err(), err)
	switch e.faultOf(err) {
	case pgdb.FaultNotSent, pgdb.FaultAborted:
		return e.unsent(ctx, err)
	case pgdb.FaultInClient:
		return e.unsendable(ctx, err)
	case pgdb.FaultLost, pgdb.FaultUnreadable:
		// a connection that breaks before COMMIT was sent takes the whole
		// transaction with it: nothing was written for certain
		return fmt.Errorf("%w: its connection was lost: %w", assignment.ErrRetryTransaction, err)
	case pgdb.FaultSerialization:
		return fmt.Errorf("%w: %w", assignment.ErrRetryTransaction, err)
	default:
		return e.refused(ctx, nil, err)
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

// unsendable is a failure inside this process. All values but those of the host
// have been checked against their columns before.
func (e *Engine) unsendable(ctx context.Context, err error) error {
	values, ok := errors.AsType[*sqlgen.HostValuesError](err)
	switch {
	case ctx.Err() != nil, !ok && errors.Is(err, assignment.ErrInvalid):
		return err
	case !ok:
		return e.unsent(ctx, err)
	}
	return &refusedError{assignment.InvalidError{
		Field: cmp.Or(values.Column(pgdb.ServerError{}), e.table.String()), Reason: "has a value that can't be sent: " + err.Error(),
	}, err}
}

// refused turns a report of the server, or of a statement that undid itself, into
// the sentinel that says what to do. The querier is for asking why; nil when no
// transaction is under way.
func (e *Engine) refused(ctx context.Context, q pgdb.Querier, err error) error {
	report, ok := e.db.Describe(err)
	_, broken := errors.AsType[*brokenTransactionError](err)
	if broken {
		return fmt.Errorf("%w: %w", assignment.ErrRetryTransaction, err)
	}
	if undone, ok := e.undoneBy(err); ok {
		return e.undone(ctx, q, undone, err)
	}
	if !ok {
		return fmt.Errorf("%w: %w", assignment.ErrUnavailable, err)
	}
	values, hasValues := errors.AsType[*sqlgen.HostValuesError](err)
	switch is := meaningOf(report); {
	case report.Code == "57014" && ctx.Err() != nil:
		return err // cancelled by the caller, and the server says so
	case hasValues && report.IsAboutValue():
		return &refusedError{assignment.InvalidError{
			Field: cmp.Or(values.Column(report), e.table.String()), Reason: "can't take its value: " + report.Message,
		}, err}
	case errors.Is(is.Sentinel, assignment.ErrUnguarded):
		return e.unguarded(ctx, is.Problem, err)
	case errors.Is(is.Sentinel, assignment.ErrInvalid):
		return e.foreignConstraint(err)
	default:
		return fmt.Errorf("%w: %s%w", cmp.Or(is.Sentinel, assignment.ErrUnavailable), report.Cause(), err)
	}
}

func (e *Engine) unguarded(ctx context.Context, problem assignment.GuardProblem, err error) error {
	finding := assignment.GuardFinding{Problem: problem, Detail: "it is gone since the store was opened"}
	switch {
	case problem == schema.GuardRewriteRule:
		finding.Detail = "a rewrite rule that was added since the store was opened puts other statements in the place of those " +
			"that the store sends"
	case problem == schema.GuardMissing && e.lacksID(ctx):
		finding = e.noUniqueID()
	case problem == schema.GuardMissing:
		finding.Fix = []string{e.plan().CreateGuard() + ";"}
	}
	return fmt.Errorf("%w: %w", e.guardError(finding), err)
}

// lacksID reports whether the index is missing that makes the ID unique. The
// server reports that in the same words as a missing guard (42P10).
func (e *Engine) lacksID(ctx context.Context) bool {
	p := e.plan()
	if p.DatabaseIDs || p.IDNotUnique {
		return false
	}
	return e.ask(ctx, nil, `SELECT count(*)::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
WHERE i.indrelid = to_regclass($1::text) AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL
  AND i.indnkeyatts = 1 AND a.attnum = i.indkey[0] AND a.attname = $2::text`, p.Table.String(), p.Table.Columns.ID) == "0"
}

func (e *Engine) noUniqueID() assignment.GuardFinding {
	column := sqltext.Quote(e.table.Columns.ID)
	return assignment.GuardFinding{
		Problem: schema.GuardNoPrimaryKey,
		Detail: "the unique index on the column " + column + " is gone since the store was opened, " +
			"so that a retry could create a second row",
		Fix: []string{fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY (%s);", e.plan().Table, column)},
	}
}

// foreignConstraint reports a rule of the host's own table, such as a foreign
// key, a trigger or a policy: the host's input broke it and nothing was written.
func (e *Engine) foreignConstraint(err error) error {
	report, _ := e.db.Describe(err)
	reason := "is a rule of the table, which refused the values: "
	switch {
	case report.RaisedByHost():
		reason = "was refused by a function or trigger of the table: "
	case report.IsPolicy():
		reason = "was refused by row-level security: "
	}
	field := cmp.Or(report.Subject, e.table.String())
	return &refusedError{assignment.InvalidError{Field: field, Reason: reason + report.Message}, err}
}

// refusedError is an InvalidError whose reason holds the words of its cause.
type refusedError struct {
	assignment.InvalidError
	cause error
}

// Unwrap lets both be found, and the text appear once.
func (e *refusedError) Unwrap() []error { return []error{&e.InvalidError, e.cause} }
