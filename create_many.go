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
// index. An empty batch has no results and no error.
//
// All rows that are created bear the same CreatedAt, so that lists show them in
// the order of their IDs. [Options.NewID] is called in the order of the
// assignees and, for one assignee, of the positions: UUIDv7 grow in it.
//
// By default each item has the outcome, or the error, that Create would have
// given it, and the failure of one stops no other. Items that share an ID or a
// key have those of calls in the order of the batch: the first one takes the
// slot, the others conflict with its row, or replay it. The error of the call is
// nil when every item was decided, be it by [ErrInvalid], [ErrActiveExists],
// [ErrIDReused] or [ErrUnsupported], which are for Err of the item alone. It is
// a [*BatchError] when the store or the context failed for at least one item;
// the results are complete then, too, and each tells what is known of its item.
// A batch may be repeated with the IDs in its results.
//
// With [BatchOptions.AllOrNothing] the items are created at one moment, or none
// is. A replayed item counts as success, so that a batch with IDs of the caller
// can be repeated. The first item that can't be created fails the call with a
// *BatchError; so does, as ErrInvalid, an item with the key of an earlier one and
// another ID. Nothing was written then, and there are no results. A call that
// fails with [ErrUnknownOutcome], and only that, has results all the same: they
// carry the IDs with which to repeat the batch. A store that can't create all or
// nothing answers ErrUnsupported.
//
// A context that had ended before anything was sent is the error of the call,
// without results.
func (s *Service) CreateMany(ctx context.Context, batch []CreateParams, opts *BatchOptions) ([]ItemResult, error) {
	if opts != nil && opts.AllOrNothing {
		return s.createAll(ctx, batch)
	}
	return s.createEach(ctx, batch)
}

// createEach sends the valid items and puts their results where the items were.
func (s *Service) createEach(ctx context.Context, batch []CreateParams) ([]ItemResult, error) {
	if err := started(ctx, "create assignments"); err != nil {
		return nil, err
	}
	rows, refused := s.prepareEach(batch)
	results := spread(s.send(ctx, rows), batch, refused)
	ofNewIDs(results, batch)
	if err := undecided(results); err != nil {
		return results, fmt.Errorf("create assignments: %w", err)
	}
	return results, nil
}

// prepareEach returns the rows of the valid items, in their order, and why the
// others were refused, by their index.
func (s *Service) prepareEach(batch []CreateParams) (rows []Assignment, refused map[int]error) {
	rows, refused = make([]Assignment, 0, len(batch)), make(map[int]error)
	now := storedTime(s.now())
	for i, p := range batch {
		a, err := s.prepare(p, now)
		if err != nil {
			refused[i] = err
			continue
		}
		rows = append(rows, a)
	}
	s.identifyAll(rows)
	return rows, refused
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
		if n := strings.Compare(rows[i].Key.AssigneeID, rows[j].Key.AssigneeID); n != 0 {
			return n
		}
		return i - j
	})
	for _, i := range order {
		s.identify(&rows[i])
	}
}

// spread puts the results of the valid items where the items were.
func spread(results []ItemResult, batch []CreateParams, refused map[int]error) []ItemResult {
	if len(refused) == 0 {
		return results
	}
	all := make([]ItemResult, len(batch))
	for i, p := range batch {
		if err, ok := refused[i]; ok {
			all[i] = ItemResult{ID: p.ID, Err: err}
			continue
		}
		all[i], results = results[0], results[1:]
	}
	return all
}

// send returns one result for each row, whatever the store is able to do.
func (s *Service) send(ctx context.Context, rows []Assignment) []ItemResult {
	creator, ok := s.store.(BatchCreator)
	if !ok {
		return s.sendOneByOne(ctx, rows)
	}
	results, err := createRows(ctx, creator, rows, BatchOptions{})
	if err != nil {
		return failures(rows, err)
	}
	for i, a := range rows {
		if err := results[i].Err; err != nil {
			results[i] = ItemResult{Err: failed("create assignment", a.ID, err)}
		}
		results[i].ID = cmp.Or(a.ID, results[i].Assignment.ID)
	}
	return results
}

