package conformance

import (
	"errors"

	"github.com/assignment-go/assignment"
)

// rejectionRules are about rows that the backend refuses for reasons of its own.
func rejectionRules() []Rule {
	return []Rule{
		{
			Name: "batch/row_rejected_by_the_backend_does_not_affect_others",
			Statement: "An item whose row the backend itself refuses, by a trigger or constraint of the host's, " +
				"fails alone, with an error that says that nothing was written.",
			Contract: onItemIndex,
			check:    rejectedRowFailsAlone,
			Level:    Optional,
		},
		{
			Name: "batch/all_or_nothing_reports_a_row_rejected_by_the_backend",
			Statement: "A BatchError carries the position of an item whose row the backend itself refuses, and " +
				"nothing of the batch is written.",
			Contract: onBatchFailure,
			needs:    []Ability{AbilityBatch},
			check:    rejectedRowIsReported,
			Level:    Optional,
		},
	}
}

// rejectedKey is a key whose rows the backend refuses.
func (p *probe) rejectedKey() assignment.Key {
	if p.backend.Reject == nil {
		p.skipf("the harness can't make the backend refuse rows: Backend.Refuse is nil")
	}
	k := p.newKey()
	refusing := p.calls.enter("Backend.Refuse")
	err := p.backend.Reject(p.ctx, k)
	refusing()
	p.ok("have the backend refuse rows", err)
	return k
}

// wantRejected wants an error that speaks of the row, and is sure of it.
func (p *probe) wantRejected(doing string, err error) {
	for _, other := range []error{
		nil, assignment.ErrUnknownOutcome, assignment.ErrActiveExists, assignment.ErrIDReused, assignment.ErrNotFound,
	} {
		if errors.Is(err, other) {
			p.failf("%s: got %s, want an error that says that the row was refused", doing, outcome(err))
		}
	}
}

func rejectedRowFailsAlone(p *probe) {
	k := p.rejectedKey()
	_, err := p.service.Create(p.ctx, p.params(k))
	p.wantRejected("create a row that the backend refuses", err)
	for i, at := range []int{0, 5, 19} {
		p.clock.tick()
		batch := p.paramsFor(p.newKeys(20)...)
		batch[at] = p.params(k)
		want := p.expectedAll(batch)
		// whether the call has an error depends on what the refusal is
		results, _ := p.handle(i).CreateMany(p.ctx, batch, nil)
		if len(results) != len(batch) {
			p.failf("a batch of %d items has %d results", len(batch), len(results))
		}
		for n, r := range results {
			if n == at {
				p.wantRejected("an item that the backend refuses", r.Err)
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
		p.changesNothing("create all or nothing with a row that the backend refuses", func() {
			results, err := p.handle(i).CreateMany(p.ctx, batch, whole())
			p.wantBatchError(results, err, at)
			p.wantRejected("create all or nothing with a row that the backend refuses", err)
		})
	}
}
