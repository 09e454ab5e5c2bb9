package adopt

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/assignment-go/assignment"
)

// SQLSTATEs that decide what happens next.
const (
	codeUniqueViolation = "23505"
	codeCheckViolation  = "23514"
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

// classify puts err under one of the sentinels of package assignment. Whatever
// it is applied to has either written nothing or is safe to repeat.
func classify(ctx context.Context, err error) error {
	switch {
	case err == nil, named(err), isPolicy(err):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ctx.Err(), err)
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
