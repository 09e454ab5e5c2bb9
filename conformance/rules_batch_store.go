package conformance

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
)

// batchStoreRules are what the rules on every store's calls mean for batches.
func batchStoreRules() []Rule {
	return []Rule{
		{
			Name: "cancellation/batch_reports_what_happened",
			Statement: "When the context of a batch ends on the way, each item tells the truth about itself, and " +
				"the call fails unless all are decided; the same batch again settles the matter.",
			Contract: onItemTruth,
			needs:    []Ability{AbilityClientIDs},
			check:    cancelledBatch,
		},
		{
			Name: "cancellation/all_or_nothing_reports_what_happened",
			Statement: "A batch that is all or nothing and whose context ends on the way has happened whole or " +
				"not at all, and tells which when it is certain.",
			Contract: onBatchTruth,
			needs:    []Ability{AbilityClientIDs, AbilityBatch},
			check:    cancelledWhole,
		},
		{
			Name: "copies/batch_is_not_shared",
			Statement: "What the caller does to the items and the results of a batch, at any depth, does not " +
				"reach the store, nor does the store change the items.",
			Contract: onCopies,
			needs:    []Ability{AbilityClientIDs, AbilityBatch, AbilityMetadata},
			check:    copiesOfABatch,
		},
	}
}

// cancelledItems is the size of the batches that are cut short.
const cancelledItems = 10

func cancelledBatch(p *probe) {
	p.cancelMidway(func() cancellable {
		batch := p.paramsFor(p.newKeys(cancelledItems)...)
		var results []assignment.ItemResult
		return cancellable{
			call: func(ctx context.Context) (err error) {
				results, err = p.service.CreateMany(ctx, batch, nil)
				return err
			},
			check: func(err error) {
				p.itemsExistAsReported(batch, results, err)
				p.repeated(batch, nil)
			},
		}
	})
}

func (p *probe) itemsExistAsReported(batch []assignment.CreateParams, results []assignment.ItemResult, err error) {
	if results == nil {
		p.nothingExists(batch, err)
		return
	}
	if len(results) != len(batch) {
		p.failf("a batch of %d items that was cut short has %d results", len(batch), len(results))
	}
	undecided := false
	for i, r := range results {
		undecided = undecided || r.Err != nil
		p.rowExistsAsReported(batch[i], r.Err)
	}
	if undecided != (err != nil) {
		p.failf("a batch that was cut short returned %s, but that an item is undecided is %t", outcome(err), undecided)
	}
}

// nothingExists wants a failure from which a caller may conclude that no item
// was written.
func (p *probe) nothingExists(batch []assignment.CreateParams, err error) {
	if err == nil || errors.Is(err, assignment.ErrUnknownOutcome) {
		p.failf("a batch that was cut short returned %s without results", outcome(err))
	}
	for _, params := range batch {
		p.rowExistsAsReported(params, err)
	}
}

// repeated sends the same batch again, which must succeed.
func (p *probe) repeated(batch []assignment.CreateParams, opts *assignment.BatchOptions) {
	results, err := p.other.CreateMany(p.ctx, batch, opts)
	p.ok("the same batch again", err)
	for i, r := range results {
		p.ok("an item of the same batch again", r.Err)
		if r.Assignment.ID != batch[i].ID {
			p.failf("item %d of the same batch again is %q, want %q", i, r.Assignment.ID, batch[i].ID)
		}
	}
}

func cancelledWhole(p *probe) {
	p.cancelMidway(func() cancellable {
		batch := p.paramsFor(p.sameAssignee(cancelledItems)...)
		var results []assignment.ItemResult
		return cancellable{
			call: func(ctx context.Context) (err error) {
				results, err = p.service.CreateMany(ctx, batch, whole())
				return err
			},
			check: func(err error) {
				p.wholeExistsAsReported(batch, results, err)
				p.repeated(batch, whole())
			},
		}
	})
}

func (p *probe) wholeExistsAsReported(batch []assignment.CreateParams, results []assignment.ItemResult, err error) {
	done, known := p.certain(err, batch[0].ID)
	n, countErr := p.other.Count(p.ctx, assignment.Query{AssigneeID: batch[0].Key.AssigneeID})
	p.ok("count", countErr)
	if n != 0 && n != int64(len(batch)) {
		p.failf("of a batch that is all or nothing %d of %d rows are there", n, len(batch))
	}
	if known && (n != 0) != done {
		p.failf("create all or nothing returned %s, but %d of %d rows are there", outcome(err), n, len(batch))
	}
	if !known && len(results) != len(batch) {
		p.failf("create all or nothing with an unknown outcome has %d results, want the IDs of %d items", len(results), len(batch))
	}
}

// copiesOfABatch goes to the store directly, because a service copies the
// metadata before.
func copiesOfABatch(p *probe) {
	for _, opts := range []assignment.BatchOptions{{}, {AllOrNothing: true}} {
		batch := p.expectedAll(p.paramsFor(p.newKeys(3)...))
		want := make([]assignment.Assignment, len(batch))
		for i, a := range batch {
			want[i] = a.Clone()
		}
		for range 2 { // created, then replayed
			results, err := p.storeCreateMany(p.ctx, p.store, batch, opts)
			p.ok("create a batch at the store", err)
			for i := range batch {
				if d := diff(batch[i], want[i]); d != "" {
					p.failf("item %d after the call: %s", i, d)
				}
			}
			for i, r := range results {
				p.modified("CreateMany", want[i], r.Assignment, r.Err)
			}
		}
		for i := range batch {
			modify(batch[i].Metadata)
			p.stored(want[i])
		}
	}
}
