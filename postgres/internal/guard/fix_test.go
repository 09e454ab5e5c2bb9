package guard_test

import (
	"strings"
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

const (
	createSQL = `CREATE UNIQUE INDEX CONCURRENTLY "assignments_active_key" ON "public"."assignments" ("assignee_id", "subject_id") ` +
		`WHERE "status" NOT IN ('cancelled', 'completed');`
	alterSQL = `ALTER TABLE "public"."assignments" ALTER COLUMN `
)

// TestFixes has the statements that are proposed, character by character.
func TestFixes(t *testing.T) {
	verdict := func(role guard.Role, i guard.Index) guard.Verdict {
		return guard.Verdict{Index: i, Role: role, OnKey: true}
	}
	column := func(n int, change func(*guard.Column)) func(*guard.Catalog) {
		return func(c *guard.Catalog) { change(&c.Columns[n]) }
	}
	leftover := changed(keyIndex("left", predicate), func(i *guard.Index) { i.Valid = false })
	cases := []struct {
		name     string
		catalog  *guard.Catalog
		verdicts []guard.Verdict
		want     []string
	}{
		{"a_missing_guard_is_built", plainCatalog(), nil, []string{createSQL}},
		{
			"under_a_free_name", plainCatalog(func(c *guard.Catalog) { c.Taken = []string{"assignments_active_key"} }), nil,
			[]string{strings.Replace(createSQL, "active_key", "active_key_2", 1)},
		},
		{
			"not_concurrently_on_a_partitioned_table", plainCatalog(func(c *guard.Catalog) { c.Kind = "p" }), nil,
			[]string{strings.Replace(createSQL, " CONCURRENTLY", "", 1)},
		},
		{
			"a_leftover_is_dropped_after_that", plainCatalog(), []guard.Verdict{verdict(guard.RoleLeftover, leftover)},
			[]string{createSQL, `DROP INDEX CONCURRENTLY "public"."left";`},
		},
		{
			"a_leftover_that_something_depends_on_stays", plainCatalog(),
			[]guard.Verdict{verdict(guard.RoleLeftover, changed(leftover, func(i *guard.Index) { i.ReplicaIdentity = true }))}, []string{createSQL},
		},
		{
			"a_stricter_index_stays", plainCatalog(), []guard.Verdict{verdict(guard.RoleStricter, keyIndex("rule", ""))}, []string{createSQL},
		},
		{
			"a_table_without_primary_key_gets_one", plainCatalog(func(c *guard.Catalog) { c.Indexes = nil }),
			[]guard.Verdict{verdict(guard.RoleGuard, keyIndex("guard", predicate))},
			[]string{`ALTER TABLE "public"."assignments" ADD PRIMARY KEY ("id");`},
		},
		{
			"a_table_with_another_primary_key_gets_an_index",
			plainCatalog(func(c *guard.Catalog) { c.Indexes = []guard.Index{primaryKey("n")} }),
			[]guard.Verdict{verdict(guard.RoleGuard, keyIndex("guard", predicate))},
			[]string{`CREATE UNIQUE INDEX CONCURRENTLY ON "public"."assignments" ("id");`},
		},
		{
			"a_partitioned_table_gets_one_with_the_partition_key",
			plainCatalog(func(c *guard.Catalog) { c.Indexes, c.Kind, c.PartitionedBy = nil, "p", []string{"assignee_id"} }),
			[]guard.Verdict{verdict(guard.RoleGuard, keyIndex("guard", predicate))},
			[]string{`ALTER TABLE "public"."assignments" ADD PRIMARY KEY ("id", "assignee_id");`},
		},
		{
			"a_nullable_column_is_set_not_null", plainCatalog(column(3, func(c *guard.Column) { c.NotNull = false })),
			[]guard.Verdict{verdict(guard.RoleGuard, keyIndex("guard", predicate))},
			[]string{alterSQL + `"status" SET NOT NULL;`},
		},
		{
			"a_column_that_a_foreign_key_sets_to_null_is_for_the_owner_to_decide",
			plainCatalog(column(2, func(c *guard.Column) { c.NotNull, c.NulledBy = false, []string{"f"} })),
			[]guard.Verdict{verdict(guard.RoleGuard, keyIndex("guard", predicate))}, nil,
		},
		{
			"a_short_status_column_is_widened",
			plainCatalog(column(3, func(c *guard.Column) { c.PGType, c.Limit = guard.Varchar, 10 })),
			[]guard.Verdict{verdict(guard.RoleGuard, keyIndex("guard", predicate))},
			[]string{alterSQL + `"status" TYPE text;`},
		},
		{
			"a_collation_is_replaced", plainCatalog(column(1, func(c *guard.Column) { c.Deterministic = false })), nil,
			[]string{alterSQL + `"assignee_id" TYPE text COLLATE "C";`},
		},
		{
			"an_enum_gets_the_statuses_that_it_lacks",
			plainCatalog(column(3, func(c *guard.Column) {
				c.PGType, c.Cast, c.Labels = guard.Enum, "public.st", []string{"pending", "in_progress", "completed"}
			})), nil,
			[]string{`ALTER TYPE public.st ADD VALUE 'cancelled';`},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			wantSQL(t, fixesOf(guard.CheckIndexes(plainSpec(), c.catalog, c.verdicts...)), c.want...)
		})
	}
}

