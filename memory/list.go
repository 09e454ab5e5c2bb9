package memory

import (
	"context"
	"sort"

	"github.com/assignment-go/assignment"
)

// List implements [assignment.Store].
func (s *Store) List(ctx context.Context, q assignment.Query) ([]assignment.Assignment, error) {
	var page []assignment.Assignment
	err := s.scan(ctx, q, func(a assignment.Assignment) bool {
		page = append(page, a.Clone())
		return len(page) < q.Limit
	})
	return page, err
}

// Count implements [assignment.Store].
func (s *Store) Count(ctx context.Context, q assignment.Query) (int64, error) {
	var n int64
	q.After = assignment.Cursor{}
	err := s.scan(ctx, q, func(assignment.Assignment) bool {
		n++
		return true
	})
	return n, err
}

// scan visits what matches q behind q.After, in order, until visit returns
// false.
func (s *Store) scan(ctx context.Context, q assignment.Query, visit func(assignment.Assignment) bool) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	from := 0
	if !q.After.IsZero() {
		from = s.start(q.After)
	}
	for _, row := range s.order[from:] {
		if q.Matches(*row, s.policy.Lifecycle) && !visit(*row) {
			return nil
		}
	}
	return nil
}

// start is the index of the first row behind the cursor. Rows come in order as a
// rule, so it looks at the end first.
func (s *Store) start(after assignment.Cursor) int {
	n := len(s.order)
	if n == 0 || s.order[n-1].Cursor().Compare(after) <= 0 {
		return n
	}
	return sort.Search(n, func(i int) bool { return s.order[i].Cursor().Compare(after) > 0 })
}
