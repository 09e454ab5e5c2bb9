package adopt_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/internal/guard"
)

// row is stored with the status; "NULL" is none, and a status after an arrow is what
// the options replace it with.
func row(id, status string) adopt.Row {
	stored, effective, rewritten := strings.Cut(status, "->")
	if !rewritten {
		effective = stored
	}
	r := adopt.Row{ID: assignment.ID(id), Status: assignment.Status(effective)}
	if stored != "NULL" {
		s := assignment.Status(stored)
		r.Stored = &s
	}
	return r
}

// described lists changes as "id=status reason kept".
func described(changes []adopt.Change) string {
	var all []string
	for _, c := range changes {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s=%s %s %s", c.ID, c.NewStatus, c.Reason, c.KeptID)))
	}
	return strings.Join(all, ", ")
}

// TestDecide has groups, their rows from the oldest to the newest, and what becomes
// of them.
func TestDecide(t *testing.T) {
	cases := []struct {
		name               string
		policy             adopt.Policy
		rows               []adopt.Row
		retired, rewritten string
	}{
		{"oldest_keeps_the_first", adopt.Oldest(), []adopt.Row{row("a", "pending"), row("b", "pending")}, "b=completed oldest a", ""},
		{"newest_keeps_the_last", adopt.Newest(), []adopt.Row{row("a", "pending"), row("b", "pending")}, "a=completed newest b", ""},
		{"the_default_is_oldest", adopt.Policy{}, []adopt.Row{row("a", "pending"), row("b", "in_progress")}, "b=completed oldest a", ""},
		{
			"most_advanced_ranks_by_the_lifecycle", adopt.MostAdvanced(), []adopt.Row{row("a", "pending"), row("b", "in_progress"), row("c", "in_progress")},
			"a=completed most-advanced b, c=completed most-advanced b", "",
		},
		{
			"most_advanced_ranks_by_the_order", adopt.MostAdvanced("in_progress", "pending"), []adopt.Row{row("a", "in_progress"), row("b", "pending")},
			"a=completed most-advanced b", "",
		},
		{
			"a_status_that_is_not_in_the_order_ranks_below_all", adopt.MostAdvanced("pending"), []adopt.Row{row("a", "in_progress"), row("b", "pending")},
			"a=completed most-advanced b", "",
		},
		{
			"a_status_that_the_repair_gives_ranks_behind_a_stored_one", adopt.MostAdvanced(), []adopt.Row{row("a", "NULL->pending"), row("b", "pending")},
			"a=completed most-advanced b", "",
		},
		{"a_terminal_row_competes_for_nothing", adopt.Oldest(), []adopt.Row{row("a", "completed"), row("b", "pending")}, "", ""},
		{"a_single_holder_stays", adopt.Oldest(), []adopt.Row{row("a", "pending")}, "", ""},
		{"a_single_unknown_status_stays", adopt.Oldest(), []adopt.Row{row("a", "Done")}, "", ""},
		{"a_status_is_only_rewritten", adopt.Oldest(), []adopt.Row{row("a", "Done->completed"), row("b", "pending")}, "", "a=completed rewrite"},
		{
			"a_row_that_is_retired_needs_no_rewrite", adopt.Oldest(), []adopt.Row{row("a", "NULL->pending"), row("b", "NULL->pending")},
			"b=completed oldest a", "a=pending rewrite",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			unit := mustUnit(t, repairing(adopt.RepairOptions{Policy: c.policy}), prismaReport())
			retired, rewritten, err := unit.Decide(adopt.Group{Rows: c.rows})
			if err != nil {
				t.Fatal(err)
			}
			want(t, "retired", described(retired), c.retired)
			want(t, "rewritten", described(rewritten), c.rewritten)
		})
	}
	rejected := []struct {
		name, field string
		options     adopt.RepairOptions
		change      func(*adopt.Options, *guard.Report)
		second      string
	}{
		{"an_unknown_status_that_competes", "Repair.Rewrite", adopt.RepairOptions{}, nil, "Done"},
		{
			"oldest_without_a_time", "Repair.Policy", adopt.RepairOptions{},
			func(o *adopt.Options, _ *guard.Report) { o.Table.Columns.CreatedAt = "" }, "pending",
		},
		{
			"a_policy_that_keeps_another_row", "Repair.Policy",
			adopt.RepairOptions{Policy: adopt.Keep("wild", func(adopt.Group) (assignment.ID, error) { return "zz", nil })}, nil, "pending",
		},
	}
	for _, c := range rejected {
		t.Run(c.name+"_is_rejected", func(t *testing.T) {
			opts, report := repairing(c.options), prismaReport()
			if c.change != nil {
				c.change(opts, report)
			}
			_, _, err := mustUnit(t, opts, report).Decide(adopt.Group{Rows: []adopt.Row{row("a", "pending"), row("b", c.second)}})
			wantInvalid(t, err, c.field)
		})
	}
	t.Run("oldest_needs_no_time_where_ids_are_integers", func(t *testing.T) {
		opts := repairing(adopt.RepairOptions{})
		opts.Table.Columns.CreatedAt = ""
		unit := mustUnit(t, opts, prismaReport(func(r *guard.Report) { r.Catalog.Columns[0].PGType = guard.Bigint }))
		retired, _, err := unit.Decide(adopt.Group{Rows: []adopt.Row{row("1", "pending"), row("2", "pending")}})
		if err != nil || len(retired) != 1 || retired[0].ID != "2" {
			t.Errorf("got %+v, %v", retired, err)
		}
	})
}

func TestSort(t *testing.T) {
	ids := func(t *testing.T, idType guard.PGType, rows ...adopt.Row) string {
		unit := mustUnit(t, prismaOptions(), prismaReport(func(r *guard.Report) { r.Catalog.Columns[0].PGType = idType }))
		unit.Sort(rows)
		var all []string
		for _, r := range rows {
			all = append(all, string(r.ID))
		}
		return strings.Join(all, " ")
	}
	t.Run("integers_sort_as_numbers", func(t *testing.T) {
		got := ids(t, guard.Bigint, row("10", ""), row("9", ""), row("9223372036854775807", ""), row("-9223372036854775808", ""))
		want(t, "order", got, "-9223372036854775808 9 10 9223372036854775807")
	})
	t.Run("text_sorts_bytewise", func(t *testing.T) {
		want(t, "order", ids(t, guard.Text, row("9", ""), row("10", "")), "10 9")
	})
}

func TestBatches(t *testing.T) {
	group := func(n int) []string { return make([]string, n) }
	cases := []struct {
		name   string
		groups [][]string
		want   string
	}{
		{"nothing", nil, "[]"},
		{"as_many_as_fit", [][]string{group(2), group(2), group(2)}, "[2 1]"},
		{"a_group_that_is_too_large_is_a_batch_of_its_own", [][]string{group(1), group(9), group(1)}, "[1 1 1]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var sizes []int
			for batch := range adopt.Batches(c.groups, 5) {
				sizes = append(sizes, len(batch))
			}
			want(t, "groups in each batch", fmt.Sprint(sizes), c.want)
		})
	}
}

func TestPolicyString(t *testing.T) {
	for name, policy := range map[string]adopt.Policy{"oldest": {}, "newest": adopt.Newest(), "most-advanced": adopt.MostAdvanced()} {
		t.Run(name, func(t *testing.T) { want(t, "name", policy.String(), name) })
	}
}
