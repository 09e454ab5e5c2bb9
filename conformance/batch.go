package conformance

import (
	"context"
	"errors"
	"fmt"

	"github.com/assignment-go/assignment"
)

// whole asks for all or nothing.
func whole() *assignment.BatchOptions { return &assignment.BatchOptions{AllOrNothing: true} }

// paramsFor makes one item for each key.
func (p *probe) paramsFor(keys ...assignment.Key) []assignment.CreateParams {
	batch := make([]assignment.CreateParams, len(keys))
	for i, k := range keys {
		batch[i] = p.params(k)
	}
	return batch
}

// newKeys makes n keys that nobody else uses.
func (p *probe) newKeys(n int) []assignment.Key {
	keys := make([]assignment.Key, n)
	for i := range keys {
		keys[i] = p.newKey()
	}
	return keys
}

// expectedAll is what a service makes of a batch now.
func (p *probe) expectedAll(batch []assignment.CreateParams) []assignment.Assignment {
	rows := make([]assignment.Assignment, len(batch))
	for i, params := range batch {
		rows[i] = p.expected(params)
	}
	return rows
}

// each creates the items on their own; the call itself must succeed.
func (p *probe) each(s *assignment.Service, batch []assignment.CreateParams) []assignment.ItemResult {
	results, err := s.CreateMany(p.ctx, batch, nil)
	p.ok("create a batch", err)
	if len(results) != len(batch) {
		p.failf("a batch of %d items has %d results", len(batch), len(results))
	}
	return results
}

// all creates the items all or nothing, which must succeed with the outcome.
func (p *probe) all(s *assignment.Service, batch []assignment.CreateParams, want assignment.Outcome) []assignment.Assignment {
	results, err := s.CreateMany(p.ctx, batch, whole())
	p.ok("create a batch, all or nothing", err)
	if len(results) != len(batch) {
		p.failf("a batch of %d items has %d results", len(batch), len(results))
	}
	rows := make([]assignment.Assignment, len(results))
	for i, r := range results {
		rows[i] = p.item(i, r, want)
	}
	return rows
}

// item wants the result of one item to be a success with the outcome.
func (p *probe) item(i int, r assignment.ItemResult, want assignment.Outcome) assignment.Assignment {
	if r.Err != nil || r.Outcome != want {
		p.failf("item %d: got %s, want the outcome %q", i, itemOutcome(r), want)
	}
	return r.Assignment
}

func itemOutcome(r assignment.ItemResult) string {
	switch {
	case r.Err != nil:
		return outcome(r.Err)
	case r.Outcome == 0:
		return "neither outcome nor error"
	default:
		return fmt.Sprintf("the outcome %q", r.Outcome)
	}
}

// itemConflict wants the result of one item to be a conflict with the holder.
func (p *probe) itemConflict(i int, r assignment.ItemResult, holder assignment.Assignment) {
	if !errors.Is(r.Err, assignment.ErrActiveExists) {
		p.failf("item %d: got %s, want a conflict", i, itemOutcome(r))
	}
	p.conflict("an item on a taken slot", r.Err, holder)
}

// itemReuse wants the result of one item to be ErrIDReused.
func (p *probe) itemReuse(i int, r assignment.ItemResult) {
	if !errors.Is(r.Err, assignment.ErrIDReused) {
		p.failf("item %d: got %s, want the error %q", i, itemOutcome(r), assignment.ErrIDReused)
	}
}

// wantBatchError wants the call to have failed because of this item.
func (p *probe) wantBatchError(results []assignment.ItemResult, err error, index int) {
	replyOf, ok := errors.AsType[*assignment.BatchError](err)
	if !ok || replyOf.Index != index {
		p.failf("create all or nothing: got %d results and %s, want a BatchError about item %d", len(results), outcome(err), index)
	}
	if results != nil {
		p.failf("create all or nothing: a refused batch has %d results, want none", len(results))
	}
}

// storeCreateMany calls the ability of a store, which the harness did not
// declare absent.
func (p *probe) storeCreateMany(
	ctx context.Context, store assignment.Store, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	creator, ok := store.(assignment.BatchCreator)
	if !ok {
		p.failf("%s", explained(errNoBatchCreator))
	}
	return creator.CreateMany(ctx, batch, opts)
}

// batchCalls lists a call for each kind of batch, which would succeed.
func (p *probe) batchCalls() []storeCall {
	call := func(opts assignment.BatchOptions) func(context.Context, assignment.Store) error {
		return func(ctx context.Context, s assignment.Store) error {
			batch := p.expectedAll(p.paramsFor(p.newKeys(3)...))
			_, err := p.storeCreateMany(ctx, s, batch, opts)
			return err
		}
	}
	return []storeCall{{"CreateMany", call(assignment.BatchOptions{})}, {"CreateMany, all or nothing", call(*whole())}}
}
