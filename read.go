package assignment

import (
	"context"
	"fmt"
	"iter"
	"slices"
)

// pageSize bounds what one page of List asks of a store: large enough to make
// round trips rare, small enough to stay a few hundred kilobytes.
const pageSize = 500

// Get returns the assignment with this ID, whatever its status.
//
// Errors: [ErrInvalid], [ErrNotFound]; see [Service] for those of every call.
func (s *Service) Get(ctx context.Context, id ID) (Assignment, error) {
	if err := checkID("ID", id); err != nil {
		return Assignment{}, err
	}
	if err := started(ctx, "get assignment"); err != nil {
		return Assignment{}, err
	}
	a, err := s.store.Get(ctx, id)
	if err != nil {
		return Assignment{}, fmt.Errorf("get assignment %s: %w", id, err)
	}
	return a, nil
}

// FindActive returns the assignment that holds the slot of the key, or
// [ErrNotFound] when it is free. The answer may be outdated by the time that
// it arrives: to act on it, call Create or Ensure and let the store decide.
//
// Errors: [ErrInvalid], [ErrNotFound]; see [Service] for those of every call.
func (s *Service) FindActive(ctx context.Context, k Key) (Assignment, error) {
	if err := checkKey(k); err != nil {
		return Assignment{}, err
	}
	if err := started(ctx, "find active assignment"); err != nil {
		return Assignment{}, err
	}
	a, err := s.store.FindActive(ctx, k)
	if err != nil {
		return Assignment{}, fmt.Errorf("find active assignment of %s: %w", k, err)
	}
	return a, nil
}

// List yields the assignments that match the query, oldest first, reading them
// in pages behind the scenes. Each page sees one moment; between pages the
// world moves on, but nothing is yielded twice, and what existed throughout and
// matched throughout is not skipped.
//
// After an error, which is yielded with a zero Assignment, the sequence ends.
// Errors: [ErrInvalid]; see [Service] for those of every call.
func (s *Service) List(ctx context.Context, q Query) iter.Seq2[Assignment, error] {
	return func(yield func(Assignment, error) bool) {
		q := q // each range over the sequence starts anew
		q.Statuses = slices.Clone(q.Statuses)
		if err := q.check(s.policy.Lifecycle); err != nil {
			yield(Assignment{}, err)
			return
		}
		remaining := q.Limit
		for {
			page, err := s.page(ctx, &q, remaining)
			if err != nil {
				yield(Assignment{}, err)
				return
			}
			for _, a := range page {
				if !yield(a, nil) {
					return
				}
			}
			remaining -= len(page)
			if len(page) < q.Limit || remaining == 0 {
				return
			}
			q.After = page[len(page)-1].Cursor()
		}
	}
}

// page reads the next page into the bounds of remaining; q.Limit tells the
// caller how many were asked for. A remaining that is not positive is no bound.
func (s *Service) page(ctx context.Context, q *Query, remaining int) ([]Assignment, error) {
	if err := started(ctx, "list assignments"); err != nil {
		return nil, err
	}
	q.Limit = pageSize
	if remaining > 0 {
		q.Limit = min(pageSize, remaining)
	}
	page, err := s.store.List(ctx, *q)
	if err != nil {
		return nil, fmt.Errorf("list assignments: %w", err)
	}
	return page, nil
}

// Count returns how many assignments match the query; its After and Limit are
// ignored.
//
// Errors: [ErrInvalid]; see [Service] for those of every call.
func (s *Service) Count(ctx context.Context, q Query) (int64, error) {
	if err := q.check(s.policy.Lifecycle); err != nil {
		return 0, err
	}
	if err := started(ctx, "count assignments"); err != nil {
		return 0, err
	}
	q.After, q.Limit = Cursor{}, 0
	n, err := s.store.Count(ctx, q)
	if err != nil {
		return 0, fmt.Errorf("count assignments: %w", err)
	}
	return n, nil
}
