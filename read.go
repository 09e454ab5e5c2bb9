package assignment

import (
	"context"
	"iter"
	"slices"
)

// Get returns the assignment with this ID, whatever its status, or [ErrNotFound].
func (s *Service) Get(ctx context.Context, id ID) (Assignment, error) {
	if err := checkRequired("ID", string(id)); err != nil {
		return Assignment{}, err
	}
	return call(ctx, "get assignment", id, func() (Assignment, error) { return s.store.Get(ctx, id) })
}

// FindActive returns the assignment that holds the slot of the key, or
// [ErrNotFound]. Either may be outdated when it arrives: to act on it, call Ensure.
func (s *Service) FindActive(ctx context.Context, k Key) (Assignment, error) {
	if err := k.check(); err != nil {
		return Assignment{}, err
	}
	return call(ctx, "find active assignment of", k, func() (Assignment, error) { return s.store.FindActive(ctx, k) })
}

// pageSize bounds what one page of List asks of a store: large enough to make
// round trips rare, small enough to stay a few hundred kilobytes.
const pageSize = 500

// List yields the assignments that match the query, oldest first, in pages that
// see one moment each: nothing is yielded twice, and what existed throughout and
// matched throughout is not skipped. An error ends the sequence.
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
			q.Limit = pageSize
			if remaining > 0 { // otherwise there is no bound
				q.Limit = min(pageSize, remaining)
			}
			page, err := call(ctx, "list assignments", ID(""), func() ([]Assignment, error) { return s.store.List(ctx, q) })
			if err != nil {
				yield(Assignment{}, err)
				return
			}
			if !yieldAll(page, yield) {
				return
			}
			remaining -= len(page)
			if len(page) < q.Limit || remaining == 0 {
				return
			}
			q.After = page[len(page)-1].Cursor()
		}
	}
}

// yieldAll reports whether the caller wants more.
func yieldAll(page []Assignment, yield func(Assignment, error) bool) bool {
	for _, a := range page {
		if !yield(a, nil) {
			return false
		}
	}
	return true
}

// Count returns how many assignments match the query, but for After and Limit.
func (s *Service) Count(ctx context.Context, q Query) (int64, error) {
	if err := q.check(s.policy.Lifecycle); err != nil {
		return 0, err
	}
	q.After, q.Limit = Cursor{}, 0
	return call(ctx, "count assignments", ID(""), func() (int64, error) { return s.store.Count(ctx, q) })
}
