package adopt_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
)

// TestClassify has what a server reports: what is transient may be tried
// again, what a rule of the host rejects may not.
func TestClassify(t *testing.T) {
	const function = "PL/pgSQL function veto() line 1 at RAISE"
	cases := []struct {
		name   string
		report pgconn.PgError
		want   error
	}{
		{"a_duplicate_that_a_build_finds", pgconn.PgError{Code: "23505", ConstraintName: "k"}, assignment.ErrContended},
		{"a_duplicate_that_a_parallel_worker_finds", pgconn.PgError{Code: "23505", ConstraintName: "k", Where: "parallel worker"}, assignment.ErrContended},
		{"a_lock_that_was_waited_for", pgconn.PgError{Code: "55P03", Where: `while updating tuple (0,1) in relation "assignments"`}, assignment.ErrContended},
		{"a_deadlock_within_a_trigger", pgconn.PgError{Code: "40P01", Where: function}, assignment.ErrContended},
		{"a_lock_that_a_trigger_waited_for", pgconn.PgError{Code: "55P03", Where: function}, assignment.ErrContended},
		{"a_null_that_arrived", pgconn.PgError{Code: "23514", ConstraintName: "assignment_guard_not_null_1"}, assignment.ErrContended},
		{"a_check", pgconn.PgError{Code: "23514", ConstraintName: "states"}, assignment.ErrInvalid},
		{"a_foreign_key", pgconn.PgError{Code: "23503", ConstraintName: "person"}, assignment.ErrInvalid},
		{"a_value_that_is_too_long", pgconn.PgError{Code: "22001"}, assignment.ErrInvalid},
		{"a_unique_violation_in_a_trigger", pgconn.PgError{Code: "23505", Where: "SQL statement \"INSERT …\"\n" + function}, assignment.ErrInvalid},
		{"whatever_a_trigger_raises", pgconn.PgError{Code: "ZX999", Where: function}, assignment.ErrInvalid},
		{"an_event_trigger", pgconn.PgError{Code: "P0001", Where: function}, assignment.ErrInvalid},
		{"a_missing_privilege", pgconn.PgError{Code: "42501"}, assignment.ErrUnavailable},
		{"a_full_disk", pgconn.PgError{Code: "53100"}, assignment.ErrUnavailable},
		{"a_shutdown", pgconn.PgError{Code: "57P01"}, assignment.ErrUnavailable},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := adopt.Classify(context.Background(), &c.report)
			for _, sentinel := range []error{assignment.ErrContended, assignment.ErrInvalid, assignment.ErrUnavailable} {
				want := sentinel == c.want //nolint:errorlint // the sentinels themselves are compared
				if errors.Is(got, sentinel) != want {
					t.Errorf("%v is %v: %t", got, sentinel, !want)
				}
			}
		})
	}
}
