package guard_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

// TestClassify finds the role of an index by its shape alone.
func TestClassify(t *testing.T) {
	cases := []struct {
		name  string
		index guard.Index
		role  guard.Role
		// open means that the planner has to be asked about the predicate.
		open          bool
		detail        string
		distinguishes []string
	}{
		{"a_unique_index_on_the_key_depends_on_its_predicate", keyIndex("i", predicate), guard.RoleUnrelated, true, "", nil},
		{
			"the_order_of_the_columns_does_not_matter",
			changed(keyIndex("i", predicate), func(i *guard.Index) { slices.Reverse(i.Columns) }), guard.RoleUnrelated, true, "", nil,
		},
		{"a_unique_index_on_the_key_without_predicate_is_stricter", keyIndex("i", ""), guard.RoleStricter, false, "can be assigned only once", nil},
		{
			"an_index_that_is_not_unique_is_a_lookalike_if_its_predicate_is_the_guards",
			changed(keyIndex("i", predicate), func(i *guard.Index) { i.Unique = false }), guard.RoleLookalike, true, "is not unique", nil,
		},
		{
			"an_index_that_is_not_unique_and_has_no_predicate_is_unrelated",
			changed(keyIndex("i", ""), func(i *guard.Index) { i.Unique = false }), guard.RoleUnrelated, false, "", nil,
		},
		{
			"one_that_a_failed_build_left_is_a_leftover",
			changed(keyIndex("i", predicate), func(i *guard.Index) { i.Valid = false }), guard.RoleLeftover, false, "valid false, ready true", nil,
		},
		{
			"a_deferrable_constraint_blocks",
			changed(keyIndex("i", ""), func(i *guard.Index) { i.Immediate, i.Constraint = false, "i" }), guard.RoleBlocking, false, "deferrable", nil,
		},
		{
			"one_on_the_key_and_more_is_finer",
			changed(keyIndex("i", ""), func(i *guard.Index) { i.Columns = []string{"tenant", "assignee_id", "subject_id"} }),
			guard.RoleFiner, true, `is on the columns "tenant", "assignee_id", "subject_id"`, []string{"tenant"},
		},
		{
			"one_on_a_part_of_the_key_is_stricter",
			changed(keyIndex("i", ""), func(i *guard.Index) { i.Columns = []string{"subject_id"} }),
			guard.RoleStricter, true, `allows one row for each "subject_id": a second one that differs only in "assignee_id"`, nil,
		},
		{
			"one_with_the_id_is_unrelated",
			changed(keyIndex("i", ""), func(i *guard.Index) { i.Columns = []string{"subject_id", "id"} }), guard.RoleUnrelated, false, "", nil,
		},
		{
			"one_on_other_columns_is_unrelated",
			changed(keyIndex("i", ""), func(i *guard.Index) { i.Columns, i.Mentions = []string{"ref"}, nil }), guard.RoleUnrelated, false, "", nil,
		},
		{
			"an_expression_over_the_key_is_stricter",
			changed(keyIndex("i", ""), func(i *guard.Index) { i.Columns = []string{"", "subject_id"} }),
			guard.RoleStricter, true, "compares the key by an expression", nil,
		},
		{
			"a_collation_that_makes_keys_equal_is_stricter",
			changed(keyIndex("i", ""), func(i *guard.Index) { i.Deterministic = false }),
			guard.RoleStricter, true, "a collation under which different keys are equal", nil,
		},
		{
			"an_operator_class_of_the_owners_is_stricter",
			changed(keyIndex("i", ""), func(i *guard.Index) { i.OperatorClasses = []string{"public.mine"} }),
			guard.RoleStricter, true, "the operator class public.mine", nil,
		},
		{
			"an_expression_with_further_columns_is_the_owners",
			changed(keyIndex("i", ""), func(i *guard.Index) {
				i.Columns, i.Mentions = []string{"", "tenant"}, []string{"assignee_id", "tenant"}
			}),
			guard.RoleUnrelated, false, "", nil,
		},
		{"the_temporary_index_of_a_stopped_run", keyIndex("assignment_guard_temporary_7", predicate), guard.RoleTemporary, false, "", nil},
		{"that_of_another_table_is_an_index_like_any_other", keyIndex("assignment_guard_temporary_8", predicate), guard.RoleUnrelated, true, "", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, open := guard.Classify(plainSpec(), plainCatalog(), c.index)
			if d.Role != c.role || open != c.open || !strings.Contains(d.Detail, c.detail) || c.detail == "" && d.Detail != "" {
				t.Errorf("role %d, open %t, detail %q; want %d, %t, %q", d.Role, open, d.Detail, c.role, c.open, c.detail)
			}
			if !slices.Equal(d.Distinguishes, c.distinguishes) {
				t.Errorf("distinguishes by %q, want %q", d.Distinguishes, c.distinguishes)
			}
		})
	}
	times := map[string]struct {
		pgType        guard.PGType
		distinguishes int
	}{"a_time_beside_the_key_is_no_part_of_it": {guard.TimestampTZ, 0}, "a_day_beside_the_key_may_be": {guard.Date, 1}}
	for name, c := range times {
		t.Run(name, func(t *testing.T) {
			spec, column := plainSpec(), textColumn("created")
			spec.Table.Columns.CreatedAt, column.PGType = column.Name, c.pgType
			catalog := plainCatalog(func(catalog *guard.Catalog) { catalog.Columns = append(catalog.Columns, column) })
			d, _ := guard.Classify(spec, catalog, changed(keyIndex("i", ""), func(i *guard.Index) { i.Columns = append(i.Columns, "created") }))
			if d.Role != guard.RoleFiner || len(d.Distinguishes) != c.distinguishes {
				t.Errorf("got %+v", d)
			}
		})
	}
}

