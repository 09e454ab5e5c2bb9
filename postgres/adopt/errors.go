package adopt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/assignment-go/assignment"
)

// The SQLSTATEs that matter to a run.
const (
	codeUniqueViolation = "23505"
	codeCheckViolation  = "23514"
	codeRaised          = "P0001"
	codeUnsupported     = "0A000" // on this relation: a rewrite rule, a partition key that can't change
	codeLockTimeout     = "55P03"
	codeDeadlock        = "40P01"
	codeSerialization   = "40001"
	codeCancelled       = "57014"
	codeUndefined       = "42704" // an index that another session dropped
	codeNoPrivilege     = "42501"
)

func codeOf(err error) string {
	if report, ok := errors.AsType[*pgconn.PgError](err); ok {
		return report.Code
	}
	return ""
}

// isTransient reports whether the same statement may succeed later.
func isTransient(err error) bool {
	switch codeOf(err) {
	case codeLockTimeout, codeDeadlock, codeSerialization, codeUndefined:
		return true
	default:
		return false
	}
}

// isRetryable reports whether a new plan may get further: locks may be free by then,
// and duplicates and NULLs that arrived meanwhile are planned for.
func isRetryable(err error) bool {
	if _, rejected := hostRule(err); rejected {
		return false
	}
	return isTransient(err) || codeOf(err) == codeUniqueViolation || codeOf(err) == codeCheckViolation
}

// hostRule returns what a rule of the host's own table reported: a constraint, or
// whatever a trigger or function raised. A retry can't help.
func hostRule(err error) (rule *assignment.InvalidError, ok bool) {
	report, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return nil, false
	}
	class := report.Code[:min(2, len(report.Code))]
	where := raisedIn(report.Where)
	raised := where != "" || report.Code == codeRaised
	switch {
	case class == "40", class == "08", class == "53", class == "57",
		report.Code == codeLockTimeout, report.Code == codeUniqueViolation && !raised:
		return nil, false // transient, or not about the table
	case strings.HasPrefix(report.ConstraintName, ownCheckPrefix):
		return nil, false // a NULL that arrived before our own constraint was validated
	case !raised && class != "22" && class != "23" && report.Code != codeUnsupported:
		return nil, false
	}
	field := cmp.Or(report.ConstraintName, report.ColumnName, report.TableName, "the table")
	reason := "rejects the change: " + report.Message
	if where != "" {
		reason += " (" + where + ")"
	}
	return &assignment.InvalidError{Field: field, Reason: reason}, true
}

// raisedIn returns the line of the context that names the function which raised the
// error; empty when the statement itself failed.
func raisedIn(where string) string {
	for line := range strings.Lines(where) {
		line = strings.TrimSpace(line)
		if line != "" && line != "parallel worker" && !strings.HasPrefix(line, "while ") {
			return line
		}
	}
	return ""
}

// classify wraps err in one of the sentinels of package assignment. What failed has
// either written nothing or is safe to repeat.
func classify(ctx context.Context, err error) error {
	switch {
	case err == nil, hasSentinel(err), isPolicy(err):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	rule, rejected := hostRule(err)
	switch {
	case rejected:
		return fmt.Errorf("%w: %w", rule, err)
	case isRetryable(err), codeOf(err) == codeCancelled:
		return fmt.Errorf("%w: %w", assignment.ErrContended, err)
	default:
		return fmt.Errorf("%w: %w", assignment.ErrUnavailable, err)
	}
}

// policyError is an error of the host's own policy, which is returned unchanged.
type policyError struct{ err error }

func (e *policyError) Error() string { return e.err.Error() }

func (e *policyError) Unwrap() error { return e.err }

func isPolicy(err error) bool {
	_, is := errors.AsType[*policyError](err)
	return is
}

func hasSentinel(err error) bool {
	for _, sentinel := range []error{
		assignment.ErrInvalid, assignment.ErrUnguarded, assignment.ErrContended,
		assignment.ErrUnavailable, assignment.ErrUnknownOutcome,
	} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return false
}
