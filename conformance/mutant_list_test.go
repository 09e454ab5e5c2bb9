package conformance_test

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
)

// listMutants list and count wrongly.
func listMutants() []mutant {
	order := func(name, rule string, compare func(a, b assignment.Assignment) int) mutant {
		return mutant{name: name, rule: rule, change: func(d *driver) { d.compare = compare }}
	}
	cursor := func(name, rule string, behind func(after assignment.Cursor, a assignment.Assignment) bool) mutant {
		return mutant{name: name, rule: rule, change: func(d *driver) { d.behind = behind }}
	}
	filter := func(name, rule string, change func(q *assignment.Query)) mutant {
		return mutant{name: name, rule: rule, change: func(d *driver) {
			d.matches = func(q assignment.Query, a assignment.Assignment) bool {
				change(&q)
				return q.Matches(a, d.lifecycle)
			}
			d.counts = d.matches
		}}
	}
	page := func(name, rule string, list func(ctx context.Context, d *driver, q assignment.Query) ([]assignment.Assignment, error)) mutant {
		return mutant{name: name, rule: rule, wrap: func(d *driver) assignment.Store { return listing{d, list} }}
	}
	return []mutant{
		order("list_by_id", "list/oldest_first_then_by_id", func(a, b assignment.Assignment) int { return cmp.Compare(a.ID, b.ID) }),
		order("list_newest_first", "list/oldest_first_then_by_id", func(a, b assignment.Assignment) int { return inOrder(b, a) }),
		order("list_by_folded_id", "list/id_order_is_bytewise", func(a, b assignment.Assignment) int {
			return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(strings.ToLower(string(a.ID)), strings.ToLower(string(b.ID))), inOrder(a, b))
		}),
		order("list_by_change", "list/order_survives_changes", func(a, b assignment.Assignment) int {
			return cmp.Or(a.UpdatedAt.Compare(b.UpdatedAt), inOrder(a, b))
		}),
		page("limit_ignored", "list/limit_returns_the_first_rows", func(ctx context.Context, d *driver, q assignment.Query) ([]assignment.Assignment, error) {
			q.Limit = 1000
			return d.List(ctx, q)
		}),
		page("limit_takes_the_last", "list/limit_returns_the_first_rows", func(ctx context.Context, d *driver, q assignment.Query) ([]assignment.Assignment, error) {
			limit := q.Limit
			q.Limit = 1000
			rows, err := d.List(ctx, q)
			return rows[max(0, len(rows)-limit):], err
		}),
		page("empty_list_is_not_found", "list/no_match_is_an_empty_list", func(ctx context.Context, d *driver, q assignment.Query) ([]assignment.Assignment, error) {
			rows, err := d.List(ctx, q)
			if err == nil && len(rows) == 0 && q.AssigneeID != "" {
				err = assignment.ErrNotFound
			}
			return rows, err
		}),
		cursor("paging_repeats", "paging/pages_contain_every_row_once", func(after assignment.Cursor, a assignment.Assignment) bool {
			return a.Cursor().Compare(after) >= 0
		}),
		cursor("paging_by_time_alone", "paging/pages_contain_every_row_once", func(after assignment.Cursor, a assignment.Assignment) bool {
			return a.CreatedAt.After(after.CreatedAt)
		}),
		cursor("paging_by_id_alone", "paging/pages_contain_every_row_once", func(after assignment.Cursor, a assignment.Assignment) bool {
			return a.ID > after.ID
		}),
		cursor("cursor_to_the_millisecond", "paging/last_page_is_short", func(after assignment.Cursor, a assignment.Assignment) bool {
			after.CreatedAt = after.CreatedAt.Truncate(1e6)
			return a.Cursor().Compare(after) > 0
		}),
		page("paging_by_offset", "paging/rows_added_while_paging", byOffset()),
		page("cursor_needs_its_row", "paging/cursor_survives_changes_of_its_row", cursorNeedsItsRow),
		page("first_page_unfiltered", "paging/with_filters", func(ctx context.Context, d *driver, q assignment.Query) ([]assignment.Assignment, error) {
			if !q.After.IsZero() {
				q = assignment.Query{After: q.After, Limit: q.Limit}
			}
			return d.List(ctx, q)
		}),
		page("cursor_of_this_process", "paging/cursor_survives_its_text_form", func(ctx context.Context, d *driver, q assignment.Query) ([]assignment.Assignment, error) {
			if !q.After.IsZero() && q.Limit > 1 {
				q.After = assignment.Cursor{}
			}
			return d.List(ctx, q)
		}),
		filter("assignee_filter_ignored", "filter/each_condition", func(q *assignment.Query) { q.AssigneeID = "" }),
		filter("subject_filter_ignored", "filter/each_condition", func(q *assignment.Query) { q.SubjectID = "" }),
		filter("account_filter_ignored", "filter/each_condition", func(q *assignment.Query) { q.AccountID = "" }),
		filter("status_filter_takes_one", "filter/each_condition", func(q *assignment.Query) { q.Statuses = q.Statuses[:min(1, len(q.Statuses))] }),
		filter("second_condition_ignored", "filter/conditions_are_joined_by_and", func(q *assignment.Query) {
			if q.ActiveOnly {
				q.Statuses = nil
			}
		}),
		filter("due_before_includes", "filter/due_before_is_exclusive", func(q *assignment.Query) {
			if !q.DueBefore.IsZero() {
				q.DueBefore = q.DueBefore.Add(1)
			}
		}),
		{name: "no_due_time_is_early", rule: "filter/due_before_is_exclusive", change: func(d *driver) {
			d.matches = func(q assignment.Query, a assignment.Assignment) bool {
				return q.Matches(a, d.lifecycle) || !q.DueBefore.IsZero() && a.DueAt.IsZero()
			}
		}},
		{name: "active_only_is_hard_coded", rule: "filter/active_only_follows_the_lifecycle", change: func(d *driver) {
			d.matches = func(q assignment.Query, a assignment.Assignment) bool {
				return q.Matches(a, assignment.DefaultLifecycle())
			}
			d.counts = d.matches
		}},
		{name: "account_filter_folds_case", rule: "fidelity/account_id_is_any_text", change: func(d *driver) {
			d.matches = func(q assignment.Query, a assignment.Assignment) bool {
				folded := strings.EqualFold(q.AccountID, a.AccountID)
				q.AccountID = ""
				return folded && q.Matches(a, d.lifecycle)
			}
		}},
		{name: "filters_are_patterns", rule: "key/filters_are_exact", change: func(d *driver) {
			d.matches = func(q assignment.Query, a assignment.Assignment) bool {
				q.AssigneeID = strings.TrimSuffix(q.AssigneeID, "%")
				prefix := strings.HasPrefix(a.Key.AssigneeID, q.AssigneeID)
				q.AssigneeID = ""
				return prefix && q.Matches(a, d.lifecycle)
			}
		}},
		{name: "count_disagrees", rule: "filter/each_condition", change: func(d *driver) {
			d.counts = func(q assignment.Query, a assignment.Assignment) bool {
				q.Statuses = nil
				return q.Matches(a, d.lifecycle)
			}
		}},
		{name: "count_behind_the_cursor", rule: "filter/count_ignores_limit_and_cursor", change: func(d *driver) {
			d.counts = func(q assignment.Query, a assignment.Assignment) bool {
				return a.Cursor().Compare(q.After) > 0 && q.Matches(a, d.lifecycle)
			}
		}},
	}
}

