package conformance_test

import (
	"context"
	"errors"
	"time"

	"github.com/assignment-go/assignment"
)

// changeMutants make changes of status and assignee wrongly.
func changeMutants() []mutant {
	guarded := func(name, rule string, guarded func(assignment.Change) bool) mutant {
		return mutant{name: name, rule: rule, change: func(d *driver) { d.guarded = guarded }}
	}
	result := func(name, rule string, change func(cur, next assignment.Assignment) assignment.Assignment) mutant {
		return mutant{name: name, rule: rule, change: func(d *driver) {
			d.apply = func(c assignment.Change, cur assignment.Assignment) (assignment.Assignment, error) {
				next, err := c.Apply(cur, d.lifecycle)
				return change(cur, next), err
			}
		}}
	}
	applied := func(name, rule string, change func(c *assignment.Change, cur assignment.Assignment)) mutant {
		return mutant{name: name, rule: rule, change: func(d *driver) {
			d.apply = func(c assignment.Change, cur assignment.Assignment) (assignment.Assignment, error) {
				change(&c, cur)
				return c.Apply(cur, d.lifecycle)
			}
		}}
	}
	return []mutant{
		guarded("reopen_unguarded", "reopen/conflict_returns_the_holder", func(c assignment.Change) bool { return c.To == "" }),
		guarded("reopen_of_a_second_unguarded", "reopen/only_one_per_key", func(c assignment.Change) bool { return c.To == "" }),
		guarded("reassign_unguarded", "reassign/conflict_returns_the_holder", func(c assignment.Change) bool { return c.AssigneeID == "" }),
		result("version_not_raised", "version/counts_changes", func(cur, next assignment.Assignment) assignment.Assignment {
			next.Version = cur.Version
			return next
		}),
		result("no_change_raises_the_version", "transition/same_status_is_no_change", func(cur, next assignment.Assignment) assignment.Assignment {
			next.Version = cur.Version + 1
			return next
		}),
		result("no_reassignment_raises_the_version", "reassign/to_the_same_assignee_is_no_change", func(cur, next assignment.Assignment) assignment.Assignment {
			next.Version = cur.Version + 1
			return next
		}),
		result("completed_at_missing", "completion/time_is_set_in_terminal_statuses", func(_, next assignment.Assignment) assignment.Assignment {
			next.CompletedAt = time.Time{}
			return next
		}),
		result("completed_at_not_cleared", "completion/time_is_cleared_by_reopening", func(cur, next assignment.Assignment) assignment.Assignment {
			if next.CompletedAt.IsZero() {
				next.CompletedAt = cur.CompletedAt
			}
			return next
		}),
		result("updated_at_never_goes_back", "fidelity/times_may_go_back", func(cur, next assignment.Assignment) assignment.Assignment {
			if next.UpdatedAt.Before(cur.UpdatedAt) {
				next.UpdatedAt = cur.UpdatedAt
			}
			return next
		}),
		result("change_drops_the_metadata", "fidelity/metadata_survives_changes", func(_, next assignment.Assignment) assignment.Assignment {
			next.Metadata = nil
			return next
		}),
		result("change_moves_the_row", "list/order_survives_changes", func(_, next assignment.Assignment) assignment.Assignment {
			next.CreatedAt = next.UpdatedAt
			return next
		}),
		result("reopened_stays_completed", "reopen/takes_a_free_slot", func(_, next assignment.Assignment) assignment.Assignment {
			next.CompletedAt = next.UpdatedAt
			return next
		}),
		result("reassignment_changes_nothing", "reassign/moves_the_slot", func(cur, next assignment.Assignment) assignment.Assignment {
			next.Key = cur.Key
			return next
		}),
		applied("version_counted_from_0", "version/matching_version_is_applied", func(c *assignment.Change, _ assignment.Assignment) {
			if c.IfVersion != 0 {
				c.IfVersion++
			}
		}),
		applied("version_ignored", "version/mismatch_is_stale", func(c *assignment.Change, _ assignment.Assignment) { c.IfVersion = 0 }),
		applied("version_ignored_by_reassign", "reassign/old_version_is_stale", func(c *assignment.Change, _ assignment.Assignment) { c.IfVersion = 0 }),
		applied("version_ignored_when_nothing_changes", "version/mismatch_is_stale", func(c *assignment.Change, cur assignment.Assignment) {
			if c.To == cur.Status {
				c.IfVersion = 0
			}
		}),
		{name: "every_move_is_allowed", rule: "transition/forbidden_moves_are_rejected", change: anyMoveAllowed},
		{name: "closed_rows_are_reassigned", rule: "reassign/terminal_is_rejected", change: anyMoveAllowed},
		{name: "moves_unlike_the_reference", rule: "history/random_calls_match_the_reference", change: anyMoveAllowed},
		{name: "unknown_status_is_stuck", rule: "foreign/unknown_status_can_be_closed", change: func(d *driver) {
			d.apply = func(c assignment.Change, cur assignment.Assignment) (assignment.Assignment, error) {
				if !d.lifecycle.Knows(cur.Status) {
					return assignment.Assignment{}, &assignment.TransitionError{ID: cur.ID, From: cur.Status, To: c.To}
				}
				return c.Apply(cur, d.lifecycle)
			}
		}},
		{name: "some_allowed_moves_are_rejected", rule: "transition/allowed_moves_succeed", change: func(d *driver) {
			d.apply = func(c assignment.Change, cur assignment.Assignment) (assignment.Assignment, error) {
				return c.Apply(cur, assignment.DefaultLifecycle())
			}
		}},
		{name: "complete_ignores_the_id", rule: "transition/changes_only_the_row_with_the_id", wrap: func(d *driver) assignment.Store { return updatesAllOfAssignee{d} }},
		{name: "conflict_before_stale", rule: "version/stale_takes_precedence_over_a_conflict", wrap: func(d *driver) assignment.Store { return conflictBeforeStale{d} }},
		{name: "missing_row_is_changed", rule: "transition/unknown_id_is_not_found", wrap: func(d *driver) assignment.Store { return ignoresMissing{d} }},
		{name: "missing_row_is_reassigned", rule: "reassign/unknown_id_is_not_found", wrap: func(d *driver) assignment.Store { return ignoresMissing{d} }},
		{name: "missing_row_is_stale", rule: "version/missing_row_is_not_found", wrap: func(d *driver) assignment.Store { return staleIfMissing{d} }},
	}
}

