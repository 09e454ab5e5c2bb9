package jsonfilestore

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/assignment-go/assignment"
)

var (
	_ assignment.Store        = (*Store)(nil)
	_ assignment.Replacer     = (*Store)(nil)
	_ assignment.BatchCreator = (*Store)(nil)
)

// Store stores assignments in a file. It is safe for concurrent use, also by any
// number of stores and processes on one directory.
type Store struct {
	dir    string
	policy assignment.Policy
	// turn lets one writer of this store at a time wait for the lock.
	turn chan struct{}
}

// Options configures [New]. The zero value, and nil, mean the defaults.
type Options struct {
	// Policy is what the store enforces. Every store on one directory must have
	// the same terminal statuses. Default: the zero Policy, which has the default
	// lifecycle.
	Policy assignment.Policy
}

// New opens the store in a directory, which it creates if necessary. It returns an
// [*assignment.GuardError] if the file was written with other terminal statuses.
func New(ctx context.Context, dir string, opts *Options) (*Store, error) {
	if opts == nil {
		opts = &Options{}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unavailable(err)
	}
	s := &Store{dir: dir, policy: opts.Policy, turn: make(chan struct{}, 1)}
	if _, err := s.read(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Policy implements [assignment.Store].
func (s *Store) Policy() assignment.Policy { return s.policy }

// Create implements [assignment.Store].
func (s *Store) Create(ctx context.Context, a assignment.Assignment) (result assignment.Result, err error) {
	err = s.write(ctx, a.ID, func(d *data) error {
		result, err = d.create(a)
		return err
	})
	return result, err
}

// CreateMany implements [assignment.BatchCreator]. The whole batch is one change
// of the file.
func (s *Store) CreateMany(
	ctx context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) (results []assignment.ItemResult, err error) {
	err = s.write(ctx, batch[0].ID, func(d *data) error {
		for i, a := range batch {
			result, err := d.create(a)
			if err != nil && opts.AllOrNothing {
				return &assignment.BatchError{Index: i, Err: err}
			}
			results = append(results, assignment.ItemResult{Assignment: result.Assignment, Outcome: result.Outcome, Err: err})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// Update implements [assignment.Store].
func (s *Store) Update(ctx context.Context, id assignment.ID, c assignment.Change) (next assignment.Assignment, err error) {
	err = s.write(ctx, id, func(d *data) error {
		cur, err := d.get(id)
		if err != nil {
			return err
		}
		next, err = c.Apply(cur, s.policy.Lifecycle)
		if err != nil || next.Version == cur.Version {
			return err // rejected, or no change
		}
		if err := d.vacant(next); err != nil {
			return err
		}
		d.put(next)
		return nil
	})
	return next, err
}

// Replace implements [assignment.Replacer].
func (s *Store) Replace(ctx context.Context, next assignment.Assignment, retireTo assignment.Status) (result assignment.Result, err error) {
	err = s.write(ctx, next.ID, func(d *data) error {
		if result, err = d.replay(next); result.Outcome != 0 || err != nil {
			return err
		}
		result = assignment.Result{Assignment: next, Outcome: assignment.OutcomeCreated}
		if holder, ok := d.holder(next.Key); ok {
			retired, err := assignment.Change{To: retireTo, At: next.CreatedAt}.Apply(holder, s.policy.Lifecycle)
			if err != nil {
				return err
			}
			d.put(retired)
			result.Retired = &retired
		}
		d.put(next)
		return nil
	})
	return result, err
}

// Get implements [assignment.Store].
func (s *Store) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	d, err := s.read(ctx)
	if err != nil {
		return assignment.Assignment{}, err
	}
	return d.get(id)
}

// FindActive implements [assignment.Store].
func (s *Store) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	d, err := s.read(ctx)
	if err != nil {
		return assignment.Assignment{}, err
	}
	holder, ok := d.holder(k)
	if !ok {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	return holder, nil
}

// List implements [assignment.Store].
func (s *Store) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	d, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(d.Assignments, func(a assignment.Assignment) bool {
		return !q.Matches(a, s.policy.Lifecycle) || !q.After.IsZero() && a.Cursor().Compare(q.After) <= 0
	})
	return rows[:min(len(rows), q.Limit)], nil
}

// Count implements [assignment.Store].
func (s *Store) Count(ctx context.Context, q assignment.Query) (int64, error) {
	d, err := s.read(ctx)
	if err != nil {
		return 0, err
	}
	n := int64(0)
	for _, a := range d.Assignments {
		if q.Matches(a, s.policy.Lifecycle) {
			n++
		}
	}
	return n, nil
}

// unavailable wraps an error after which it is certain that nothing was written.
func unavailable(err error) error {
	return fmt.Errorf("%w: %w", assignment.ErrUnavailable, err)
}
