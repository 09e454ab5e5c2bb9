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
	if opts.AllOrNothing {
		return s.createAll(ctx, batch)
	}
	results := make([]assignment.ItemResult, len(batch))
	for i, a := range batch {
		results[i] = s.createItem(ctx, a)
	}
	return results, nil
}

// createAll undoes what it did when an item is refused or the context ends.
func (s *Store) createAll(ctx context.Context, batch []assignment.Assignment) ([]assignment.ItemResult, error) {
	results := make([]assignment.ItemResult, len(batch))
	for i, a := range batch {
		results[i] = s.createItem(ctx, a)
		err := results[i].Err
		if err == nil {
			continue
		}
		s.undo(results[:i])
		if ended := ctx.Err(); ended != nil {
			return nil, ended
		}
		return nil, &assignment.BatchError{Index: i, Err: err}
	}
	return results, nil
}

func (s *Store) createItem(ctx context.Context, a assignment.Assignment) assignment.ItemResult {
	result, err := s.create(ctx, a)
	return assignment.ItemResult{Assignment: result.Assignment, Outcome: result.Outcome, Err: err}
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
	s.rows.remove(a.ID)
	s.active.remove(a.Key)
	at := s.start(a.Cursor()) // behind it
	s.order = slices.Delete(s.order, at-1, at)
}
