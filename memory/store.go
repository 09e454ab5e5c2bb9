// Package memory is the in-memory [assignment.Store]: a mutex and maps. It is
// meant for unit tests and prototypes, and keeps the same contract as the
// database drivers, which the conformance suite checks.
//
// Its guarantee ends at the process: everything is lost with it, and two
// processes share nothing.
package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/assignment-go/assignment"
)

var (
	_ assignment.Store        = (*Store)(nil)
	_ assignment.Replacer     = (*Store)(nil)
	_ assignment.BatchCreator = (*Store)(nil)
)

// Store keeps assignments in memory. It is safe for any number of goroutines.
type Store struct {
	lifecycle assignment.Lifecycle

	mu   sync.RWMutex
	rows map[assignment.ID]assignment.Assignment
	// active finds the holder of a slot, so that Create does not depend on how
	// long the history is.
	active map[assignment.Key]assignment.ID
	// order holds a position per row, sorted; positions never change.
	order []assignment.Cursor
}

// Options configures [New]. The zero value, and nil, mean the defaults.
type Options struct {
	// Lifecycle is what the store enforces. Default:
	// assignment.DefaultLifecycle.
	Lifecycle *assignment.Lifecycle
}

// New returns an empty store. A lifecycle that is not valid is an
// [*assignment.InvalidError].
func New(opts *Options) (*Store, error) {
	if opts == nil {
		opts = &Options{}
	}
	lifecycle, err := assignment.LifecycleOrDefault(opts.Lifecycle)
	if err != nil {
		return nil, err
	}
	return &Store{
		lifecycle: lifecycle,
		rows:      make(map[assignment.ID]assignment.Assignment),
		active:    make(map[assignment.Key]assignment.ID),
	}, nil
}

// Lifecycle implements [assignment.Store].
func (s *Store) Lifecycle() assignment.Lifecycle { return s.lifecycle }

// Create implements [assignment.Store]. Its cost does not depend on the number
// of completed assignments.
func (s *Store) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.create(ctx, a)
}

// create needs the lock.
func (s *Store) create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	if err := ctx.Err(); err != nil {
		return assignment.Result{}, err
	}
	if result, found, err := s.replay(a); found {
		return result, err
	}
	if err := s.vacant(a); err != nil {
		return assignment.Result{}, err
	}
	s.insert(a)
	return assignment.Result{Assignment: a.Clone(), Outcome: assignment.OutcomeCreated}, nil
}

// Replace implements [assignment.Replacer].
func (s *Store) Replace(ctx context.Context, next assignment.Assignment, retireTo assignment.Status) (assignment.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return assignment.Result{}, err
	}
	if result, found, err := s.replay(next); found {
		return result, err
	}
	retired, err := s.retire(next, retireTo)
	if err != nil {
		return assignment.Result{}, err
	}
	s.insert(next)
	return assignment.Result{Assignment: next.Clone(), Outcome: assignment.OutcomeCreated, Retired: retired}, nil
}

// Update implements [assignment.Store].
func (s *Store) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return assignment.Assignment{}, err
	}
	cur, ok := s.rows[id]
	if !ok {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	next, err := c.Apply(cur, s.lifecycle)
	if err != nil {
		return assignment.Assignment{}, err
	}
	if !s.lifecycle.IsTerminal(next.Status) {
		if err := s.vacant(next); err != nil {
			return assignment.Assignment{}, err
		}
	}
	s.put(cur, next)
	return next.Clone(), nil
}

// replay finds the caller's own earlier attempt.
func (s *Store) replay(a assignment.Assignment) (result assignment.Result, found bool, err error) {
	own, ok := s.rows[a.ID]
	if !ok {
		return assignment.Result{}, false, nil
	}
	if !own.SameRequest(a) {
		return assignment.Result{}, true, assignment.ErrIDReused
	}
	return assignment.Result{Assignment: own.Clone(), Outcome: assignment.OutcomeReplayed}, true, nil
}

// vacant refuses a slot that another row holds.
func (s *Store) vacant(a assignment.Assignment) error {
	holder, taken := s.active[a.Key]
	if !taken || holder == a.ID {
		return nil
	}
	return &assignment.ActiveExistsError{Key: a.Key, Existing: s.rows[holder].Clone()}
}

func (s *Store) retire(next assignment.Assignment, to assignment.Status) (*assignment.Assignment, error) {
	holder, taken := s.active[next.Key]
	if !taken {
		return nil, nil
	}
	cur := s.rows[holder]
	retired, err := assignment.Change{To: to, At: next.CreatedAt}.Apply(cur, s.lifecycle)
	if err != nil {
		return nil, err
	}
	s.put(cur, retired)
	retired = retired.Clone()
	return &retired, nil
}

func (s *Store) insert(a assignment.Assignment) {
	s.rows[a.ID] = a.Clone()
	s.active[a.Key] = a.ID
	at, _ := slices.BinarySearchFunc(s.order, a.Cursor(), assignment.Cursor.Compare)
	s.order = slices.Insert(s.order, at, a.Cursor())
}

// put stores the next state of a row and moves its hold on the slot.
func (s *Store) put(cur, next assignment.Assignment) {
	if s.active[cur.Key] == cur.ID {
		delete(s.active, cur.Key)
	}
	if !s.lifecycle.IsTerminal(next.Status) {
		s.active[next.Key] = next.ID
	}
	s.rows[next.ID] = next
}

// Get implements [assignment.Store].
func (s *Store) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.find(ctx, id)
}

// FindActive implements [assignment.Store].
func (s *Store) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.find(ctx, s.active[k])
}

func (s *Store) find(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	if err := ctx.Err(); err != nil {
		return assignment.Assignment{}, err
	}
	a, ok := s.rows[id]
	if !ok {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	return a.Clone(), nil
}
