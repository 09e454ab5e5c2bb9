package adopt_test

import (
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/schema"
)

// TestRemedies has who or what fixes a problem of the guard.
func TestRemedies(t *testing.T) {
	cases := []struct {
		name   string
		f      assignment.GuardFinding
		remedy adopt.Remedy
	}{
		{"a_missing_guard", assignment.GuardFinding{Problem: schema.GuardMissing}, adopt.ByGuard},
		{"a_leftover", assignment.GuardFinding{Problem: schema.GuardInvalid}, adopt.ByGuard},
		{"a_nullable_column", assignment.GuardFinding{Problem: schema.GuardNullable, Fix: []string{"ALTER …"}}, adopt.ByGuard},
		{"one_whose_nulls_something_depends_on", assignment.GuardFinding{Problem: schema.GuardNullable}, adopt.ByOperator},
		{"a_missing_primary_key", assignment.GuardFinding{Problem: schema.GuardNoPrimaryKey, Fix: []string{"ALTER …"}}, adopt.ByOperator},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := adopt.FindingOf(c.f)
			if f.Remedy != c.remedy || (f.Command != "") != (c.remedy == adopt.ByGuard) {
				t.Errorf("got %+v, want it fixed by %s", f, c.remedy)
			}
		})
	}
}
