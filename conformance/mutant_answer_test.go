package conformance_test

import (
	"context"
	"errors"
	"reflect"

	"github.com/assignment-go/assignment"
)

// answerMutants answer a create wrongly.
func answerMutants() []mutant {
	own := func(name, rule string, answer func(own, a assignment.Assignment) (assignment.Result, error)) mutant {
		return mutant{name: name, rule: rule, spoil: func(d *lab) { d.own = answer }}
	}
	return []mutant{
		own("own_retry_is_a_conflict", "replay/is_never_a_conflict_with_oneself", func(own, a assignment.Assignment) (assignment.Result, error) {
			return assignment.Result{}, &assignment.ActiveExistsError{Key: a.Key, Existing: own.Clone()}
		}),
		own("own_retry_is_existing", "replay/same_request_finds_its_row", func(own, _ assignment.Assignment) (assignment.Result, error) {
			return assignment.Result{Assignment: own.Clone(), Outcome: assignment.OutcomeCreated}, nil
		}),
		own("retry_returns_the_request", "replay/after_completion", func(_, a assignment.Assignment) (assignment.Result, error) {
			return assignment.Result{Assignment: a.Clone(), Outcome: assignment.OutcomeReplayed}, nil
		}),
		own("reuse_of_an_id_is_accepted", "replay/other_content_is_reuse", replayAlways),
		own("reuse_for_another_key_is_accepted", "replay/other_key_is_reuse", replayAlways),
		own("reuse_for_another_assignee_is_accepted", "replay/other_assignee_is_reuse", replayBySubject),
		own("reuse_of_what_looks_alike_is_accepted", "replay/looking_alike_is_reuse", replayWhatLooksAlike),
		own("retry_of_a_reassigned_row_is_reuse", "replay/after_reassignment", replayWhatLooksAlike),
		{name: "conflict_before_replay", rule: "replay/beats_the_conflict", wrap: func(d *lab) assignment.Store { return hasty{d} }},
		{name: "conflict_without_holder", rule: "create/conflict_carries_the_holder", spoil: func(d *lab) {
			d.taken = func(assignment.Key, assignment.Assignment) error { return assignment.ErrActiveExists }
		}},
		{name: "ensure_without_holder", rule: "ensure/returns_the_holder", spoil: func(d *lab) {
			d.taken = func(assignment.Key, assignment.Assignment) error { return assignment.ErrActiveExists }
		}},
		{name: "conflict_with_the_id_alone", rule: "create/conflict_carries_the_holder", spoil: func(d *lab) {
			d.taken = func(k assignment.Key, holder assignment.Assignment) error {
				return &assignment.ActiveExistsError{Key: k, Existing: assignment.Assignment{ID: holder.ID, Key: k}}
			}
		}},
		{name: "raw_unique_violation", rule: "create/conflict_carries_the_holder", spoil: func(d *lab) {
			d.taken = func(assignment.Key, assignment.Assignment) error { return errors.New("duplicate key value") }
		}},
		{name: "holder_of_another_key", rule: "create/conflict_names_the_holder_of_this_key", spoil: func(d *lab) {
			d.taken = func(k assignment.Key, _ assignment.Assignment) error {
				rows := d.table.all(func(a assignment.Assignment) bool { return a.Key.AssigneeID == k.AssigneeID })
				return &assignment.ActiveExistsError{Key: k, Existing: firstOf(rows)}
			}
		}},
		{name: "holder_as_it_was_created", rule: "create/conflict_carries_the_holder_as_it_is_now", spoil: func(d *lab) {
			d.taken = func(k assignment.Key, holder assignment.Assignment) error {
				holder.Status, holder.Version, holder.UpdatedAt = d.lifecycle.Initial(), 1, holder.CreatedAt
				return &assignment.ActiveExistsError{Key: k, Existing: holder.Clone()}
			}
		}},
		{name: "cached_reads", rule: "read/writes_are_seen_by_the_next_call", wrap: func(d *lab) assignment.Store {
			return &caching{lab: d, seen: make(map[assignment.ID]assignment.Assignment)}
		}},
		{name: "missing_row_is_a_zero_row", rule: "read/get_of_unknown_id_is_not_found", wrap: func(d *lab) assignment.Store {
			return lenient{d}
		}},
		{name: "active_row_found_by_assignee", rule: "read/find_active_needs_both_parts", wrap: func(d *lab) assignment.Store {
			return partial{d}
		}},
		{name: "closed_row_is_found_active", rule: "read/find_active_of_free_slot_is_not_found", wrap: func(d *lab) assignment.Store {
			return nostalgic{d}
		}},
	}
}

func replayAlways(own, _ assignment.Assignment) (assignment.Result, error) {
	return assignment.Result{Assignment: own.Clone(), Outcome: assignment.OutcomeReplayed}, nil
}

// replayBySubject has no fingerprint to compare.
func replayBySubject(own, a assignment.Assignment) (assignment.Result, error) {
	own.Request = ""
	return replayOrReuse(own, a)
}

// replayWhatLooksAlike compares with the row as it stands.
func replayWhatLooksAlike(own, a assignment.Assignment) (assignment.Result, error) {
	if own.Key != a.Key || own.AssignedBy != a.AssignedBy || own.AccountID != a.AccountID || !own.DueAt.Equal(a.DueAt) ||
		!reflect.DeepEqual(own.Metadata, a.Metadata) {
		return assignment.Result{}, assignment.ErrIDReused
	}
	return replayAlways(own, a)
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

// hasty looks for the holder before it looks for its own row.
type hasty struct{ *lab }

func (s hasty) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	if holder, ok := s.rival(a); ok {
		return assignment.Result{}, s.taken(a.Key, holder)
	}
	return s.lab.Create(ctx, a)
}

// caching reads each row once.
type caching struct {
	*lab
	seen map[assignment.ID]assignment.Assignment
}

func (s *caching) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	if a, ok := s.seen[id]; ok {
		return a.Clone(), nil
	}
	return s.lab.Get(ctx, id)
}

func (s *caching) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	a, err := s.lab.FindActive(ctx, k)
	if err == nil {
		s.seen[a.ID] = a.Clone()
	}
	return a, err
}

// lenient finds nothing without saying so.
type lenient struct{ *lab }

func (s lenient) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	a, err := s.lab.Get(ctx, id)
	if errors.Is(err, assignment.ErrNotFound) {
		return assignment.Assignment{}, nil
	}
	return a, err
}

// nostalgic finds the last row of a key, whatever its status.
type nostalgic struct{ *lab }

func (s nostalgic) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	return s.one(ctx, func(a assignment.Assignment) bool { return a.Key == k })
}

// partial finds the holder by a part of the key.
type partial struct{ *lab }

func (s partial) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	return s.one(ctx, func(a assignment.Assignment) bool { return a.Key.AssigneeID == k.AssigneeID && s.holds(a.Status) })
}
