package main

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"github.com/assignment-go/assignment"
)

var _ assignment.Store = (*naive)(nil)

// naive is a store with the check-then-create race: it checks that the slot is free
// and then inserts. Each step is safe by itself, but another caller may take the
// slot between them.
type naive struct {
	policy assignment.Policy
	mu     sync.Mutex
	rows   map[assignment.ID]assignment.Assignment
}

func newNaive(p assignment.Policy) *naive {
	return &naive{policy: p, rows: make(map[assignment.ID]assignment.Assignment)}
}

func (s *naive) Policy() assignment.Policy { return s.policy }

func (s *naive) Create(ctx context.Context, a assignment.Assignment) (assignment.Result, error) {
	existing, err := s.Get(ctx, a.ID)
	if err == nil && existing.SameRequest(a) {
		return assignment.Result{Assignment: existing, Outcome: assignment.OutcomeReplayed}, nil
	}
	if err == nil {
		return assignment.Result{}, assignment.ErrIDReused
	}
	if err := s.vacant(ctx, a); err != nil {
		return assignment.Result{}, err
	}
	s.insert(a)
	return assignment.Result{Assignment: a.Clone(), Outcome: assignment.OutcomeCreated}, nil
}

func (s *naive) Update(ctx context.Context, id assignment.ID, c assignment.Change) (assignment.Assignment, error) {
	cur, err := s.Get(ctx, id)
	if err != nil {
		return assignment.Assignment{}, err
	}
	next, err := c.Apply(cur, s.policy.Lifecycle)
	if err != nil || next.Version == cur.Version {
		return next, err
	}
	if !s.policy.Lifecycle.IsTerminal(next.Status) {
		if err := s.vacant(ctx, next); err != nil {
			return assignment.Assignment{}, err
		}
	}
	s.insert(next)
	return next.Clone(), nil
}

// vacant is the check. What runs between it and the insert is the race.
func (s *naive) vacant(ctx context.Context, a assignment.Assignment) error {
	holder, err := s.FindActive(ctx, a.Key)
	if errors.Is(err, assignment.ErrNotFound) || err == nil && holder.ID == a.ID {
		runtime.Gosched() // in place of a round trip to a database
		return nil
	}
	if err != nil {
		return err
	}
	return &assignment.ActiveExistsError{Key: a.Key, Existing: holder}
}

func (s *naive) insert(a assignment.Assignment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows[a.ID] = a.Clone()
}

func (s *naive) Get(ctx context.Context, id assignment.ID) (assignment.Assignment, error) {
	return s.first(ctx, func(a assignment.Assignment) bool { return a.ID == id })
}

func (s *naive) FindActive(ctx context.Context, k assignment.Key) (assignment.Assignment, error) {
	return s.first(ctx, func(a assignment.Assignment) bool { return a.Key == k && !s.policy.Lifecycle.IsTerminal(a.Status) })
}

func (s *naive) first(ctx context.Context, matches func(assignment.Assignment) bool) (assignment.Assignment, error) {
	rows, err := s.all(ctx, matches)
	if err != nil {
		return assignment.Assignment{}, err
	}
	if len(rows) == 0 {
		return assignment.Assignment{}, assignment.ErrNotFound
	}
	return rows[0], nil
}

func (s *naive) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	rows, err := s.all(ctx, func(a assignment.Assignment) bool {
		return q.Matches(a, s.policy.Lifecycle) && (q.After.IsZero() || a.Cursor().Compare(q.After) > 0)
	})
	return rows[:min(len(rows), q.Limit)], err
}

func (s *naive) Count(ctx context.Context, q assignment.Query) (int64, error) {
	rows, err := s.all(ctx, func(a assignment.Assignment) bool { return q.Matches(a, s.policy.Lifecycle) })
	return int64(len(rows)), err
}

func (s *naive) all(ctx context.Context, matches func(assignment.Assignment) bool) ([]assignment.Assignment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var rows []assignment.Assignment
	for _, a := range s.rows {
		if matches(a) {
			rows = append(rows, a.Clone())
		}
	}
	slices.SortFunc(rows, func(a, b assignment.Assignment) int { return a.Cursor().Compare(b.Cursor()) })
	return rows, nil
}
