package assignment

import (
	"context"
)

// Start moves an assignment to [StatusInProgress]. Where the lifecycle has other
// names for its statuses, use [Service.Transition].
func (s *Service) Start(ctx context.Context, id ID, conditions ...Condition) (Assignment, error) {
	return s.Transition(ctx, id, StatusInProgress, conditions...)
}

// Complete moves an assignment to [StatusCompleted], which frees its slot.
// Where the lifecycle has other names for its statuses, use [Service.Transition].
func (s *Service) Complete(ctx context.Context, id ID, conditions ...Condition) (Assignment, error) {
	return s.Transition(ctx, id, StatusCompleted, conditions...)
}

// Cancel moves an assignment to [StatusCancelled], which frees its slot where
// that status is terminal. Where the lifecycle has other names for its statuses, use
// [Service.Transition].
func (s *Service) Cancel(ctx context.Context, id ID, conditions ...Condition) (Assignment, error) {
	return s.Transition(ctx, id, StatusCancelled, conditions...)
}

// Reopen moves an assignment back to the initial status. It competes for the
// slot like Create does. See [Service.Transition].
func (s *Service) Reopen(ctx context.Context, id ID, conditions ...Condition) (Assignment, error) {
	return s.Transition(ctx, id, s.policy.Lifecycle.Initial(), conditions...)
}

// Transition moves an assignment to a status that the lifecycle allows. A move
// to the status that it already has returns it unchanged, so that a retry is
// safe. A move from a terminal status back to an active one competes for the
// slot and fails with the same [*ActiveExistsError] as Create.
//
// Errors: [ErrInvalid], [ErrNotFound], [ErrStale], [ErrTransition],
// [ErrActiveExists], [ErrUnsupported]; see [Service] for those of every call.
func (s *Service) Transition(ctx context.Context, id ID, to Status, conditions ...Condition) (Assignment, error) {
	if err := checkStatus("Status", to, s.policy.Lifecycle); err != nil {
		return Assignment{}, err
	}
	return s.update(ctx, "transition", id, Change{To: to}, conditions)
}

// Reassign gives an active assignment to another assignee: it frees the slot
// that it holds and takes the slot of the new key in one step. Reassigning to
// the present assignee returns the assignment unchanged. One in a terminal
// status can't be reassigned.
//
// Errors: as [Service.Transition].
func (s *Service) Reassign(ctx context.Context, id ID, assigneeID string, conditions ...Condition) (Assignment, error) {
	if err := checkRequired("AssigneeID", assigneeID); err != nil {
		return Assignment{}, err
	}
	return s.update(ctx, "reassign", id, Change{AssigneeID: assigneeID}, conditions)
}

func (s *Service) update(ctx context.Context, op string, id ID, c Change, conditions []Condition) (Assignment, error) {
	if err := checkID("ID", id); err != nil {
		return Assignment{}, err
	}
	version, err := versionOf(conditions)
	if err != nil {
		return Assignment{}, err
	}
	if err := started(ctx, op+" assignment"); err != nil {
		return Assignment{}, err
	}
	c.IfVersion, c.At = version, storedTime(s.now())
	a, err := s.store.Update(ctx, id, c)
	if err != nil {
		return Assignment{}, failed(op+" assignment", id, err)
	}
	return a, nil
}
