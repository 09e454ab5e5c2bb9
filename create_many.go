package assignment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// CreateMany creates a batch of any size, in far fewer round trips than calls of
// [Service.Create] where the store can. There is one result per item, at its
// index. All rows that are created have the same CreatedAt.
//
// Each item has the outcome, or the error, that Create would have given it, and
// the failure of one stops no other. Items that share an ID or a key have those
// of calls in the order of the batch.
//
// The error of the call is nil when every item was created, replayed or rejected
// for its own sake. It is a [*BatchError] when the store or the context failed
// for at least one; the results are complete then, too.
func (s *Service) CreateMany(ctx context.Context, batch []CreateParams, opts *BatchOptions) ([]ItemResult, error) {
	var results []ItemResult
	err := ctx.Err()
	switch {
	case err != nil:
		err = unsent(err)
	case opts != nil && opts.AllOrNothing:
		results, err = s.createAll(ctx, batch)
	default:
		results = s.createEach(ctx, batch)
		err = undecided(results)
	}
	if err != nil {
		return results, fmt.Errorf("create assignments: %w", err)
	}
	return results, nil
}

// createEach sends the valid items and puts their results where the items were.
func (s *Service) createEach(ctx context.Context, batch []CreateParams) []ItemResult {
	rows, rejected := s.prepareEach(batch)
	results, err := s.createRows(ctx, rows, BatchOptions{})
	if err != nil {
		results = failures(rows, err)
	}
	return spread(results, batch, rejected)
}

// createAll creates every item or none.
func (s *Service) createAll(ctx context.Context, batch []CreateParams) ([]ItemResult, error) {
	rows, err := s.prepareAll(batch)
	if err != nil {
		return nil, err
	}
	results, err := s.createRows(ctx, rows, BatchOptions{AllOrNothing: true})
	switch {
	case err == nil:
		return spread(results, batch, nil), nil
	case errors.Is(err, ErrUnknownOutcome):
		return failures(rows, err), err
	default:
		return nil, err
	}
}

// prepareEach returns the rows of the valid items, in their order, and why the
// others were rejected, by their index.
func (s *Service) prepareEach(batch []CreateParams) (rows []Assignment, rejected map[int]error) {
	rows, rejected = make([]Assignment, 0, len(batch)), make(map[int]error)
	now := storedTime(s.now())
	for i, p := range batch {
		a, err := s.prepare(p, now)
		if err != nil {
			rejected[i] = err
			continue
		}
		rows = append(rows, a)
	}
	s.identifyAll(rows)
	return rows, rejected
}

// prepareAll rejects a batch that could never be created whole.
func (s *Service) prepareAll(batch []CreateParams) ([]Assignment, error) {
	rows, rejected := s.prepareEach(batch)
	first := make(map[Key]int, len(batch))
	for i := range batch {
		if err := rejected[i]; err != nil {
			return nil, &BatchError{Index: i, Err: err}
		}
		a := rows[i] // nothing was rejected before it
		j, taken := first[a.Key]
		switch {
		case !taken:
			first[a.Key] = i
		case a.ID == "" || rows[j].ID != a.ID: // otherwise it is a replay
			return nil, &BatchError{Index: i, Err: invalid("Key", fmt.Sprintf("is that of item %d, too: only one can hold the slot", j))}
		}
	}
	return rows, nil
}

// identifyAll makes the IDs that the caller left out. They grow with the
// assignee: stores sort batches by key, to be free of deadlocks, and then write
// their index of the IDs in its order, too. For one assignee they grow with the
// position in the batch, which is the order that its lists show.
func (s *Service) identifyAll(rows []Assignment) {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(strings.Compare(rows[i].Key.AssigneeID, rows[j].Key.AssigneeID), i-j)
	})
	for _, i := range order {
		s.identify(&rows[i])
	}
}

// createRows calls the store. Either every row has a result, or there is an
// error and no result.
func (s *Service) createRows(ctx context.Context, rows []Assignment, opts BatchOptions) ([]ItemResult, error) {
	if len(rows) == 0 {
		return []ItemResult{}, nil
	}
	creator, ok := s.store.(BatchCreator)
	if !ok {
		creator = oneByOne{s.store}
	}
	results, err := creator.CreateMany(ctx, rows, opts)
	if err != nil {
		return nil, err
	}
	if len(results) != len(rows) {
		// The driver is broken, and any item may have been written.
		return nil, &UnknownOutcomeError{
			ID: rows[0].ID, Err: fmt.Errorf("the store returned %d results for %d items", len(results), len(rows)),
		}
	}
	for i, a := range rows {
		if err := results[i].Err; err != nil {
			results[i] = ItemResult{Err: failed("create assignment", a.ID, err)}
		}
		results[i].ID = cmp.Or(a.ID, results[i].Assignment.ID)
	}
	return results, nil
}

// spread puts the results of the rows where their items were, beside those of
// the rejected items.
func spread(results []ItemResult, batch []CreateParams, rejected map[int]error) []ItemResult {
	all := results
	if len(rejected) > 0 {
		all = make([]ItemResult, len(batch))
	}
	for i, p := range batch {
		if err, ok := rejected[i]; ok {
			all[i] = ItemResult{ID: p.ID, Err: err}
			continue
		}
		all[i], results = results[0], results[1:]
		all[i].Outcome = outcomeOf(p, all[i].Outcome)
	}
	return all
}

// failures gives each row the failure of the call. An unknown outcome names each
// row by its own ID.
func failures(rows []Assignment, err error) []ItemResult {
	unknown := errors.Is(err, ErrUnknownOutcome)
	if typed, ok := errors.AsType[*UnknownOutcomeError](err); ok {
		err = typed.Err
	}
	results := make([]ItemResult, len(rows))
	for i, a := range rows {
		itemErr := err
		if unknown {
			itemErr = &UnknownOutcomeError{ID: a.ID, Err: err}
		}
		results[i] = ItemResult{ID: a.ID, Err: failed("create assignment", a.ID, itemErr)}
	}
	return results
}

// undecided returns the failure of the first item whose outcome is unknown, or
// else of the first that failed for a reason beyond itself. Unknown comes first:
// a caller that sees another error may believe that nothing was written.
func undecided(results []ItemResult) error {
	var first error
	for i, r := range results {
		if r.Err == nil || decided(r.Err) {
			continue
		}
		if errors.Is(r.Err, ErrUnknownOutcome) {
			return &BatchError{Index: i, Err: r.Err}
		}
		if first == nil {
			first = &BatchError{Index: i, Err: r.Err}
		}
	}
	return first
}

// decided reports whether an error is about the item alone.
func decided(err error) bool {
	if errors.Is(err, ErrUnknownOutcome) {
		return false
	}
	return errors.Is(err, ErrActiveExists) || errors.Is(err, ErrInvalid) ||
		errors.Is(err, ErrIDReused) || errors.Is(err, ErrUnsupported)
}
