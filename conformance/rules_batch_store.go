package conformance

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
)

// batchStoreRules apply the rules about cancellation and shared memory to batches.
func batchStoreRules() []Rule {
	return []Rule{
		{
			Name: "cancellation/batch_reports_what_happened",
			Statement: "When the context of a batch ends during the call, the result of each item is true, and the call " +
				"fails unless all items succeeded. The same batch again resolves unknown outcomes.",
			Contract: onItemTruth,
			needs:    []Ability{AbilityClientIDs},
			check:    cancelledBatch,
		},
		{
			Name: "cancellation/all_or_nothing_reports_what_happened",
			Statement: "When the context of an all-or-nothing batch ends during the call, all of its rows are created or " +
				"none is, and the error is true or says that the outcome is unknown.",
			Contract: onBatchTruth,
			needs:    []Ability{AbilityClientIDs, AbilityBatch},
			check:    cancelledWhole,
		},
		{
			Name: "copies/batch_is_not_shared",
			Statement: "Changes to the items and the results of a batch, at any depth, do not affect the store, and the " +
				"store does not change the items.",
			Contract: onCopies,
			needs:    []Ability{AbilityClientIDs, AbilityBatch, AbilityMetadata},
			check:    copiesOfABatch,
		},
	}
}

// cancelledItems is the size of the batches that are cancelled.
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
		p.failf("a cancelled batch of %d items has %d results", len(batch), len(results))
	}
	failed := false
	for i, r := range results {
		failed = failed || r.Err != nil
		p.rowExistsAsReported(batch[i], r.Err)
	}
	if failed != (err != nil) {
		p.failf("a cancelled batch returned %s, but that an item failed is %t", outcome(err), failed)
	}
}

// nothingExists wants an error that means that no item was written.
func (p *probe) nothingExists(batch []assignment.CreateParams, err error) {
	if err == nil || errors.Is(err, assignment.ErrUnknownOutcome) {
		p.failf("a cancelled batch returned %s without results", outcome(err))
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
		p.failf("%d of %d rows of an all-or-nothing batch exist", n, len(batch))
	}
	if known && (n != 0) != done {
		p.failf("create all or nothing returned %s, but %d of %d rows exist", outcome(err), n, len(batch))
	}
	if !known && len(results) != len(batch) {
		p.failf("create all or nothing with an unknown outcome has %d results, want the IDs of %d items", len(results), len(batch))
	}
}

// copiesOfABatch calls the store directly, because a service copies the metadata.
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
