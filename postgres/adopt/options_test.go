package adopt_test

import (
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
)

func TestOptionsReject(t *testing.T) {
	cases := []struct {
		name, field string
		spoil       func(*adopt.Options)
	}{
		{"retiring_to_an_active_status", "Repair.RetireTo", func(o *adopt.Options) { o.Repair.RetireTo = "pending" }},
		{"an_unknown_null_status", "Repair.NullStatus", func(o *adopt.Options) { o.Repair.NullStatus = "gone" }},
		{"rewriting_a_known_status", "Repair.Rewrite", func(o *adopt.Options) {
			o.Repair.Rewrite = map[assignment.Status]assignment.Status{"pending": "completed"}
		}},
		{"rewriting_to_an_unknown_status", "Repair.Rewrite", func(o *adopt.Options) {
			o.Repair.Rewrite = map[assignment.Status]assignment.Status{"Completed": "Done"}
		}},
		{"a_negative_batch", "Repair.BatchRows", func(o *adopt.Options) { o.Repair.BatchRows = -1 }},
		{"a_quoted_audit_table", "Repair.AuditTable", func(o *adopt.Options) { o.Repair.AuditTable = `"a"` }},
		{"an_audit_table_that_is_the_table", "Repair.AuditTable", func(o *adopt.Options) { o.Repair.AuditTable = "assignments" }},
		{"a_negative_timeout", "LockTimeout", func(o *adopt.Options) { o.LockTimeout = -time.Second }},
		{"a_column_used_twice", "Table.Columns.SubjectID", func(o *adopt.Options) { o.Table.Columns.SubjectID = "counselor_id" }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			opts := prismaOptions()
			opts.Repair = &adopt.RepairOptions{}
			c.spoil(opts)
			_, err := adopt.Repair(t.Context(), nil, opts)
			wantInvalid(t, err, c.field)
		})
	}
	t.Run("no_pool", func(t *testing.T) {
		_, err := adopt.Check(t.Context(), nil, nil)
		wantInvalid(t, err, "pool")
	})
}

func TestOptionsDefaults(t *testing.T) {
	t.Run("nil_means_the_defaults", func(t *testing.T) {
		opts, repair := mustUnit(t, nil, prismaReport()).Resolved()
		want(t, "lock timeout", opts.LockTimeout, 250*time.Millisecond)
		want(t, "wait timeout", opts.WaitTimeout, 5*time.Minute)
		want(t, "attempts", opts.Attempts, 20)
		want(t, "sample", opts.Sample, 10)
		want(t, "batch", repair.BatchRows, 200)
		want(t, "audit table", repair.AuditTable, adopt.DefaultAuditTable)
		want(t, "policy", repair.Policy.String(), "oldest")
		want(t, "status to retire to", repair.RetireTo, assignment.StatusCancelled)
	})
	t.Run("the_only_terminal_status_is_the_one_to_retire_to", func(t *testing.T) {
		_, repair := mustUnit(t, prismaOptions(), prismaReport()).Resolved()
		want(t, "status to retire to", repair.RetireTo, assignment.StatusCompleted)
	})
	t.Run("several_others_leave_it_open", func(t *testing.T) {
		lifecycle, err := assignment.NewLifecycle(assignment.LifecycleConfig{Initial: "pending", Terminal: []assignment.Status{"done", "lost"}})
		if err != nil {
			t.Fatal(err)
		}
		_, repair := mustUnit(t, &adopt.Options{Policy: assignment.Policy{Lifecycle: lifecycle}}, prismaReport()).Resolved()
		want(t, "status to retire to", repair.RetireTo, "")
	})
}
