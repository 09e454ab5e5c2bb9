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
	policy assignment.Policy

	// mu guards all that follows, the rows included.
	mu   sync.RWMutex
	rows *index[assignment.ID]
	// active finds the holder of a slot, so that Create does not depend on how
	// long the history is.
	active *index[assignment.Key]
	// order has every row by its position, which never changes.
	order []*assignment.Assignment
	// free is memory for rows to come.
	free []assignment.Assignment
}

// Options configures [New]. The zero value, and nil, mean the defaults.
type Options struct {
	// Policy is what the store enforces. Default: the zero Policy, which has the
	// default lifecycle.
	Policy assignment.Policy
}

// New returns an empty store.
func New(opts *Options) *Store {
	if opts == nil {
		opts = &Options{}
	}
	return &Store{
		policy: opts.Policy,
		rows:   indexByID(),
		active: indexByKey(),
	}
}

// Policy implements [assignment.Store].
func (s *Store) Policy() assignment.Policy { return s.policy }

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
	cur := s.rows.get(id)
	if cur == nil {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	next, err := c.Apply(*cur, s.policy.Lifecycle)
	if err != nil {
		return assignment.Assignment{}, err
	}
	if !s.policy.Lifecycle.IsTerminal(next.Status) {
		if err := s.vacant(next); err != nil {
			return assignment.Assignment{}, err
		}
	}
	s.put(cur, next)
	return next.Clone(), nil
}

// replay finds the caller's own earlier attempt.
func (s *Store) replay(a assignment.Assignment) (result assignment.Result, found bool, err error) {
	own := s.rows.get(a.ID)
	if own == nil {
		return assignment.Result{}, false, nil
	}
	if !own.SameRequest(a) {
		return assignment.Result{}, true, assignment.ErrIDReused
	}
	return assignment.Result{Assignment: own.Clone(), Outcome: assignment.OutcomeReplayed}, true, nil
}

// vacant refuses a slot that another row holds.
func (s *Store) vacant(a assignment.Assignment) error {
	holder := s.active.get(a.Key)
	if holder == nil || holder.ID == a.ID {
		return nil
	}
	return &assignment.ActiveExistsError{Key: a.Key, Existing: holder.Clone()}
}

func (s *Store) retire(next assignment.Assignment, to assignment.Status) (*assignment.Assignment, error) {
	holder := s.active.get(next.Key)
	if holder == nil {
		return nil, nil
	}
	retired, err := assignment.Change{To: to, At: next.CreatedAt}.Apply(*holder, s.policy.Lifecycle)
	if err != nil {
		return nil, err
	}
	s.put(holder, retired)
	retired = retired.Clone()
	return &retired, nil
}

func (s *Store) insert(a assignment.Assignment) {
	row := s.room()
	*row = a.Clone()
	s.rows.set(a.ID, row)
	s.active.set(a.Key, row)
	if at := s.start(a.Cursor()); at < len(s.order) {
		s.order = slices.Insert(s.order, at, row)
	} else {
		s.order = append(s.order, row)
	}
}

// rowsAtOnce is how many rows are allocated together. One by one they keep the
// garbage collector busier.
const rowsAtOnce = 128

// room returns memory for a row.
func (s *Store) room() *assignment.Assignment {
	if len(s.free) == 0 {
		s.free = make([]assignment.Assignment, rowsAtOnce)
	}
	row := &s.free[0]
	s.free = s.free[1:]
	return row
}

// put gives a row its next state and moves its hold on the slot.
func (s *Store) put(row *assignment.Assignment, next assignment.Assignment) {
	if s.active.get(row.Key) == row {
		s.active.remove(row.Key)
	}
	if !s.policy.Lifecycle.IsTerminal(next.Status) {
		s.active.set(next.Key, row)
	}
	*row = next
}

// Get implements [assignment.Store].
func (s *Store) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return found(ctx, s.rows.get(id))
}

// FindActive implements [assignment.Store].
func (s *Store) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return found(ctx, s.active.get(k))
}

// found copies a row that may be missing.
func found(ctx context.Context, row *assignment.Assignment) (assignment.Assignment, error) {
	if err := ctx.Err(); err != nil {
		return assignment.Assignment{}, err
	}
	if row == nil {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	return row.Clone(), nil
}
