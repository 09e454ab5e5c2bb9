package assignment

import (
	"context"
	"fmt"
)

// Start moves an assignment to [StatusInProgress]; see [Service.Transition].
func (s *Service) Start(ctx context.Context, id ID, conditions ...Condition) (Assignment, error) {
	return s.moveTo(ctx, id, StatusInProgress, conditions)
}

// Complete moves an assignment to [StatusCompleted]; see [Service.Transition].
func (s *Service) Complete(ctx context.Context, id ID, conditions ...Condition) (Assignment, error) {
	return s.moveTo(ctx, id, StatusCompleted, conditions)
}

// Cancel moves an assignment to [StatusCancelled]; see [Service.Transition].
func (s *Service) Cancel(ctx context.Context, id ID, conditions ...Condition) (Assignment, error) {
	return s.moveTo(ctx, id, StatusCancelled, conditions)
}

// moveTo is Transition for a caller that did not choose the status.
func (s *Service) moveTo(ctx context.Context, id ID, to Status, conditions []Condition) (Assignment, error) {
	if l := s.policy.Lifecycle; !l.Knows(to) {
		return Assignment{}, invalid("Status", fmt.Sprintf(
			"%q is not a status of the lifecycle; move to one of %q with Transition", to, l.Statuses()))
	}
	return s.Transition(ctx, id, to, conditions...)
}

// Reopen moves an assignment back to the initial status, and competes for the
// slot as Create does; see [Service.Transition].
func (s *Service) Reopen(ctx context.Context, id ID, conditions ...Condition) (Assignment, error) {
	return s.Transition(ctx, id, s.policy.Lifecycle.Initial(), conditions...)
}

// Transition moves an assignment to a status that the lifecycle allows. A move
// to the status that it already has returns it unchanged, so that a retry is
// safe. A move from a terminal status to an active one competes for the slot.
// Start, Complete and Cancel are [ErrInvalid] where the lifecycle lacks their status.
//
// Errors: [ErrNotFound], [ErrStale], [ErrTransition], [ErrActiveExists], and those
// of every call, see [Service].
func (s *Service) Transition(ctx context.Context, id ID, to Status, conditions ...Condition) (Assignment, error) {
	if err := checkStatus("Status", to, s.policy.Lifecycle); err != nil {
		return Assignment{}, err
	}
	return s.update(ctx, "transition assignment", id, Change{To: to}, conditions)
}

// Reassign gives an active assignment to another assignee: it frees the slot
// that it holds and takes the slot of the new key in one step. One in a terminal
// status can't be reassigned. Errors: as [Service.Transition].
func (s *Service) Reassign(ctx context.Context, id ID, assigneeID string, conditions ...Condition) (Assignment, error) {
	if err := checkRequired("AssigneeID", assigneeID); err != nil {
		return Assignment{}, err
	}
	return s.update(ctx, "reassign assignment", id, Change{AssigneeID: assigneeID}, conditions)
}

func (s *Service) update(ctx context.Context, op string, id ID, c Change, conditions []Condition) (Assignment, error) {
	if err := checkRequired("ID", string(id)); err != nil {
		return Assignment{}, err
	}
	version, err := versionOf(conditions)
	if err != nil {
		return Assignment{}, err
	}
	c.IfVersion, c.At = version, storedTime(s.now())
	return call(ctx, op, id, func() (Assignment, error) { return s.store.Update(ctx, id, c) })
}