type listing struct {
	*driver
	list func(ctx context.Context, d *driver, q assignment.Query) ([]assignment.Assignment, error)
}

func (s listing) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	return s.list(ctx, s.driver, q)
}

// byOffset skips as many rows as it has returned before, as OFFSET does.
func byOffset() func(ctx context.Context, d *driver, q assignment.Query) ([]assignment.Assignment, error) {
	return func(ctx context.Context, d *driver, q assignment.Query) ([]assignment.Assignment, error) {
		given := 0
		if !q.After.IsZero() {
			before := q
			before.After, before.Limit = assignment.Cursor{}, 1000
			rows, err := d.List(ctx, before)
			if err != nil {
				return nil, err
			}
			given = slices.IndexFunc(rows, func(a assignment.Assignment) bool { return a.Cursor() == q.After }) + 1
			given -= given % q.Limit
		}
		q.After = assignment.Cursor{}
		q.Limit += given
		rows, err := d.List(ctx, q)
		return rows[min(given, len(rows)):], err
	}
}

// cursorNeedsItsRow starts at the beginning when the row of the cursor no longer matches.
func cursorNeedsItsRow(ctx context.Context, d *driver, q assignment.Query) ([]assignment.Assignment, error) {
	a, ok := d.table.get(q.After.ID)
	if !ok || !q.Matches(a, d.lifecycle) {
		q.After = assignment.Cursor{}
	}
	return d.List(ctx, q)
}
