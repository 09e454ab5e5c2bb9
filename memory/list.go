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
	for _, at := range s.order[s.start(q.After):] {
		a := s.rows[at.ID]
		if q.Matches(a, s.lifecycle) && !visit(a) {
			return nil
		}
	}
	return nil
}

// start is the index of the first position behind the cursor.
func (s *Store) start(after assignment.Cursor) int {
	if after.IsZero() {
		return 0
	}
	return sort.Search(len(s.order), func(i int) bool { return s.order[i].Compare(after) > 0 })
}
