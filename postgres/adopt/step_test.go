package adopt_test

import (
	"strings"
	"testing"

	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/internal/guard"
)

const prismaCreateSQL = `CREATE UNIQUE INDEX CONCURRENTLY "assignments_active_key" ON "public"."assignments" ("counselor_id", "scenario_id") ` +
	`WHERE "status" <> 'completed'`

// TestSteps has the steps for the indexes of a table, in their order.
func TestSteps(t *testing.T) {
	index := func(name string) guard.Index {
		return guard.Index{OID: 8, Schema: "public", Name: name, Valid: true, Ready: true, Live: true}
	}
	cases := []struct {
		name     string
		verdicts []guard.Verdict
		taken    []string
		want     string
	}{
		{"a_missing_guard_is_built", nil, nil, prismaCreateSQL},
		{
			"under_a_free_name", nil, []string{"assignments_active_key", "assignments_active_key_2"},
			strings.Replace(prismaCreateSQL, "_key", "_key_3", 1),
		},
		{"a_guard_needs_nothing", []guard.Verdict{{Index: index("mine"), Role: guard.RoleGuard}}, nil, ""},
		{
			"what_it_supersedes_is_dropped",
			[]guard.Verdict{{Index: index("mine"), Role: guard.RoleGuard}, {Index: index("old"), Role: guard.RoleSuperseded}}, nil,
			`DROP INDEX CONCURRENTLY "public"."old"`,
		},
		{
			"unless_something_depends_on_it",
			[]guard.Verdict{{Index: index("mine"), Role: guard.RoleGuard}, {Index: index("old"), Role: guard.RoleSuperseded, Dependents: "a key"}}, nil, "",
		},
		{
			"the_temporary_index_is_dropped_after_the_build", []guard.Verdict{{Index: index("temporary"), Role: guard.RoleTemporary}}, nil,
			prismaCreateSQL + `; DROP INDEX CONCURRENTLY "public"."temporary"`,
		},
		{"rules_of_the_host_stay", []guard.Verdict{{Index: index("rule"), Role: guard.RoleStricter}, {Index: index("finer"), Role: guard.RoleFiner}}, nil, prismaCreateSQL},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			steps, err := mustUnit(t, prismaOptions(), prismaReport(func(r *guard.Report) {
				r.Verdicts, r.Catalog.Taken = c.verdicts, c.taken
			})).Steps()
			if err != nil {
				t.Fatal(err)
			}
			want(t, "steps", sqlOf(steps), c.want)
		})
	}
}

// TestStepSQL has the statements of the other steps.
func TestStepSQL(t *testing.T) {
	unit := mustUnit(t, prismaOptions(), prismaReport())
	t.Run("a_partitioned_table", func(t *testing.T) {
		want(t, "declared", sqlOf([]adopt.Step{unit.CreateOnly("g")}),
			`CREATE UNIQUE INDEX "g" ON ONLY "public"."assignments" ("counselor_id", "scenario_id") WHERE "status" <> 'completed'`)
		want(t, "attached", sqlOf([]adopt.Step{adopt.Attach(`"g"`, `"part_g"`)}), `ALTER INDEX "g" ATTACH PARTITION "part_g"`)
	})
	t.Run("the_temporary_index", func(t *testing.T) {
		want(t, "built", sqlOf([]adopt.Step{unit.Temporary("tmp", `"created_at" > 'later'`)}),
			`CREATE UNIQUE INDEX CONCURRENTLY "tmp" ON "public"."assignments" ("counselor_id", "scenario_id") `+
				`WHERE "status" <> 'completed' AND "created_at" > 'later'`)
	})
	t.Run("not_null", func(t *testing.T) {
		const alter, check = `ALTER TABLE "public"."assignments" `, `"assignment_guard_not_null_7"`
		want(t, "set", sqlOf(unit.NotNull("status", "scenario_id")), strings.Join([]string{
			alter + `DROP CONSTRAINT IF EXISTS ` + check,
			alter + `ADD CONSTRAINT ` + check + ` CHECK ("status" IS NOT NULL AND "scenario_id" IS NOT NULL) NOT VALID`,
			alter + `VALIDATE CONSTRAINT ` + check,
			alter + `ALTER COLUMN "status" SET NOT NULL, ALTER COLUMN "scenario_id" SET NOT NULL`,
			alter + `DROP CONSTRAINT ` + check,
		}, "; "))
	})
}
