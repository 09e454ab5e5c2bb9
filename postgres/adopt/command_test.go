package adopt_test

import (
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/internal/guard"
)

func TestRewriteCommand(t *testing.T) {
	cases := []struct {
		name   string
		status assignment.Status
		want   string
	}{
		{"a_status_that_differs_by_case", "Completed", "assignment repair -rewrite-status Completed=completed -apply"},
		{"by_blanks", " completed", "assignment repair -rewrite-status ' completed=completed' -apply"},
		{"any_other_status_gets_a_placeholder", "done", "assignment repair -rewrite-status 'done=<status>' -apply"},
		{"one_that_no_flag_can_express", "a=b", ""},
		{"one_with_a_control_character", "a\nb", ""},
		{"an_empty_one", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want(t, "command", mustUnit(t, prismaOptions(), prismaReport()).RewriteCommand(c.status), c.want)
		})
	}
}

func TestNullStatusCommand(t *testing.T) {
	cases := []struct{ name, preset, want string }{
		{"the_default_of_the_column", "'pending'::text", "assignment repair -null-status pending -apply"},
		{"no_default", "", "assignment repair -null-status '<status>' -apply"},
		{"an_expression", "lower('PENDING'::text)", "assignment repair -null-status '<status>' -apply"},
		{"a_default_that_the_lifecycle_does_not_know", "'new'::text", "assignment repair -null-status '<status>' -apply"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			unit := mustUnit(t, prismaOptions(), prismaReport(func(r *guard.Report) { r.Catalog.Columns[3].Default = c.preset }))
			want(t, "command", unit.NullStatusCommand(), c.want)
		})
	}
	t.Run("a_policy_that_the_table_allows", func(t *testing.T) {
		opts := repairing(adopt.RepairOptions{})
		opts.Table.Columns.CreatedAt = ""
		want(t, "command", mustUnit(t, opts, prismaReport()).NullStatusCommand(),
			"assignment repair -null-status '<status>' -policy most-advanced -apply")
	})
}
