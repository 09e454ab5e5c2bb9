package assignment

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Create creates an assignment that holds the slot of its key.
//
// When another assignment holds the slot, the error is an
// [*ActiveExistsError] with the holder's row, whatever the timing. A repeated
// call with the same ID and content returns the assignment of the first one,
// as it is now. Use [Service.Ensure] to be told which of the two happened.
//
// Errors: [ErrInvalid], [ErrActiveExists], [ErrIDReused], [ErrUnsupported] for an
// attribute that the store can't keep; see [Service] for those of every call.
func (s *Service) Create(ctx context.Context, p CreateParams) (Assignment, error) {
	result, err := s.create(ctx, p)
	if err != nil {
		return Assignment{}, err
	}
	return result.Assignment, nil
}

// Ensure is get-or-create: it returns the assignment that holds the slot,
// creating it when nobody does. [Result.Outcome] tells whether it was created
// by this call, existed, or was created by an earlier call with the same ID.
//
// Errors: as [Service.Create]. [ErrActiveExists] is one only when the holder is
// hidden from the caller, see [ActiveExistsError]: then there is none to return.
func (s *Service) Ensure(ctx context.Context, p CreateParams) (Result, error) {
	result, err := s.create(ctx, p)
	conflict, ok := errors.AsType[*ActiveExistsError](err)
	if ok && conflict.Existing.ID != "" && !errors.Is(err, ErrUnknownOutcome) {
		return Result{Assignment: conflict.Existing, Outcome: OutcomeExisting}, nil
	}
	return result, err
}

// Replace retires whoever holds the slot to r.RetireTo and creates the new
// assignment, in one atomic step: the slot is never seen free or held twice.
// A free slot is simply taken.
//
// Errors: as [Service.Ensure]; [ErrTransition] when the holder may not move to
// r.RetireTo; [ErrUnsupported] when the store can't replace atomically.
func (s *Service) Replace(ctx context.Context, p CreateParams, r ReplaceParams) (Result, error) {
	if err := s.checkRetireTo(r.RetireTo); err != nil {
		return Result{}, err
	}
	next, err := s.prepare(p, storedTime(s.now()))
	if err != nil {
		return Result{}, err
	}
	s.identify(&next)
	replacer, ok := s.store.(Replacer)
	if !ok {
		return Result{}, &UnsupportedError{Ability: "Replace", Reason: "the store can't replace a holder atomically"}
	}
	if err := started(ctx, "replace assignment"); err != nil {
		return Result{}, err
	}
	result, err := replacer.Replace(ctx, next, r.RetireTo)
	if err != nil {
		return Result{}, failed("replace assignment by", next.ID, err)
	}
	if p.ID == "" {
		result.Outcome = ofNewID(result.Outcome)
	}
	return result, nil
}

func (s *Service) create(ctx context.Context, p CreateParams) (Result, error) {
	a, err := s.prepare(p, storedTime(s.now()))
	if err != nil {
		return Result{}, err
	}
	if a.ID != "" {
		return createRow(ctx, s.store.Create, a)
	}
	s.identify(&a)
	return s.createNew(ctx, a)
}

// createNew tells the store that the ID was made for this very call.
func (s *Service) createNew(ctx context.Context, a Assignment) (Result, error) {
	create := s.store.Create
	if creator, ok := s.store.(NewIDCreator); ok && !s.storeMakesIDs {
		create = creator.CreateNew
	}
	result, err := createRow(ctx, create, a)
	if err != nil {
		return Result{}, err
	}
	result.Outcome = ofNewID(result.Outcome)
	return result, nil
}

// createRow has the row created by one of the store's methods.
func createRow(ctx context.Context, create func(context.Context, Assignment) (Result, error), a Assignment) (Result, error) {
	if err := started(ctx, "create assignment"); err != nil {
		return Result{}, err
	}
	result, err := create(ctx, a)
	if err != nil {
		return Result{}, failed("create assignment", a.ID, err)
	}
	return result, nil
}

// ofNewID is the outcome under an ID that was made for this very call: nobody
// else can have created the row, so that a replay is of the call's own attempt,
// the reply to which was lost.
func ofNewID(o Outcome) Outcome {
	if o == OutcomeReplayed {
		return OutcomeCreated
	}
	return o
}

// prepare turns valid parameters into the row to store. The ID stays empty when
// the caller left it out.
func (s *Service) prepare(p CreateParams, now time.Time) (Assignment, error) {
	if err := p.check(); err != nil {
		return Assignment{}, err
	}
	metadata, err := normalizeMetadata(p.Metadata)
	if err != nil {
		return Assignment{}, err
	}
	if s.storeMakesIDs && p.ID != "" {
		return Assignment{}, &UnsupportedError{Ability: "CreateParams.ID", Reason: "the store makes the IDs itself"}
	}
	a := Assignment{
		ID:         p.ID,
		Key:        p.Key,
		Status:     s.policy.Lifecycle.Initial(),
		AssignedBy: p.AssignedBy,
		AccountID:  p.AccountID,
		DueAt:      storedTime(p.DueAt),
		CreatedAt:  now,
		UpdatedAt:  now,
		Version:    1,
		Metadata:   metadata,
	}
	a.Request = requestOf(&a)
	return a, nil
}

// identify makes the ID that the caller left out, unless the store will.
func (s *Service) identify(a *Assignment) {
	if a.ID == "" && !s.storeMakesIDs {
		a.ID = s.newID()
	}
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
