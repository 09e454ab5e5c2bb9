package conformance

import (
	"context"
	"errors"
	"fmt"

	"github.com/assignment-go/assignment"
)

// whole asks for all or nothing.
func whole() *assignment.BatchOptions { return &assignment.BatchOptions{AllOrNothing: true} }

// paramsFor makes an item for each key.
func (p *probe) paramsFor(keys ...assignment.Key) []assignment.CreateParams {
	batch := make([]assignment.CreateParams, len(keys))
	for i, k := range keys {
		batch[i] = p.params(k)
	}
	return batch
}

// newKeys makes n new keys.
func (p *probe) newKeys(n int) []assignment.Key {
	keys := make([]assignment.Key, n)
	for i := range keys {
		keys[i] = p.newKey()
	}
	return keys
}

// expectedAll is the rows that a service makes from a batch now.
func (p *probe) expectedAll(batch []assignment.CreateParams) []assignment.Assignment {
	rows := make([]assignment.Assignment, len(batch))
	for i, params := range batch {
		rows[i] = p.expected(params)
	}
	return rows
}

// each creates the items independently of each other; the call itself must succeed.
func (p *probe) each(s *assignment.Service, batch []assignment.CreateParams) []assignment.ItemResult {
	results, err := s.CreateMany(p.ctx, batch, nil)
	p.ok("create a batch", err)
	if len(results) != len(batch) {
		p.failf("a batch of %d items has %d results", len(batch), len(results))
	}
	return results
}

// all creates the items all or nothing; each must have the outcome.
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

// wantBatchError wants the call to fail because of this item.
func (p *probe) wantBatchError(results []assignment.ItemResult, err error, index int) {
	replyOf, ok := errors.AsType[*assignment.BatchError](err)
	if !ok || replyOf.Index != index {
		p.failf("create all or nothing: got %d results and %s, want a BatchError about item %d", len(results), outcome(err), index)
	}
	if results != nil {
		p.failf("create all or nothing: a failed batch has %d results, want none", len(results))
	}
}

// storeCreateMany calls CreateMany of a store, which must have it unless the harness
// declares it absent.
func (p *probe) storeCreateMany(
	ctx context.Context, store assignment.Store, batch []assignment.Assignment, opts assignment.BatchOptions,
) ([]assignment.ItemResult, error) {
	creator, ok := store.(assignment.BatchCreator)
	if !ok {
		p.failf("%s", explained(errNoBatchCreator))
	}
	return creator.CreateMany(ctx, batch, opts)
}

// batchCalls lists a call that would succeed for each kind of batch.
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
