package guard_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

func TestColumns(t *testing.T) {
	withVersion := plainTable()
	withVersion.Columns.Version = "v"
	withRequest := plainTable()
	withRequest.Columns.Request = "r"
	const parent = `CREATE TABLE parent (id text PRIMARY KEY);`
	cases := []struct {
		name    string
		sql     string
		table   schema.Table
		problem assignment.GuardProblem
		detail  string
		fix     int
	}{
		{
			"a_smallint_version", plainSQL + guardSQL + `ALTER TABLE assignments ADD v smallint NOT NULL DEFAULT 1`, withVersion,
			schema.GuardColumnType, "after 32767 changes", 1,
		},
		{
			"a_short_column_for_fingerprints", plainSQL + guardSQL + `ALTER TABLE assignments ADD r varchar(20)`, withRequest,
			schema.GuardColumnType, "can't store a fingerprint", 1,
		},
		{
			"a_generated_status", `CREATE TABLE assignments (id text PRIMARY KEY, assignee_id text NOT NULL, subject_id text NOT NULL, ended date,
			status text NOT NULL GENERATED ALWAYS AS (CASE WHEN ended IS NULL THEN 'pending' ELSE 'completed' END) STORED);` + guardSQL,
			plainTable(), schema.GuardColumnType, `"status" is computed by the database`, 0,
		},
		{
			"a_nullable_key", plainSQL + guardSQL + `ALTER TABLE assignments ALTER subject_id DROP NOT NULL`, plainTable(),
			schema.GuardNullable, "evades the index", 1,
		},
		{
			"a_nullable_key_that_a_foreign_key_clears", parent + plainSQL + guardSQL + `ALTER TABLE assignments ALTER subject_id DROP NOT NULL,
			ADD CONSTRAINT cleared FOREIGN KEY (subject_id) REFERENCES parent ON DELETE SET NULL`, plainTable(),
			schema.GuardNullable, `Foreign key "cleared" sets it to NULL`, 0,
		},
		{
			"a_nullable_key_that_an_update_of_the_parent_clears", parent + plainSQL + guardSQL + `ALTER TABLE assignments ALTER subject_id DROP NOT NULL,
			ADD CONSTRAINT cleared FOREIGN KEY (subject_id) REFERENCES parent ON UPDATE SET NULL`, plainTable(),
			schema.GuardNullable, `Foreign key "cleared"`, 0,
		},
		{
			"a_nullable_key_with_a_harmless_foreign_key", parent + plainSQL + guardSQL + `ALTER TABLE assignments ALTER subject_id DROP NOT NULL,
			ADD FOREIGN KEY (subject_id) REFERENCES parent ON DELETE CASCADE`, plainTable(),
			schema.GuardNullable, "evades the index", 1,
		},
		{
			"a_check_that_lacks_a_status", plainSQL + guardSQL + `ALTER TABLE assignments ADD CONSTRAINT known
			CHECK (status IN ('pending', 'in_progress', 'completed'))`, plainTable(),
			schema.GuardStatusCheck, `"known" forbids the statuses ["cancelled"]`, 0,
		},
		{
			"a_check_that_lacks_a_status_among_other_conditions", plainSQL + guardSQL + `ALTER TABLE assignments ADD CONSTRAINT known
			CHECK (assignee_id <> '' AND status <> 'cancelled') NOT VALID`, plainTable(),
			schema.GuardStatusCheck, `"known" forbids the statuses ["cancelled"]`, 0,
		},
		{"a_missing_primary_key", plainSQL + guardSQL + `ALTER TABLE assignments DROP CONSTRAINT assignments_pkey`, plainTable(),
			schema.GuardNoPrimaryKey, `the column "id"`, 1},
		{"a_deferrable_primary_key", plainSQL + guardSQL + `ALTER TABLE assignments DROP CONSTRAINT assignments_pkey,
			ADD PRIMARY KEY (id) DEFERRABLE`, plainTable(), schema.GuardNoPrimaryKey, `the column "id"`, 1},
		{"a_primary_key_on_something_else", plainSQL + guardSQL + `ALTER TABLE assignments DROP CONSTRAINT assignments_pkey,
			ADD n bigserial PRIMARY KEY`, plainTable(), schema.GuardNoPrimaryKey, `the column "id"`, 1},
		{"an_id_that_is_unique_only_where_active", plainSQL + guardSQL + `ALTER TABLE assignments DROP CONSTRAINT assignments_pkey;
			CREATE UNIQUE INDEX ON assignments (id) WHERE status <> 'completed'`, plainTable(), schema.GuardNoPrimaryKey, `the column "id"`, 1},
	}
	for _, c := range cases {
		t.Run(c.name+"_is_rejected", func(t *testing.T) {
			conn := mustSetUp(t, c.sql)
			spec := guard.Spec{Table: c.table}
			r := mustInspect(t, conn, spec)
			wantFinding(t, r.Findings, c.problem, c.detail)
			if len(r.Findings) != 1 || len(r.Findings[0].Fix) != c.fix {
				t.Fatalf("got %+v, want one finding with %d statements", r.Findings, c.fix)
			}
			if c.fix > 0 {
				runFixes(t, conn, r)
				wantGuard(t, mustInspect(t, conn, spec), "guard")
			}
		})
	}
	t.Run("a_check_that_allows_a_status_under_a_condition_is_accepted", func(t *testing.T) {
		r := mustInspect(t, mustSetUp(t, plainSQL+guardSQL+`ALTER TABLE assignments ADD CHECK (status <> 'cancelled' OR subject_id <> '')`), guard.Spec{})
		wantGuard(t, r, "guard")
	})
	t.Run("an_id_that_is_unique_with_the_partition_key_is_accepted", func(t *testing.T) {
		conn := mustSetUp(t, `CREATE TABLE assignments (id text NOT NULL, assignee_id text NOT NULL, subject_id text NOT NULL, status text NOT NULL)
			PARTITION BY HASH (assignee_id); CREATE TABLE part PARTITION OF assignments FOR VALUES WITH (MODULUS 1, REMAINDER 0)`)
		r := mustInspect(t, conn, guard.Spec{})
		wantFinding(t, r.Findings, schema.GuardNoPrimaryKey, `the column "id"`)
		wantFinding(t, r.Findings, schema.GuardMissing, "no unique index")
		runFixes(t, conn, r)
		r = mustInspect(t, conn, guard.Spec{})
		wantGuard(t, r, "assignments_active_key")
		if r.IDAlone || !r.Guard.Exact {
			t.Errorf("got %+v, unique alone %t", r.Guard, r.IDAlone)
		}
	})
}

// runFixes runs the statements that the findings recommend: what is printed must
// run, in that order.
func runFixes(t *testing.T, conn *pgx.Conn, r *guard.Report) {
	t.Helper()
	for _, f := range r.Findings {
		for _, sql := range f.Fix {
			mustExec(t, conn, sql)
		}
	}
}