func (s *Service) sendOneByOne(ctx context.Context, rows []Assignment) []ItemResult {
	results := make([]ItemResult, len(rows))
	for i, a := range rows {
		result, err := createRow(ctx, s.store.Create, a)
		results[i] = ItemResult{ID: cmp.Or(a.ID, result.Assignment.ID), Assignment: result.Assignment, Outcome: result.Outcome, Err: err}
	}
	return results
}

// ofNewIDs is [ofNewID] for the items whose ID the caller left out.
func ofNewIDs(results []ItemResult, batch []CreateParams) {
	for i, p := range batch {
		if p.ID == "" {
			results[i].Outcome = ofNewID(results[i].Outcome)
		}
	}
}

func (s *Service) createAll(ctx context.Context, batch []CreateParams) ([]ItemResult, error) {
	rows, err := s.prepareAll(batch)
	if err != nil {
		return nil, fmt.Errorf("create assignments: %w", err)
	}
	creator, ok := s.store.(BatchCreator)
	if !ok {
		return nil, &UnsupportedError{Ability: "CreateMany", Reason: "the store can't create all or nothing"}
	}
	if err := started(ctx, "create assignments"); err != nil {
		return nil, err
	}
	results, err := createRows(ctx, creator, rows, BatchOptions{AllOrNothing: true})
	if err == nil {
		for i, a := range rows {
			results[i].ID = cmp.Or(a.ID, results[i].Assignment.ID)
		}
		ofNewIDs(results, batch)
		return results, nil
	}
	if errors.Is(err, ErrUnknownOutcome) {
		results = failures(rows, err)
	}
	return results, fmt.Errorf("create assignments: %w", err)
}

// prepareAll refuses a batch that could never be created whole.
func (s *Service) prepareAll(batch []CreateParams) ([]Assignment, error) {
	rows := make([]Assignment, len(batch))
	first := make(map[Key]int, len(batch))
	now := storedTime(s.now())
	for i, p := range batch {
		a, err := s.prepare(p, now)
		if err != nil {
			return nil, &BatchError{Index: i, Err: err}
		}
		if j, taken := first[a.Key]; taken && (a.ID == "" || rows[j].ID != a.ID) {
			return nil, &BatchError{Index: i, Err: invalid("Key", fmt.Sprintf("is that of item %d, too: only one can hold the slot", j))}
		} else if !taken {
			first[a.Key] = i
		}
		rows[i] = a
	}
	s.identifyAll(rows)
	return rows, nil
}

// createRows calls the store. Either every row has a result, or there is an
// error and no result.
func createRows(ctx context.Context, creator BatchCreator, rows []Assignment, opts BatchOptions) ([]ItemResult, error) {
	if len(rows) == 0 {
		return []ItemResult{}, nil
	}
	results, err := creator.CreateMany(ctx, rows, opts)
	if err != nil {
		return nil, err
	}
	if len(results) != len(rows) {
		// The driver is broken. Which items were written is anybody's guess.
		return nil, &UnknownOutcomeError{
			ID: rows[0].ID, Err: fmt.Errorf("the store returned %d results for %d items", len(results), len(rows)),
		}
	}
	return results, nil
}

// failures spreads the failure of a call over its rows. An unknown outcome is
// told of each row by its own ID.
func failures(rows []Assignment, err error) []ItemResult {
	unknown := errors.Is(err, ErrUnknownOutcome)
	cause := err
	if typed, ok := errors.AsType[*UnknownOutcomeError](err); ok {
		cause = typed.Err
	}
	results := make([]ItemResult, len(rows))
	for i, a := range rows {
		own := cause
		if unknown {
			own = &UnknownOutcomeError{ID: a.ID, Err: cause}
		}
		results[i] = ItemResult{ID: a.ID, Err: failed("create assignment", a.ID, own)}
	}
	return results
}

// undecided returns the failure of the first item whose outcome is unknown, or
// else of the first that failed for a reason beyond itself. Unknown comes first:
// who sees another error is entitled to believe that nothing was written.
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

// decided reports whether an error is an answer about the item.
func decided(err error) bool {
	if errors.Is(err, ErrUnknownOutcome) {
		return false
	}
	return errors.Is(err, ErrActiveExists) || errors.Is(err, ErrInvalid) ||
		errors.Is(err, ErrIDReused) || errors.Is(err, ErrUnsupported)
}
