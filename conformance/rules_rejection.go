package conformance

import (
	"errors"

	"github.com/assignment-go/assignment"
)

// rejectionRules are about rows that the backend rejects by a rule of its own.
func rejectionRules() []Rule {
	return []Rule{
		{
			Name: "batch/row_rejected_by_the_backend_does_not_affect_others",
			Statement: "An item whose row the backend rejects, by a trigger or constraint of the host, does not fail other " +
				"items, and its error says that nothing was written.",
			Contract: onItemIndex,
			check:    rejectedRowFailsAlone,
			Level:    Optional,
		},
		{
			Name: "batch/all_or_nothing_reports_a_row_rejected_by_the_backend",
			Statement: "A BatchError has the index of an item whose row the backend rejects, and nothing of the batch is " +
				"written.",
			Contract: onBatchFailure,
			needs:    []Ability{AbilityBatch},
			check:    rejectedRowIsReported,
			Level:    Optional,
		},
	}
}

// rejectedKey is a key whose rows the backend rejects.
func (p *probe) rejectedKey() assignment.Key {
	if p.backend.Reject == nil {
		p.skipf("the harness can't make the backend reject rows: Backend.Reject is nil")
	}
	k := p.newKey()
	returned := p.calls.enter("Backend.Reject")
	err := p.backend.Reject(p.ctx, k)
	returned()
	p.ok("make the backend reject rows", err)
	return k
}

// wantRejected wants an error that says that the row was rejected.
func (p *probe) wantRejected(doing string, err error) {
	for _, other := range []error{
		nil, assignment.ErrUnknownOutcome, assignment.ErrActiveExists, assignment.ErrIDReused, assignment.ErrNotFound,
	} {
		if errors.Is(err, other) {
			p.failf("%s: got %s, want an error that says that the row was rejected", doing, outcome(err))
		}
	}
}

func rejectedRowFailsAlone(p *probe) {
	k := p.rejectedKey()
	_, err := p.service.Create(p.ctx, p.params(k))
	p.wantRejected("create a row that the backend rejects", err)
	for i, at := range []int{0, 5, 19} {
		p.clock.tick()
		batch := p.paramsFor(p.newKeys(20)...)
		batch[at] = p.params(k)
		want := p.expectedAll(batch)
		// whether the call has an error, too, depends on that of the item
		results, _ := p.handle(i).CreateMany(p.ctx, batch, nil)
		if len(results) != len(batch) {
			p.failf("a batch of %d items has %d results", len(batch), len(results))
		}
		for n, r := range results {
			if n == at {
				p.wantRejected("an item that the backend rejects", r.Err)
				continue
			}
			p.item(n, r, assignment.OutcomeCreated)
			p.stored(want[n])
		}
	}
}

func rejectedRowIsReported(p *probe) {
	k := p.rejectedKey()
	for i, at := range []int{0, 5, 19} {
		p.clock.tick()
		batch := p.paramsFor(p.newKeys(20)...)
		batch[at] = p.params(k)
		p.changesNothing("create all or nothing with a row that the backend rejects", func() {
			results, err := p.handle(i).CreateMany(p.ctx, batch, whole())
			p.wantBatchError(results, err, at)
			p.wantRejected("create all or nothing with a row that the backend rejects", err)
		})
	}
}