// anyMoveAllowed applies every change.
func anyMoveAllowed(d *driver) {
	d.apply = func(c assignment.Change, cur assignment.Assignment) (assignment.Assignment, error) {
		next, err := c.Apply(cur, d.lifecycle)
		if errors.Is(err, assignment.ErrTransition) {
			next = cur
			next.Version, next.UpdatedAt = cur.Version+1, c.At
			if c.To != "" {
				next.Status = c.To
			}
			if c.AssigneeID != "" {
				next.Key.AssigneeID = c.AssigneeID
			}
			return next, nil
		}
		return next, err
	}
}

// updatesAllOfAssignee changes every row of the assignee for which the change is allowed.
type updatesAllOfAssignee struct{ *driver }

func (s updatesAllOfAssignee) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	changed, err := s.driver.Update(ctx, id, c)
	if err != nil {
		return changed, err
	}
	for _, a := range s.table.all(func(a assignment.Assignment) bool { return a.Key.AssigneeID == changed.Key.AssigneeID }) {
		if next, err := c.Apply(a, s.lifecycle); err == nil {
			s.table.put(next)
		}
	}
	return changed, nil
}

// conflictBeforeStale looks up the holder before it checks the version.
type conflictBeforeStale struct{ *driver }

func (s conflictBeforeStale) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	cur, _ := s.table.get(id)
	if holder, ok := s.otherHolder(cur); ok {
		return assignment.Assignment{}, s.conflict(cur.Key, holder)
	}
	return s.driver.Update(ctx, id, c)
}

// ignoresMissing does not check the number of changed rows.
type ignoresMissing struct{ *driver }

func (s ignoresMissing) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	a, err := s.driver.Update(ctx, id, c)
	if errors.Is(err, assignment.ErrNotFound) {
		return assignment.Assignment{ID: id}, nil
	}
	return a, err
}

// staleIfMissing reports a missing row as one with another version.
type staleIfMissing struct{ *driver }

func (s staleIfMissing) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	a, err := s.driver.Update(ctx, id, c)
	if errors.Is(err, assignment.ErrNotFound) {
		return a, assignment.ErrStale
	}
	return a, err
}
