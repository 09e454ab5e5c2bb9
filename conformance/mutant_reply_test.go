package conformance_test

import (
	"context"
	"errors"
	"reflect"

	"github.com/assignment-go/assignment"
)

// replyMutants return wrong results.
func replyMutants() []mutant {
	sameID := func(name, rule string, result func(existing, a assignment.Assignment) (assignment.Result, error)) mutant {
		return mutant{name: name, rule: rule, change: func(d *driver) { d.sameID = result }}
	}
	return []mutant{
		sameID("retry_conflicts_with_its_own_row", "replay/is_never_a_conflict_with_its_own_row", func(existing, a assignment.Assignment) (assignment.Result, error) {
			return assignment.Result{}, &assignment.ActiveExistsError{Key: a.Key, Existing: existing.Clone()}
		}),
		sameID("retry_is_reported_as_created", "replay/same_request_returns_its_row", func(existing, _ assignment.Assignment) (assignment.Result, error) {
			return assignment.Result{Assignment: existing.Clone(), Outcome: assignment.OutcomeCreated}, nil
		}),
		sameID("retry_returns_the_row_as_requested", "replay/after_completion", func(_, a assignment.Assignment) (assignment.Result, error) {
			return assignment.Result{Assignment: a.Clone(), Outcome: assignment.OutcomeReplayed}, nil
		}),
		sameID("reuse_of_an_id_is_accepted", "replay/other_content_is_reuse", replayAlways),
		sameID("reuse_for_another_key_is_accepted", "replay/other_key_is_reuse", replayAlways),
		sameID("reuse_for_another_assignee_is_accepted", "replay/other_assignee_is_reuse", replayBySubject),
		sameID("equal_looking_request_is_replayed", "replay/equal_looking_request_is_reuse", replayWhatLooksAlike),
		sameID("retry_of_a_reassigned_row_is_reuse", "replay/after_reassignment", replayWhatLooksAlike),
		{name: "conflict_before_replay", rule: "replay/takes_precedence_over_a_conflict", wrap: func(d *driver) assignment.Store { return holderFirst{d} }},
		{name: "conflict_without_holder", rule: "create/conflict_returns_the_holder", change: func(d *driver) {
			d.conflict = func(assignment.Key, assignment.Assignment) error { return assignment.ErrActiveExists }
		}},
		{name: "ensure_without_holder", rule: "ensure/returns_the_holder", change: func(d *driver) {
			d.conflict = func(assignment.Key, assignment.Assignment) error { return assignment.ErrActiveExists }
		}},
		{name: "conflict_with_the_id_alone", rule: "create/conflict_returns_the_holder", change: func(d *driver) {
			d.conflict = func(k assignment.Key, holder assignment.Assignment) error {
				return &assignment.ActiveExistsError{Key: k, Existing: assignment.Assignment{ID: holder.ID, Key: k}}
			}
		}},
		{name: "raw_unique_violation", rule: "create/conflict_returns_the_holder", change: func(d *driver) {
			d.conflict = func(assignment.Key, assignment.Assignment) error { return errors.New("duplicate key value") }
		}},
		{name: "holder_of_another_key", rule: "create/conflict_returns_the_holder_of_the_same_key", change: func(d *driver) {
			d.conflict = func(k assignment.Key, _ assignment.Assignment) error {
				rows := d.table.all(func(a assignment.Assignment) bool { return a.Key.AssigneeID == k.AssigneeID })
				return &assignment.ActiveExistsError{Key: k, Existing: firstOf(rows)}
			}
		}},
		{name: "holder_as_it_was_created", rule: "create/conflict_returns_the_current_row_of_the_holder", change: func(d *driver) {
			d.conflict = func(k assignment.Key, holder assignment.Assignment) error {
				holder.Status, holder.Version, holder.UpdatedAt = d.lifecycle.Initial(), 1, holder.CreatedAt
				return &assignment.ActiveExistsError{Key: k, Existing: holder.Clone()}
			}
		}},
		{name: "cached_reads", rule: "read/writes_are_visible_to_the_next_call", wrap: func(d *driver) assignment.Store {
			return &caching{driver: d, seen: make(map[assignment.ID]assignment.Assignment)}
		}},
		{name: "missing_row_is_a_zero_row", rule: "read/get_of_unknown_id_is_not_found", wrap: func(d *driver) assignment.Store {
			return zeroIfMissing{d}
		}},
		{name: "active_row_found_by_assignee", rule: "read/find_active_compares_the_whole_key", wrap: func(d *driver) assignment.Store {
			return anySubject{d}
		}},
		{name: "closed_row_is_found_as_active", rule: "read/find_active_of_free_slot_is_not_found", wrap: func(d *driver) assignment.Store {
			return anyStatus{d}
		}},
	}
}

func replayAlways(existing, _ assignment.Assignment) (assignment.Result, error) {
	return assignment.Result{Assignment: existing.Clone(), Outcome: assignment.OutcomeReplayed}, nil
}

// replayBySubject compares no fingerprint.
func replayBySubject(existing, a assignment.Assignment) (assignment.Result, error) {
	existing.Request = ""
	return replayOrReuse(existing, a)
}

// replayWhatLooksAlike compares the request with the current row.
func replayWhatLooksAlike(existing, a assignment.Assignment) (assignment.Result, error) {
	if existing.Key != a.Key || existing.AssignedBy != a.AssignedBy || existing.AccountID != a.AccountID || !existing.DueAt.Equal(a.DueAt) ||
		!reflect.DeepEqual(existing.Metadata, a.Metadata) {
		return assignment.Result{}, assignment.ErrIDReused
	}
	return replayAlways(existing, a)
}

func firstOf(rows []assignment.Assignment) assignment.Assignment {
	first := rows[0]
	for _, a := range rows {
		if inOrder(a, first) < 0 {
			first = a
		}
	}
	return first.Clone()
}

// holderFirst looks up the holder before the row with the ID.
type holderFirst struct{ *driver }

func (s holderFirst) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	if holder, ok := s.otherHolder(a); ok {
		return assignment.Result{}, s.conflict(a.Key, holder)
	}
	return s.driver.Create(ctx, a)
}

// caching reads each row once.
type caching struct {
	*driver
	seen map[assignment.ID]assignment.Assignment
}

func (s *caching) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	if a, ok := s.seen[id]; ok {
		return a.Clone(), nil
	}
	return s.driver.Get(ctx, id)
}

func (s *caching) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	a, err := s.driver.FindActive(ctx, k)
	if err == nil {
		s.seen[a.ID] = a.Clone()
	}
	return a, err
}

// zeroIfMissing returns a zero row instead of ErrNotFound.
type zeroIfMissing struct{ *driver }

func (s zeroIfMissing) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	a, err := s.driver.Get(ctx, id)
	if errors.Is(err, assignment.ErrNotFound) {
		return assignment.Assignment{}, nil
	}
	return a, err
}

// anyStatus finds a row of the key, whatever its status.
type anyStatus struct{ *driver }

func (s anyStatus) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	return s.one(ctx, func(a assignment.Assignment) bool { return a.Key == k })
}

// anySubject finds the holder by the assignee alone.
type anySubject struct{ *driver }

func (s anySubject) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	return s.one(ctx, func(a assignment.Assignment) bool { return a.Key.AssigneeID == k.AssigneeID && s.holds(a.Status) })
}
