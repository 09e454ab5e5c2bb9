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

// SQLSTATEs that decide what happens next.
const (
	codeUniqueViolation = "23505"
	codeCheckViolation  = "23514"
	codeRaised          = "P0001"
	codeUnsupported     = "0A000" // by this relation: a rewrite rule, a partition key that can't change
	codeLockTimeout     = "55P03"
	codeDeadlock        = "40P01"
	codeSerialization   = "40001"
	codeCancelled       = "57014"
	codeUndefined       = "42704" // an index that somebody else dropped
	codeNoPrivilege     = "42501"
)

func codeOf(err error) string {
	if report, ok := errors.AsType[*pgconn.PgError](err); ok {
		return report.Code
	}
	return ""
}

// passing reports whether trying again later can help.
func passing(err error) bool {
	switch codeOf(err) {
	case codeLockTimeout, codeDeadlock, codeSerialization, codeUndefined:
		return true
	default:
		return false
	}
}

// hostRule returns what a rule of the host's own table said: a constraint, or
// whatever a trigger or function of it raised. Trying again can't help.
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
		return nil, false // of the moment, not of the table
	case strings.HasPrefix(report.ConstraintName, ownCheckPrefix):
		return nil, false // a NULL that arrived while a constraint of ours was tried
	case !raised && class != "22" && class != "23" && report.Code != codeUnsupported:
		return nil, false
	}
	field := cmp.Or(report.ConstraintName, report.ColumnName, report.TableName, "the table")
	reason := "refuses the change, a rule of the table: " + report.Message
	if where != "" {
		reason += ", raised by " + where
	}
	return &assignment.InvalidError{Field: field, Reason: reason}, true
}

// raisedIn names the function that a report comes from; empty when it comes from
// the statement itself, whose context is no function of the host's.
func raisedIn(where string) string {
	for line := range strings.Lines(where) {
		line = strings.TrimSpace(line)
		if line != "" && line != "parallel worker" && !strings.HasPrefix(line, "while ") {
			return line
		}
	}
	return ""
}

// classify puts err under one of the sentinels of package assignment. Whatever
// it is applied to has either written nothing or is safe to repeat.
func classify(ctx context.Context, err error) error {
	switch {
	case err == nil, named(err), isPolicy(err):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	rule, refused := hostRule(err)
	switch {
	case refused:
		return fmt.Errorf("%w: %w", rule, err)
	case worthRepeating(err), codeOf(err) == codeCancelled:
		return fmt.Errorf("%w: %w", assignment.ErrContended, err)
	default:
		return fmt.Errorf("%w: %w", assignment.ErrUnavailable, err)
	}
}

// policyError is what a policy of the host returned: nothing of ours failed.
type policyError struct{ err error }

func (e *policyError) Error() string { return e.err.Error() }

func (e *policyError) Unwrap() error { return e.err }

func isPolicy(err error) bool {
	_, is := errors.AsType[*policyError](err)
	return is
}

func named(err error) bool {
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
