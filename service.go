package assignment

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"
)

// Service is what hosts call. It is safe for concurrent use, holds no state of
// its own beyond its options, and starts no goroutine.
//
// Every method honours its context: a call with valid input whose context has
// already ended returns the context's error and writes nothing.
//
// The comments of the methods name the errors that are particular to each. Any
// of them can also fail with [ErrContended], [ErrUnguarded], [ErrUnavailable] or
// the context's error, any write with [ErrUnknownOutcome], and, inside the
// caller's transaction, any call with [ErrRetryTransaction].
type Service struct {
	store  Store
	policy Policy
	now    func() time.Time
	newID  func() ID
	// storeMakesIDs leaves the ID of a new assignment to the store.
	storeMakesIDs bool
}

// Options configures [NewService]. The zero value, and nil, mean the defaults.
type Options struct {
	// Now is the clock behind CreatedAt, UpdatedAt and CompletedAt. It must be
	// safe for concurrent use. Default: time.Now.
	Now func() time.Time
	// NewID makes the ID of an assignment whose creator supplied none. It must
	// be safe for concurrent use, and never return an ID that is in use, whoever
	// made it: a row under a new ID passes for the call's own. It is not used
	// when the store makes the IDs, see [IDMaker]. Default: UUIDv7.
	NewID func() ID
}

// NewService returns a Service on the store. A nil store is an [*InvalidError].
func NewService(store Store, opts *Options) (*Service, error) {
	if isNil(store) {
		return nil, invalid("store", "is nil")
	}
	s := &Service{store: store, policy: store.Policy(), now: time.Now, newID: newUUID, storeMakesIDs: makesIDs(store)}
	if opts != nil && opts.Now != nil {
		s.now = opts.Now
	}
	if opts != nil && opts.NewID != nil {
		s.newID = opts.NewID
	}
	return s, nil
}

// WithStore returns the same service on another store, typically one that is
// bound to the caller's transaction. It panics with an [*InvalidError] when the
// store is nil.
func (s *Service) WithStore(store Store) *Service {
	if isNil(store) {
		panic(invalid("store", "is nil"))
	}
	bound := *s
	bound.store, bound.policy, bound.storeMakesIDs = store, store.Policy(), makesIDs(store)
	return &bound
}

// Policy returns what the store enforces.
func (s *Service) Policy() Policy { return s.policy }

// isNil also catches a nil pointer inside the interface, the usual result of
// ignoring a driver's constructor error.
func isNil(store Store) bool {
	if store == nil {
		return true
	}
	v := reflect.ValueOf(store)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

func makesIDs(store Store) bool {
	maker, ok := store.(IDMaker)
	return ok && maker.MakesIDs()
}

func newUUID() ID {
	// crypto/rand, the only source of failure, never returns an error since
	// Go 1.24.
	return ID(uuid.Must(uuid.NewV7()).String())
}

// started refuses work for a context that has already ended: what was never
// sent must not be reported as unknown.
func started(ctx context.Context, op string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: nothing was sent: %w", op, err)
	}
	return nil
}
