package guard_test

import (
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

// TestAccepted has indexes that keep the guarantee, however they are written.
func TestAccepted(t *testing.T) {
	ended := func(initial assignment.Status, terminal ...assignment.Status) assignment.Lifecycle {
		l, err := assignment.NewLifecycle(assignment.LifecycleConfig{
			Initial: initial, Terminal: terminal, Transitions: map[assignment.Status][]assignment.Status{initial: terminal},
		})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	cases := []struct {
		name      string
		sql       string
		lifecycle assignment.Lifecycle
		exact     bool
		warning   assignment.GuardProblem
	}{
		{"the_one_that_the_sdk_builds", plainSQL + guardSQL, assignment.Lifecycle{}, true, ""},
		{
			"another_order_of_columns", plainSQL + `CREATE UNIQUE INDEX guard ON assignments (subject_id, assignee_id) WHERE status NOT IN ('completed', 'cancelled')`,
			assignment.Lifecycle{}, false, "",
		},
		{
			"an_equivalent_predicate", plainSQL + `CREATE UNIQUE INDEX guard` + onKey + `WHERE NOT (status = 'completed' OR status = 'cancelled')`,
			assignment.Lifecycle{}, false, "",
		},
		{
			"included_columns", plainSQL + `CREATE UNIQUE INDEX guard` + onKey + `INCLUDE (id) WHERE status NOT IN ('cancelled', 'completed')`,
			assignment.Lifecycle{}, true, "",
		},
		{
			"pattern_operators", plainSQL + `CREATE UNIQUE INDEX guard ON assignments (assignee_id text_pattern_ops, subject_id text_pattern_ops)
			WHERE status NOT IN ('cancelled', 'completed')`, assignment.Lifecycle{}, true, "",
		},
		{
			"a_list_of_active_statuses_under_an_enum", `CREATE TYPE st AS ENUM ('ACTIVE', 'it''s \paused', 'over'); CREATE TABLE assignments (
			id text PRIMARY KEY, assignee_id text NOT NULL, subject_id text NOT NULL, status st NOT NULL);
			CREATE UNIQUE INDEX guard` + onKey + `WHERE status IN ('ACTIVE', 'it''s \paused')`,
			ended("ACTIVE", "over"), false, schema.GuardRests,
		},
		{
			"a_list_of_active_statuses_under_a_check", plainSQL + `ALTER TABLE assignments ADD CHECK (status IN ('ACTIVE', 'DONE'));
			CREATE UNIQUE INDEX guard` + onKey + `WHERE status = 'ACTIVE'`,
			ended("ACTIVE", "DONE"), false, schema.GuardRests,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := mustInspect(t, mustSetUp(t, c.sql), guard.Spec{Lifecycle: c.lifecycle})
			wantGuard(t, r, "guard")
			if r.Guard != nil && r.Guard.Exact != c.exact {
				t.Errorf("exact is %t", r.Guard.Exact)
			}
			if c.warning != "" {
				wantFinding(t, r.Warnings, c.warning, "only because")
			} else if len(r.Warnings) > 0 {
				t.Errorf("warnings %+v", r.Warnings)
			}
		})
	}
}

// TestNotAccepted has indexes on the key that do not keep the guarantee. None of
// them is dropped except what a failed build left: the others are rules of the owner.
func TestNotAccepted(t *testing.T) {
	cases := []struct {
		name    string
		index   string
		problem assignment.GuardProblem
		detail  string
		fixes   int // statements that build a guard
	}{
		{"a_predicate_that_can_be_null", `CREATE UNIQUE INDEX i` + onKey + `WHERE status IN ('pending', 'in_progress', NULL)`,
			schema.GuardOtherPredicate, "does not cover every row", 1},
		{"active_statuses_without_a_check", `CREATE UNIQUE INDEX i` + onKey + `WHERE status IN ('pending', 'in_progress')`,
			schema.GuardOtherPredicate, "does not cover every row", 1},
		{"a_check_that_allows_more", `ALTER TABLE assignments ADD CHECK (status IN ('pending', 'in_progress', 'completed', 'cancelled', 'lost'));
			CREATE UNIQUE INDEX i` + onKey + `WHERE status IN ('pending', 'in_progress')`, schema.GuardOtherPredicate, "does not cover every row", 1},
		{"a_soft_delete", `ALTER TABLE assignments ADD deleted boolean NOT NULL DEFAULT false;
			CREATE UNIQUE INDEX i` + onKey + `WHERE status NOT IN ('cancelled', 'completed') AND NOT deleted`,
			schema.GuardOtherPredicate, `leaves out rows by "deleted"`, 0},
		{"an_expression", `CREATE UNIQUE INDEX i ON assignments (lower(assignee_id), subject_id) WHERE status NOT IN ('cancelled', 'completed')`,
			schema.GuardMissing, "compares the key by an expression", 1},
		{"a_full_index", `CREATE UNIQUE INDEX i` + onKey, schema.GuardFullIndex, "a key can be assigned only once", 1},
		{"a_full_index_beside_which_the_guard_is_built", `CREATE UNIQUE INDEX i` + onKey, schema.GuardFullIndex,
			"; the guard itself is missing, and is built beside it", 1},
		{"a_full_index_that_a_foreign_key_needs", `ALTER TABLE assignments ADD CONSTRAINT once UNIQUE (assignee_id, subject_id);
			CREATE TABLE grade (a text, s text, CONSTRAINT graded FOREIGN KEY (a, s) REFERENCES assignments (assignee_id, subject_id))`,
			schema.GuardFullIndex, "the foreign key graded of ", 1},
		{"a_full_index_that_replication_needs", `CREATE UNIQUE INDEX i` + onKey + `; ALTER TABLE assignments REPLICA IDENTITY USING INDEX i`,
			schema.GuardFullIndex, "the REPLICA IDENTITY of the table uses it", 1},
		{"a_deferrable_constraint", `ALTER TABLE assignments ADD UNIQUE (assignee_id, subject_id) DEFERRABLE`,
			schema.GuardDeferrable, "rejects every insert", 0},
		{"a_finer_rule", `ALTER TABLE assignments ADD channel text NOT NULL DEFAULT '';
			CREATE UNIQUE INDEX i ON assignments (assignee_id, channel, subject_id) WHERE status NOT IN ('cancelled', 'completed')`,
			schema.GuardMissing, "Map all columns of the key", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			conn := mustSetUp(t, plainSQL+c.index)
			r := mustInspect(t, conn, guard.Spec{})
			if r.Guard != nil {
				t.Fatalf("accepted %+v", r.Guard)
			}
			wantFinding(t, r.Findings, c.problem, c.detail)
			wantNothingDropped(t, r)
			n := 0
			for _, f := range r.Findings {
				n += len(f.Fix)
			}
			if n < c.fixes || c.fixes == 0 && c.problem != schema.GuardDeferrable && n > 0 {
				t.Errorf("%d statements: %+v", n, r.Findings)
			}
			if c.fixes > 0 {
				runFixes(t, conn, r)
				wantGuard(t, mustInspect(t, conn, guard.Spec{}), "assignments_active_key")
			}
		})
	}
	t.Run("a_guard_that_a_partition_lacks", func(t *testing.T) {
		conn := mustSetUp(t, `CREATE TABLE assignments (id text, assignee_id text NOT NULL, subject_id text NOT NULL, status text NOT NULL,
			PRIMARY KEY (id, assignee_id)) PARTITION BY HASH (assignee_id);
			CREATE TABLE part PARTITION OF assignments FOR VALUES WITH (MODULUS 1, REMAINDER 0);
			CREATE UNIQUE INDEX i ON ONLY assignments (assignee_id, subject_id) WHERE status NOT IN ('cancelled', 'completed')`)
		r := mustInspect(t, conn, guard.Spec{})
		wantFinding(t, r.Findings, schema.GuardInvalid, "part) have no valid index")
		wantNothingDropped(t, r)
	})
	t.Run("a_guard_that_is_broken_in_a_partition_alone", func(t *testing.T) {
		conn := mustSetUp(t, `CREATE TABLE assignments (id text, assignee_id text NOT NULL, subject_id text NOT NULL, status text NOT NULL,
			PRIMARY KEY (id, assignee_id)) PARTITION BY HASH (assignee_id);
			CREATE TABLE part PARTITION OF assignments FOR VALUES WITH (MODULUS 1, REMAINDER 0);`+guardSQL+`
			UPDATE pg_index SET indisvalid = false WHERE indrelid = 'part'::regclass AND indpred IS NOT NULL`)
		wantFinding(t, mustInspect(t, conn, guard.Spec{}).Findings, schema.GuardInvalid, "part) have no valid index")
	})
}

