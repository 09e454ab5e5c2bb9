package memory

import (
	"context"
	"slices"

	"github.com/assignment-go/assignment"
)

// CreateMany implements [assignment.BatchCreator]. Nothing gets in between its
// items, since it holds the lock for the whole batch.
func (s *Store) CreateMany(
	ctx context.Context, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	results := make([]assignment.ItemResult, len(batch))
	for i, a := range batch {
		result, err := s.create(ctx, a)
		if err != nil && opts.AllOrNothing {
			s.undo(results[:i])
			return nil, &assignment.BatchError{Index: i, Err: err}
		}
		results[i] = assignment.ItemResult{Assignment: result.Assignment, Outcome: result.Outcome, Err: err}
	}
	return results, nil
}

// undo removes what the results say was created, as if it had never been.
func (s *Store) undo(results []assignment.ItemResult) {
	for _, r := range slices.Backward(results) {
		if r.Outcome == assignment.OutcomeCreated {
			s.remove(r.Assignment)
		}
	}
}

func (s *Store) remove(a assignment.Assignment) {
	delete(s.rows, a.ID)
	delete(s.active, a.Key)
	at, _ := slices.BinarySearchFunc(s.order, a.Cursor(), assignment.Cursor.Compare)
	s.order = slices.Delete(s.order, at, at+1)
}
