package assignment

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"
)

// Service is what hosts call. It is as safe for concurrent use as its store, and
// starts no goroutine.
//
// Besides the errors that its comment names, every call can fail with
// [ErrInvalid], [ErrUnsupported], [ErrContended], [ErrUnguarded], [ErrUnavailable]
// or the context's error, a write with [ErrUnknownOutcome], and any call inside
// the caller's transaction with [ErrRetryTransaction].
type Service struct {
	store  Store
	policy Policy
	now    func() time.Time
	newID  func() ID
	// storeMakesIDs leaves the ID of a new assignment to the store.
	storeMakesIDs bool
}

// Options configures [NewService]. Nil means the defaults.
type Options struct {
	Now func() time.Time // the clock, safe for concurrent use. Default: time.Now
	// NewID makes the IDs that callers leave out, safely for concurrent use. It
	// must never return one that is in use. Default: UUIDv7.
	NewID func() ID
}

// NewService returns a Service on the store. A nil store is an [*InvalidError].
func NewService(store Store, opts *Options) (*Service, error) {
	if isNil(store) {
		return nil, invalid("store", "is nil")
	}
	s := &Service{now: time.Now, newID: newUUID}
	if opts != nil && opts.Now != nil {
		s.now = opts.Now
	}
	if opts != nil && opts.NewID != nil {
		s.newID = opts.NewID
	}
	return s.WithStore(store), nil
}

// WithStore returns the same service on another store, typically one inside the
// caller's transaction: the assignment is then created together with the caller's
// other writes, or not at all. It panics when the store is nil.
func (s *Service) WithStore(store Store) *Service {
	if isNil(store) {
		panic(invalid("store", "is nil"))
	}
	bound := *s
	bound.store, bound.policy = store, store.Policy()
	maker, ok := store.(IDMaker)
	bound.storeMakesIDs = ok && maker.MakesIDs()
	return &bound
}

// Policy returns what the store enforces.
func (s *Service) Policy() Policy { return s.policy }

// isNil also finds a nil pointer inside the interface, the usual result of
// ignoring the error of a driver's constructor.
func isNil(store Store) bool {
	if store == nil {
		return true
	}
	v := reflect.ValueOf(store)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

func newUUID() ID {
	// crypto/rand, the only source of failure, never returns an error since
	// Go 1.24.
	return ID(uuid.Must(uuid.NewV7()).String())
}

// identify makes the ID that the caller left out, unless the store will.
func (s *Service) identify(a *Assignment) {
	if a.ID == "" && !s.storeMakesIDs {
		a.ID = s.newID()
	}
}

// call makes one call of the store, and names it in its error. What was never
// sent must not be reported as unknown, so a context that has ended stops it here.
func call[T any, On ID | Key](ctx context.Context, op string, on On, send func() (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, failed(op, on, unsent(err))
	}
	result, err := send()
	if err != nil {
		return none, failed(op, on, err)
	}
	return result, nil
}

func unsent(err error) error { return fmt.Errorf("nothing was sent: %w", err) }