// TestBesideTheGuard has rules of the owner beside a good guard: they stay, and
// are warned of only when they reject what the policy allows.
func TestBesideTheGuard(t *testing.T) {
	cases := []struct {
		name    string
		rule    string
		warning assignment.GuardProblem
		detail  string
	}{
		{"one_assignee_per_subject", `CREATE UNIQUE INDEX rule ON assignments (subject_id) WHERE status NOT IN ('cancelled', 'completed')`,
			schema.GuardOtherColumns, `a second one that differs only in "assignee_id" is rejected`},
		{"one_assignee_per_subject_and_tenant", `ALTER TABLE assignments ADD tenant text; CREATE UNIQUE INDEX rule ON assignments (tenant, subject_id)`,
			schema.GuardOtherColumns, `one row for each "tenant", "subject_id"`},
		{"once_for_ever", `ALTER TABLE assignments ADD CONSTRAINT rule UNIQUE (assignee_id, subject_id)`,
			schema.GuardFullIndex, `unique constraint "rule"`},
		{"one_that_is_not_completed", `CREATE UNIQUE INDEX rule` + onKey + `WHERE status <> 'completed'`,
			schema.GuardOtherPredicate, "also covers rows that hold no slot"},
		{"one_under_a_coarser_comparison", `CREATE UNIQUE INDEX rule ON assignments (lower(assignee_id), subject_id) WHERE status <> 'completed'`,
			schema.GuardOtherComparison, "by an expression"},
		{"another_right_guard", `CREATE UNIQUE INDEX rule` + onKey + `WHERE status NOT IN ('completed', 'cancelled')`, "", ""},
		{"one_pending", `CREATE UNIQUE INDEX rule` + onKey + `WHERE status = 'pending'`, "", ""},
		{"one_completed", `CREATE UNIQUE INDEX rule` + onKey + `WHERE status = 'completed'`, "", ""},
		{"one_completed_per_subject", `CREATE UNIQUE INDEX rule ON assignments (subject_id) WHERE status = 'completed'`, "", ""},
		{"a_column_of_the_owners", `ALTER TABLE assignments ADD ref text UNIQUE`, "", ""},
		{"the_key_and_more", `ALTER TABLE assignments ADD n int; CREATE UNIQUE INDEX rule ON assignments (assignee_id, subject_id, n)`, "", ""},
		{"the_id_and_a_part_of_the_key", `CREATE UNIQUE INDEX rule ON assignments (subject_id, id)`, "", ""},
		{"an_index_that_is_not_unique", `CREATE INDEX rule ON assignments (subject_id)`, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := mustInspect(t, mustSetUp(t, plainSQL+guardSQL+c.rule), guard.Spec{})
			if r.Guard == nil || len(r.Findings) > 0 {
				t.Fatalf("got %+v with the findings %+v", r.Guard, r.Findings)
			}
			wantNothingDropped(t, r)
			if c.warning != "" {
				wantFinding(t, r.Guard.Warnings, c.warning, c.detail)
			} else if len(r.Warnings) > 0 {
				t.Errorf("warnings %+v", r.Warnings)
			}
		})
	}
	t.Run("nulls_not_distinct_is_no_difference_for_columns_without_null", func(t *testing.T) {
		conn := mustSetUp(t, plainSQL)
		if _, err := conn.Exec(t.Context(), `CREATE UNIQUE INDEX mine`+onKey+`NULLS NOT DISTINCT WHERE status NOT IN ('completed', 'cancelled')`); err != nil {
			t.Logf("PostgreSQL before 15: %v", err)
			return
		}
		r := mustInspect(t, conn, guard.Spec{})
		wantGuard(t, r, "mine")
		if r.Guard.Exact {
			t.Error("it is not what the SDK builds")
		}
	})
	t.Run("a_guard_of_another_lifecycle_that_the_sdk_built_may_go", func(t *testing.T) {
		conn := mustSetUp(t, plainSQL+guardSQL+`CREATE UNIQUE INDEX assignments_active_key_2`+onKey+`WHERE status <> 'completed'`)
		r := mustInspect(t, conn, guard.Spec{})
		wantGuard(t, r, "guard")
		if len(r.Warnings) != 1 || len(r.Warnings[0].Fix) != 1 {
			t.Fatalf("got %+v", r.Warnings)
		}
		mustExec(t, conn, r.Warnings[0].Fix[0])
	})
}

func TestRoles(t *testing.T) {
	conn := mustSetUp(t, plainSQL+guardSQL+`
		CREATE UNIQUE INDEX assignments_active_key ON assignments (assignee_id, subject_id) WHERE status NOT IN ('completed', 'cancelled');
		CREATE UNIQUE INDEX mine ON assignments (subject_id, assignee_id) WHERE status NOT IN ('completed', 'cancelled');
		CREATE UNIQUE INDEX finer ON assignments (subject_id, assignee_id, status);
		CREATE UNIQUE INDEX stricter ON assignments (subject_id);
		CREATE INDEX other ON assignments (status);
		UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'mine'::regclass`)
	want := map[string]guard.Role{
		"guard": guard.RoleGuard, "assignments_active_key": guard.RoleSuperseded, "mine": guard.RoleLeftover, "finer": guard.RoleFiner,
		"stricter": guard.RoleStricter, "other": guard.RoleUnrelated, "assignments_pkey": guard.RoleUnrelated,
	}
	for _, d := range mustInspect(t, conn, guard.Spec{}).Verdicts {
		if role, ok := want[d.Index.Name]; ok && role != d.Role {
			t.Errorf("%s has role %d, want %d", d.Index.Name, d.Role, role)
		}
	}
}
