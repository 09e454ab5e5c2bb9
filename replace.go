package assignment

import (
	"context"
	"fmt"
)

// ReplaceParams says what becomes of the holder in [Service.Replace].
type ReplaceParams struct {
	RetireTo Status // the terminal status that it gets; required
}

// Replace retires the holder of the slot and creates the new assignment, in one
// atomic step: the slot is never seen free or held twice. A free slot is taken.
// Errors: as [Service.Ensure], and [ErrTransition] about the holder.
func (s *Service) Replace(ctx context.Context, p CreateParams, r ReplaceParams) (Result, error) {
	if err := s.checkRetireTo(r.RetireTo); err != nil {
		return Result{}, err
	}
	next, err := s.prepare(p, storedTime(s.now()))
	if err != nil {
		return Result{}, err
	}
	replacer, ok := s.store.(Replacer)
	if !ok {
		return Result{}, &UnsupportedError{Ability: "Replace", Reason: "the store can't replace a holder atomically"}
	}
	s.identify(&next)
	result, err := call(ctx, "replace assignment by", next.ID, func() (Result, error) {
		return replacer.Replace(ctx, next, r.RetireTo)
	})
	result.Outcome = outcomeOf(p, result.Outcome)
	return result, err
}

func (s *Service) checkRetireTo(to Status) error {
	if to == "" {
		return invalid("RetireTo", "is required")
	}
	if err := checkStatus("RetireTo", to, s.policy.Lifecycle); err != nil {
		return err
	}
	if !s.policy.Lifecycle.IsTerminal(to) {
		return invalid("RetireTo", fmt.Sprintf("%q is not terminal: the holder would keep the slot", to))
	}
	return nil
}