func TestDependents(t *testing.T) {
	cases := []struct {
		name, says string
		change     func(*guard.Index)
	}{
		{"nothing", "", func(*guard.Index) {}},
		{"a_foreign_key", "the foreign key graded of grade depends on it", func(i *guard.Index) { i.ReferencedBy = []string{"graded of grade"} }},
		{"replication", "REPLICA IDENTITY", func(i *guard.Index) { i.ReplicaIdentity = true }},
		{"the_index_of_the_parent", "belongs to an index of the partitioned table", func(i *guard.Index) { i.Parent = 9 }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, _ := guard.Classify(plainSpec(), plainCatalog(), changed(keyIndex("i", ""), c.change))
			if !strings.Contains(d.Dependents, c.says) || c.says == "" && d.Dependents != "" {
				t.Errorf("got %q, want %q", d.Dependents, c.says)
			}
		})
	}
}

// TestDecide finds the role of an index on the key by what was proved about its
// predicate.
func TestDecide(t *testing.T) {
	softDelete := changed(keyIndex("i", "NOT deleted"), func(i *guard.Index) { i.Mentions = append(i.Mentions, "deleted") })
	cases := []struct {
		name   string
		index  guard.Index
		proofs guard.Proofs
		role   guard.Role
		exact  bool
		detail string
	}{
		{"the_same_predicate_guards", keyIndex("i", predicate), guard.Proofs{Identical: true}, guard.RoleGuard, true, ""},
		{
			"another_order_of_columns_guards_as_well", changed(keyIndex("i", predicate), func(i *guard.Index) { slices.Reverse(i.Columns) }),
			guard.Proofs{Identical: true}, guard.RoleGuard, false, "",
		},
		{
			"nulls_not_distinct_guards_as_well", changed(keyIndex("i", predicate), func(i *guard.Index) { i.NullsNotDistinct = true }),
			guard.Proofs{Identical: true}, guard.RoleGuard, false, "",
		},
		{"an_equivalent_predicate_guards", keyIndex("i", "other"), guard.Proofs{Covers: true, Covered: true}, guard.RoleGuard, false, ""},
		{"no_active_row_in_the_index_is_unrelated", keyIndex("i", "other"), guard.Proofs{Disjoint: true}, guard.RoleUnrelated, false, ""},
		{"more_rows_than_the_active_ones_is_stricter", keyIndex("i", "other"), guard.Proofs{Covers: true}, guard.RoleStricter, false, "also covers rows that hold no slot"},
		{"fewer_rows_is_a_lookalike", keyIndex("i", "other"), guard.Proofs{Covered: true}, guard.RoleLookalike, false, "does not cover every row"},
		{"other_rows_is_stricter", keyIndex("i", "other"), guard.Proofs{}, guard.RoleStricter, false, "and may cover others"},
		{"rows_left_out_by_a_column_that_is_not_mapped", softDelete, guard.Proofs{Covered: true}, guard.RoleLookalike, false, `leaves out rows by "deleted"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := guard.Decide(plainSpec(), plainCatalog(), c.index, c.proofs)
			if d.Role != c.role || d.Exact != c.exact || !strings.Contains(d.Detail, c.detail) {
				t.Errorf("got role %d, exact %t, %q; want %d, %t, %q", d.Role, d.Exact, d.Detail, c.role, c.exact, c.detail)
			}
			if problem := d.Problem == schema.GuardOtherPredicate; problem != (c.detail != "") {
				t.Errorf("problem %q with the detail %q", d.Problem, d.Detail)
			}
		})
	}
	t.Run("what_the_equivalence_depends_on_is_named", func(t *testing.T) {
		d := guard.Decide(plainSpec(), plainCatalog(), keyIndex("i", "other"), guard.Proofs{Covers: true, Covered: true, Because: "a CHECK"})
		if d.Because != "a CHECK" {
			t.Errorf("got %q", d.Because)
		}
	})
	t.Run("a_column_that_is_not_mapped_distinguishes", func(t *testing.T) {
		if d := guard.Decide(plainSpec(), plainCatalog(), softDelete, guard.Proofs{Covered: true}); !slices.Equal(d.Distinguishes, []string{"deleted"}) {
			t.Errorf("got %q", d.Distinguishes)
		}
	})
}
