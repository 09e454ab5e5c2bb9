package conformance_test

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
)

// replaceMutants replace wrongly.
func replaceMutants() []mutant {
	replacing := func(name, rule string, replace replaceFunc) mutant {
		return mutant{name: name, rule: rule, wrap: func(d *lab) assignment.Store { return replacement{d, replace} }}
	}
	return []mutant{
		replacing("replace_in_two_steps", "race/replace_is_never_seen_half_done", inTwoSteps),
		replacing("create_gets_in_between", "race/replace_against_create", inTwoSteps),
		replacing("replaces_get_in_between", "race/replace_against_replace", inTwoSteps),
		replacing("replace_as_create", "replace/retires_the_holder", func(ctx context.Context, d *lab, next assignment.Assignment, _ assignment.Status) (assignment.Result, error) {
			return d.Create(ctx, next)
		}),
		replacing("retired_row_missing", "replace/retires_the_holder", func(ctx context.Context, d *lab, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			result, err := d.Replace(ctx, next, to)
			result.Retired = nil
			return result, err
		}),
		replacing("free_slot_is_not_found", "replace/takes_a_free_slot", func(ctx context.Context, d *lab, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			if _, ok := d.rival(next); !ok {
				return assignment.Result{}, assignment.ErrNotFound
			}
			return d.Replace(ctx, next, to)
		}),
		replacing("retires_the_whole_assignee", "replace/leaves_other_keys_alone", retireAll),
		replacing("replay_retires_the_holder", "replace/same_request_is_replayed", func(ctx context.Context, d *lab, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			_, err := d.retire(next, to)
			if err != nil {
				return assignment.Result{}, err
			}
			return d.Replace(ctx, next, to)
		}),
		replacing("retires_before_the_id_is_checked", "replace/other_request_is_reuse", func(ctx context.Context, d *lab, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			_, err := d.retire(next, to)
			if err != nil {
				return assignment.Result{}, err
			}
			return d.Replace(ctx, next, to)
		}),
		replacing("own_create_is_retired", "replace/own_create_is_replayed", func(ctx context.Context, d *lab, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			if own, ok := d.table.get(next.ID); ok {
				return assignment.Result{}, &assignment.ActiveExistsError{Key: next.Key, Existing: own.Clone()}
			}
			return d.Replace(ctx, next, to)
		}),
		replacing("unknown_holder_stays", "foreign/unknown_status_can_be_replaced", func(ctx context.Context, d *lab, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			if holder, ok := d.rival(next); ok && !d.lifecycle.Knows(holder.Status) {
				return assignment.Result{}, &assignment.TransitionError{ID: holder.ID, From: holder.Status, To: to}
			}
			return d.Replace(ctx, next, to)
		}),
		replacing("retired_row_is_shared", "copies/of_what_was_retired", func(ctx context.Context, d *lab, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			result, err := d.Replace(ctx, next, to)
			if result.Retired != nil {
				*result.Retired, _ = d.table.get(result.Retired.ID)
			}
			return result, err
		}),
		{name: "any_holder_is_retired", rule: "replace/holder_that_may_not_move", spoil: lawlessMoves},
		{name: "half_of_a_cancelled_replace", rule: "cancellation/replace_tells_the_truth", wrap: func(d *lab) assignment.Store {
			return replacement{d, abandoned}
		}},
	}
}

type replaceFunc func(ctx context.Context, d *lab, next assignment.Assignment, to assignment.Status) (assignment.Result, error)

type replacement struct {
	*lab
	replace replaceFunc
}

func (s replacement) Replace(ctx context.Context, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	return s.replace(ctx, s.lab, next, to)
}

// inTwoSteps is what a host would do without the ability.
func inTwoSteps(ctx context.Context, d *lab, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	holder, err := d.FindActive(ctx, next.Key)
	if errors.Is(err, assignment.ErrNotFound) {
		return d.Create(ctx, next)
	}
	if err != nil {
		return assignment.Result{}, err
	}
	retired, err := d.Update(ctx, holder.ID, assignment.Change{To: to, At: next.CreatedAt})
	if err != nil {
		return assignment.Result{}, err
	}
	linger()
	result, err := d.Create(ctx, next)
	result.Retired = &retired
	return result, err
}

// inTwoBareSteps has nothing between them.
func inTwoBareSteps(ctx context.Context, d *lab, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	var retired *assignment.Assignment
	if holder, err := d.FindActive(ctx, next.Key); err == nil {
		former, err := d.Update(ctx, holder.ID, assignment.Change{To: to, At: next.CreatedAt})
		if err != nil {
			return assignment.Result{}, err
		}
		retired = &former
	}
	result, err := d.Create(ctx, next)
	result.Retired = retired
	return result, err
}

func retireAll(ctx context.Context, d *lab, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	result, err := d.Replace(ctx, next, to)
	for _, a := range d.table.all(func(a assignment.Assignment) bool { return a.Key.AssigneeID == next.Key.AssigneeID && a.ID != next.ID }) {
		if closed, err := (assignment.Change{To: to, At: next.CreatedAt}).Apply(a, d.lifecycle); err == nil {
			d.table.put(closed)
		}
	}
	return result, err
}

// abandoned gives up between the two steps when its context has ended.
func abandoned(ctx context.Context, d *lab, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	d.lock.Lock()
	retired, err := d.retire(next, to)
	d.lock.Unlock()
	if err != nil {
		return assignment.Result{}, err
	}
	linger()
	if ctx.Err() != nil {
		return assignment.Result{}, ctx.Err()
	}
	result, err := d.Create(ctx, next)
	result.Retired = retired
	return result, err
}
