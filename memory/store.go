// Package memory is the in-memory [assignment.Store]: plain maps under one
// mutex. It suits unit tests and prototypes, and is the driver to read first: it
// keeps the same contract as the database drivers, checked by the same suite.
// Everything is lost with the process, and two processes share nothing.
package memory

import (
	"context"
	"slices"
	"sort"
	"sync"

	"github.com/assignment-go/assignment"
)

var _ interface {
	assignment.Store
	assignment.Replacer
	assignment.BatchCreator
} = (*Store)(nil)

// Store holds assignments in memory. It is safe for any number of goroutines.
type Store struct {
	policy assignment.Policy
	mu     sync.Mutex                                // guards all that follows, the rows included
	rows   map[assignment.ID]*assignment.Assignment  // every row
	active map[assignment.Key]*assignment.Assignment // the holders: no call depends on how long the history is
	order  []*assignment.Assignment                  // every row in the order of List, in which its place never changes
}

// Options configures [New]. Nil means the defaults.
type Options struct {
	Policy assignment.Policy // what the store enforces. Default: the zero Policy
}

// New returns an empty store.
func New(opts *Options) *Store {
	s := &Store{rows: make(map[assignment.ID]*assignment.Assignment), active: make(map[assignment.Key]*assignment.Assignment)}
	if opts != nil {
		s.policy = opts.Policy
	}
	return s
}

// begin locks the store for one call, unless the context has ended. So the call
// happens at one moment (rule 4), with nothing between a check and a write (1).
func (s *Store) begin(ctx context.Context) error {
	s.mu.Lock()
	err := ctx.Err()
	if err != nil {
		s.mu.Unlock()
	}
	return err
}

// Policy implements [assignment.Store].
func (s *Store) Policy() assignment.Policy { return s.policy }

// Create implements [assignment.Store].
func (s *Store) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	if err := s.begin(ctx); err != nil {
		return assignment.Result{}, err
	}
	defer s.mu.Unlock()
	return s.create(a)
}

// create tries the rules of Store.Create in their order. The ID comes before the
// slot: the retry of a request is no conflict, even when another row holds the
// slot by now.
func (s *Store) create(a assignment.Assignment) (assignment.Result, error) {
	if row := s.rows[a.ID]; row != nil {
		return replay(row, a)
	}
	if holder := s.active[a.Key]; holder != nil {
		return assignment.Result{}, &assignment.ActiveExistsError{Key: a.Key, Existing: holder.Clone()}
	}
	s.insert(a)
	return assignment.Result{Assignment: a.Clone(), Outcome: assignment.OutcomeCreated}, nil
}

// replay decides about a request whose ID a row has already.
func replay(row *assignment.Assignment, a assignment.Assignment) (assignment.Result, error) {
	if !row.SameRequest(a) {
		return assignment.Result{}, assignment.ErrIDReused
	}
	return assignment.Result{Assignment: row.Clone(), Outcome: assignment.OutcomeReplayed}, nil
}

// CreateMany implements [assignment.BatchCreator]: one item after the other.
func (s *Store) CreateMany(
	ctx context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	results := make([]assignment.ItemResult, len(batch))
	for i, a := range batch {
		result, err := s.create(a)
		if err != nil && opts.AllOrNothing {
			s.undo(results[:i])
			return nil, &assignment.BatchError{Index: i, Err: err}
		}
		results[i] = assignment.ItemResult{Assignment: result.Assignment, Outcome: result.Outcome, Err: err}
	}
	return results, nil
}

// Replace implements [assignment.Replacer].
func (s *Store) Replace(ctx context.Context, next assignment.Assignment, retireTo assignment.Status) (assignment.Result, error) {
	if err := s.begin(ctx); err != nil {
		return assignment.Result{}, err
	}
	defer s.mu.Unlock()
	if row := s.rows[next.ID]; row != nil {
		return replay(row, next)
	}
	result := assignment.Result{Assignment: next.Clone(), Outcome: assignment.OutcomeCreated}
	if holder := s.active[next.Key]; holder != nil {
		retired, err := assignment.Change{To: retireTo, At: next.CreatedAt}.Apply(*holder, s.policy.Lifecycle)
		if err != nil {
			return assignment.Result{}, err
		}
		s.put(holder, retired)
		retired = retired.Clone()
		result.Retired = &retired
	}
	s.insert(next)
	return result, nil
}

// Update implements [assignment.Store].
func (s *Store) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	if err := s.begin(ctx); err != nil {
		return assignment.Assignment{}, err
	}
	defer s.mu.Unlock()
	row := s.rows[id]
	if row == nil {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	next, err := c.Apply(*row, s.policy.Lifecycle)
	if err != nil {
		return assignment.Assignment{}, err
	}
	if holder := s.active[next.Key]; holder != nil && holder != row && !s.policy.Lifecycle.IsTerminal(next.Status) {
		return assignment.Assignment{}, &assignment.ActiveExistsError{Key: next.Key, Existing: holder.Clone()}
	}
	s.put(row, next)
	return next.Clone(), nil
}

// insert adds a row, which is a copy (rule 6). A new row holds its slot.
func (s *Store) insert(a assignment.Assignment) {
	row := new(assignment.Assignment)
	*row = a.Clone()
	s.rows[row.ID], s.active[row.Key] = row, row
	s.order = slices.Insert(s.order, s.behind(row.Cursor()), row)
}

// put gives a row its next state, and moves its hold on the slot.
func (s *Store) put(row *assignment.Assignment, next assignment.Assignment) {
	if s.active[row.Key] == row {
		delete(s.active, row.Key)
	}
	if !s.policy.Lifecycle.IsTerminal(next.Status) {
		s.active[next.Key] = row
	}
	*row = next
}

// undo removes what was created, as if it had never been.
func (s *Store) undo(results []assignment.ItemResult) {
	for _, r := range results {
		if r.Outcome == assignment.OutcomeCreated {
			delete(s.rows, r.Assignment.ID)
			delete(s.active, r.Assignment.Key)
			at := s.behind(r.Assignment.Cursor())
			s.order = slices.Delete(s.order, at-1, at)
		}
	}
}

// Get implements [assignment.Store].
func (s *Store) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	if err := s.begin(ctx); err != nil {
		return assignment.Assignment{}, err
	}
	defer s.mu.Unlock()
	return found(s.rows[id])
}

// FindActive implements [assignment.Store].
func (s *Store) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	if err := s.begin(ctx); err != nil {
		return assignment.Assignment{}, err
	}
	defer s.mu.Unlock()
	return found(s.active[k])
}

func found(row *assignment.Assignment) (assignment.Assignment, error) {
	if row == nil {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	return row.Clone(), nil
}

// List implements [assignment.Store].
func (s *Store) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var page []assignment.Assignment
	for _, row := range s.order[s.behind(q.After):] {
		if len(page) == q.Limit {
			break
		}
		if q.Matches(*row, s.policy.Lifecycle) {
			page = append(page, row.Clone())
		}
	}
	return page, nil
}

// Count implements [assignment.Store].
func (s *Store) Count(ctx context.Context, q assignment.Query) (int64, error) {
	if err := s.begin(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	var n int64
	for _, row := range s.order {
		if q.Matches(*row, s.policy.Lifecycle) {
			n++
		}
	}
	return n, nil
}

// behind is the index of the first row behind the cursor, which is mostly the end.
func (s *Store) behind(c assignment.Cursor) int {
	n := len(s.order)
	if n == 0 || s.order[n-1].Cursor().Compare(c) <= 0 {
		return n
	}
	return sort.Search(n, func(i int) bool { return s.order[i].Cursor().Compare(c) > 0 })
}