// TestWarningFixes has what is proposed about an index beside a guard.
func TestWarningFixes(t *testing.T) {
	beside := func(name string, change func(*guard.Index)) *guard.Report {
		catalog := plainCatalog(func(c *guard.Catalog) {
			c.Indexes = append(c.Indexes, keyIndex("guard", predicate), changed(keyIndex(name, ""), change))
		})
		var verdicts []guard.Verdict
		for _, i := range catalog.Indexes[1:] {
			d, _ := guard.Classify(plainSpec(), catalog, i)
			if i.Name == "guard" {
				d.Role = guard.RoleGuard
			}
			verdicts = append(verdicts, d)
		}
		return guard.CheckIndexes(plainSpec(), catalog, verdicts...)
	}
	t.Run("one_that_the_sdk_built_may_be_dropped", func(t *testing.T) {
		r := beside("assignments_active_key_2", func(*guard.Index) {})
		wantFinding(t, r.Warnings, schema.GuardFullIndex, "It is named like a guard of the SDK")
		wantSQL(t, r.Warnings[0].Fix, `DROP INDEX CONCURRENTLY "public"."assignments_active_key_2";`)
	})
	t.Run("one_of_the_owners_is_left_to_the_owner", func(t *testing.T) {
		r := beside("rule", func(*guard.Index) {})
		wantFinding(t, r.Warnings, schema.GuardFullIndex, `unique index "rule" is stricter than the policy`)
		wantSQL(t, r.Warnings[0].Fix)
	})
	t.Run("one_that_something_depends_on_is_not_dropped", func(t *testing.T) {
		r := beside("assignments_active_key_2", func(i *guard.Index) { i.ReplicaIdentity = true })
		wantFinding(t, r.Warnings, schema.GuardFullIndex, "which is not possible while the REPLICA IDENTITY")
		wantSQL(t, r.Warnings[0].Fix)
	})
	t.Run("a_partition_that_is_half_detached", func(t *testing.T) {
		r := guard.CheckCatalog(plainSpec(), plainCatalog(func(c *guard.Catalog) {
			c.Kind, c.Partitions = "p", []guard.Partition{{Schema: "public", Name: "part", Kind: "r", Detaching: true}}
		}))
		wantSQL(t, r.Warnings[0].Fix, `ALTER TABLE "public"."assignments" DETACH PARTITION "public"."part" FINALIZE;`)
	})
}

func TestFiner(t *testing.T) {
	finer := guard.Verdict{Index: keyIndex("finer", ""), Role: guard.RoleFiner, Distinguishes: []string{"tenant"}}
	t.Run("is_found_without_a_guard", func(t *testing.T) {
		if d, found := guard.CheckIndexes(plainSpec(), plainCatalog(), finer).Finer(); !found || d.Index.Name != "finer" {
			t.Errorf("got %+v, %t", d, found)
		}
	})
	t.Run("does_not_matter_beside_a_guard", func(t *testing.T) {
		good := guard.Verdict{Index: keyIndex("guard", predicate), Role: guard.RoleGuard, OnKey: true}
		if d, found := guard.CheckIndexes(plainSpec(), plainCatalog(), finer, good).Finer(); found {
			t.Errorf("got %+v", d)
		}
	})
}

func TestNullable(t *testing.T) {
	columns := func(changes ...func(*guard.Catalog)) []string {
		all := append([]func(*guard.Catalog){func(c *guard.Catalog) { c.Columns[1].NotNull, c.Columns[3].NotNull = false, false }}, changes...)
		return guard.CheckCatalog(plainSpec(), plainCatalog(all...)).Nullable
	}
	t.Run("are_the_columns_that_need_no_decision", func(t *testing.T) {
		wantSQL(t, columns(), "assignee_id", "status")
	})
	t.Run("are_not_those_that_a_foreign_key_clears", func(t *testing.T) {
		wantSQL(t, columns(func(c *guard.Catalog) { c.Columns[1].NulledBy = []string{"f"} }), "status")
	})
	t.Run("are_not_those_in_which_null_is_a_key", func(t *testing.T) {
		wantSQL(t, columns(func(c *guard.Catalog) {
			c.Indexes = append(c.Indexes, changed(keyIndex("i", ""), func(i *guard.Index) { i.NullsNotDistinct = true }))
		}), "status")
	})
}
