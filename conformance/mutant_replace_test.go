package conformance_test

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
)

// replaceMutants replace wrongly.
func replaceMutants() []mutant {
	replacing := func(name, rule string, replace replaceFunc) mutant {
		return mutant{name: name, rule: rule, wrap: func(d *driver) assignment.Store { return replacement{d, replace} }}
	}
	return []mutant{
		replacing("replace_in_two_steps", "race/replace_is_never_partially_visible", inTwoSteps),
		replacing("create_gets_in_between", "race/replace_against_create", inTwoSteps),
		replacing("replaces_get_in_between", "race/replace_against_replace", inTwoSteps),
		replacing("replace_as_create", "replace/retires_the_holder", func(ctx context.Context, d *driver, next assignment.Assignment, _ assignment.Status) (assignment.Result, error) {
			return d.Create(ctx, next)
		}),
		replacing("retired_row_missing", "replace/retires_the_holder", func(ctx context.Context, d *driver, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			result, err := d.Replace(ctx, next, to)
			result.Retired = nil
			return result, err
		}),
		replacing("free_slot_is_not_found", "replace/takes_a_free_slot", func(ctx context.Context, d *driver, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			if _, ok := d.otherHolder(next); !ok {
				return assignment.Result{}, assignment.ErrNotFound
			}
			return d.Replace(ctx, next, to)
		}),
		replacing("retires_the_whole_assignee", "replace/does_not_affect_other_keys", retireAll),
		replacing("replay_retires_the_holder", "replace/same_request_is_replayed", func(ctx context.Context, d *driver, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			_, err := d.retire(next, to)
			if err != nil {
				return assignment.Result{}, err
			}
			return d.Replace(ctx, next, to)
		}),
		replacing("retires_before_the_id_is_checked", "replace/other_request_is_reuse", func(ctx context.Context, d *driver, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			_, err := d.retire(next, to)
			if err != nil {
				return assignment.Result{}, err
			}
			return d.Replace(ctx, next, to)
		}),
		replacing("earlier_create_is_a_conflict", "replace/earlier_create_is_replayed", func(ctx context.Context, d *driver, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			if existing, ok := d.table.get(next.ID); ok {
				return assignment.Result{}, &assignment.ActiveExistsError{Key: next.Key, Existing: existing.Clone()}
			}
			return d.Replace(ctx, next, to)
		}),
		replacing("holder_of_unknown_status_is_not_retired", "foreign/unknown_status_can_be_replaced", func(ctx context.Context, d *driver, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			if holder, ok := d.otherHolder(next); ok && !d.lifecycle.Knows(holder.Status) {
				return assignment.Result{}, &assignment.TransitionError{ID: holder.ID, From: holder.Status, To: to}
			}
			return d.Replace(ctx, next, to)
		}),
		replacing("stored_map_of_the_retired_row_is_returned", "copies/retired_row_is_not_shared", func(ctx context.Context, d *driver, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
			result, err := d.Replace(ctx, next, to)
			if result.Retired != nil {
				*result.Retired, _ = d.table.get(result.Retired.ID)
			}
			return result, err
		}),
		{name: "every_retirement_is_allowed", rule: "replace/forbidden_retirement_is_rejected", change: anyMoveAllowed},
		{name: "cancelled_replace_retires_only", rule: "cancellation/replace_reports_what_happened", wrap: func(d *driver) assignment.Store {
			return replacement{d, stopsIfCancelled}
		}},
	}
}

type replaceFunc func(ctx context.Context, d *driver, next assignment.Assignment, to assignment.Status) (assignment.Result, error)

type replacement struct {
	*driver
	replace replaceFunc
}

func (s replacement) Replace(ctx context.Context, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	return s.replace(ctx, s.driver, next, to)
}

// inTwoSteps is what a host without the ability would do.
func inTwoSteps(ctx context.Context, d *driver, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
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
	yieldToOthers()
	result, err := d.Create(ctx, next)
	result.Retired = &retired
	return result, err
}

// inTwoStepsWithoutYield has nothing between the two steps.
func inTwoStepsWithoutYield(ctx context.Context, d *driver, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
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

func retireAll(ctx context.Context, d *driver, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	result, err := d.Replace(ctx, next, to)
	for _, a := range d.table.all(func(a assignment.Assignment) bool { return a.Key.AssigneeID == next.Key.AssigneeID && a.ID != next.ID }) {
		if closed, err := (assignment.Change{To: to, At: next.CreatedAt}).Apply(a, d.lifecycle); err == nil {
			d.table.put(closed)
		}
	}
	return result, err
}

// stopsIfCancelled stops between the two steps when its context has ended.
func stopsIfCancelled(ctx context.Context, d *driver, next assignment.Assignment, to assignment.Status) (assignment.Result, error) {
	d.lock.Lock()
	retired, err := d.retire(next, to)
	d.lock.Unlock()
	if err != nil {
		return assignment.Result{}, err
	}
	yieldToOthers()
	if ctx.Err() != nil {
		return assignment.Result{}, ctx.Err()
	}
	result, err := d.Create(ctx, next)
	result.Retired = retired
	return result, err
}
