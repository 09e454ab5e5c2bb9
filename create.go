package assignment

import (
	"context"
	"errors"
	"time"

	"github.com/assignment-go/assignment/internal/jsonvalue"
)

// CreateParams says what to create. Only Key is required.
type CreateParams struct {
	// ID makes the call safe to retry across processes; empty means a new UUIDv7.
	// Set it inside a transaction of your own, whose COMMIT may lose its reply.
	ID  ID
	Key Key // the slot to take
	// AssignedBy and AccountID are optional: each at most [MaxKeyBytes] bytes of
	// UTF-8 without NUL.
	AssignedBy, AccountID string
	// DueAt is optional, between the years 1 and 9999, truncated to microseconds.
	DueAt time.Time
	// Metadata is an optional JSON object of at most [MaxMetadataBytes]. It comes
	// back as encoding/json decodes it; a number that would be rounded is rejected.
	Metadata map[string]any
}

// Create creates an assignment that holds the slot of its key. When another one
// holds it, the error is an [*ActiveExistsError] with that one. A repeated call
// with the same ID and content returns the first one's assignment as it is now.
//
// Errors: [ErrActiveExists], [ErrIDReused], and those of every call, see [Service].
func (s *Service) Create(ctx context.Context, p CreateParams) (Assignment, error) {
	result, err := s.create(ctx, p)
	return result.Assignment, err
}

// Ensure is get-or-create: it returns the assignment that holds the slot,
// creating it when nobody does. [Result.Outcome] tells which of them happened.
// Errors: as [Service.Create], with [ErrActiveExists] only for a hidden holder.
func (s *Service) Ensure(ctx context.Context, p CreateParams) (Result, error) {
	result, err := s.create(ctx, p)
	conflict, ok := errors.AsType[*ActiveExistsError](err)
	if ok && conflict.Existing.ID != "" && !errors.Is(err, ErrUnknownOutcome) {
		return Result{Assignment: conflict.Existing, Outcome: OutcomeExisting}, nil
	}
	return result, err
}

func (s *Service) create(ctx context.Context, p CreateParams) (Result, error) {
	a, err := s.prepare(p, storedTime(s.now()))
	if err != nil {
		return Result{}, err
	}
	create := s.store.Create
	if p.ID == "" && !s.storeMakesIDs {
		a.ID = s.newID()
		if creator, ok := s.store.(NewIDCreator); ok {
			create = creator.CreateNew // no row can have the ID yet
		}
	}
	result, err := call(ctx, "create assignment", a.ID, func() (Result, error) { return create(ctx, a) })
	result.Outcome = outcomeOf(p, result.Outcome)
	return result, err
}

// prepare turns valid parameters into the row to store: times and metadata have
// the form in which every store returns them, and the request its fingerprint. The
// ID stays empty when the caller left it out.
func (s *Service) prepare(p CreateParams, now time.Time) (Assignment, error) {
	if err := p.check(); err != nil {
		return Assignment{}, err
	}
	metadata, err := jsonvalue.Object(p.Metadata, MaxMetadataBytes)
	if err != nil {
		return Assignment{}, invalid("Metadata", err.Error())
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

// outcomeOf corrects the outcome of a call whose ID Service made: no other call
// can have created the row, so a replay is of its first attempt, whose reply was
// lost.
func outcomeOf(p CreateParams, o Outcome) Outcome {
	if p.ID == "" && o == OutcomeReplayed {
		return OutcomeCreated
	}
	return o
}
