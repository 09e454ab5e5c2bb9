package conformance

import (
	"errors"

	"github.com/assignment-go/assignment"
)

// allOrNothingRules need the ability of the store: Service can't emulate it correctly.
func allOrNothingRules() []Rule {
	return withNeed(AbilityBatch, []Rule{
		{
			Name: "batch/all_or_nothing_creates_all",
			Statement: "A batch of any size without a failing item is created completely, each row as Create would store " +
				"it.",
			Contract: onBatchWhole,
			needs:    []Ability{AbilityClientIDs},
			check:    allAreCreated,
		},
		{
			Name: "batch/all_or_nothing_writes_nothing_on_failure",
			Statement: "When an item fails, whatever its index and its error, nothing of the batch is written and no slot " +
				"changes.",
			Contract: onBatchWhole,
			check:    nothingIsLeft,
		},
		{
			Name: "batch/all_or_nothing_reports_the_first_failure",
			Statement: "The BatchError has the index and the error of the first item for which Create would fail, for a " +
				"conflict with the row of the holder.",
			Contract: onBatchFailure,
			needs:    []Ability{AbilityClientIDs},
			check:    firstFailureIsReported,
		},
		{
			Name:      "batch/all_or_nothing_is_replayed",
			Statement: "The same batch again succeeds with the current rows, and creates those that did not exist yet.",
			Contract:  onBatchFailure,
			needs:     []Ability{AbilityClientIDs},
			check:     allAreReplayed,
		},
		{
			Name: "race/all_or_nothing_is_never_partially_visible",
			Statement: "A reader sees either none or all rows of a batch while it is created, and none of a batch that " +
				"fails.",
			Contract: onBatchWhole,
			check:    batchIsNeverSeenHalfDone,
		},
		{
			Name: "race/all_or_nothing_in_opposite_orders",
			Statement: "Of concurrent batches on the same keys in opposite orders, on two handles, exactly one is created, " +
				"and the others conflict with one of its rows.",
			Contract: onBatchLocks,
			check:    oneBatchWins,
		},
	})
}

func allAreCreated(p *probe) {
	total := 0
	for i, n := range []int{1, 7, largeBatch} {
		batch := p.paramsFor(p.newKeys(n)...)
		want := p.expectedAll(batch)
		p.sameRows("the created rows", p.all(p.handle(i), batch, assignment.OutcomeCreated), want)
		total += n
		p.wantCount(assignment.Query{ActiveOnly: true}, total)
		p.stored(want[0])
		p.holds(want[n-1])
	}
}

func nothingIsLeft(p *probe) {
	for i, bad := range p.badItems() {
		for _, at := range []int{0, 3, 6} {
			p.clock.tick()
			batch := p.paramsFor(p.newKeys(7)...)
			batch[at] = bad
			p.changesNothing("create all or nothing with an item that fails", func() {
				results, err := p.handle(i).CreateMany(p.ctx, batch, whole())
				p.wantBatchError(results, err, at)
			})
			batch[at] = p.params(p.newKey())
			p.all(p.other, batch, assignment.OutcomeCreated)
		}
	}
}

func firstFailureIsReported(p *probe) {
	holder, third := p.newRow(), p.newRow()
	existing := p.params(p.newKey())
	p.add(existing)
	reused := p.params(p.newKey())
	reused.ID = third.ID
	for i, bad := range [][]assignment.CreateParams{
		{p.params(holder.Key), reused, p.params(third.Key)},
		{reused, p.params(third.Key), p.params(holder.Key)},
	} {
		batch := append([]assignment.CreateParams{p.params(p.newKey()), existing}, bad...)
		results, err := p.handle(i).CreateMany(p.ctx, batch, whole())
		p.wantBatchError(results, err, 2)
		if i == 0 {
			p.conflict("create all or nothing on a taken slot", err, holder)
		} else {
			p.wantError("create all or nothing with a used ID", err, assignment.ErrIDReused)
		}
	}
}

func allAreReplayed(p *probe) {
	batch := p.paramsFor(p.newKeys(5)...)
	rows := p.all(p.service, batch, assignment.OutcomeCreated)
	rows[3] = p.moveTo(rows[3], p.terminal())
	p.clock.tick()
	p.changesNothing("the same batch again, all or nothing", func() {
		p.sameRows("the replayed rows", p.all(p.other, batch, assignment.OutcomeReplayed), rows)
	})
	batch = append(batch, p.params(p.newKey()), batch[0])
	want := p.expected(batch[5])
	results, err := p.service.CreateMany(p.ctx, batch, whole())
	p.ok("create a batch that exists in part, all or nothing", err)
	p.same("the row that was missing", p.item(5, results[5], assignment.OutcomeCreated), want)
	p.item(6, results[6], assignment.OutcomeReplayed)
	p.stored(want)
}

// batchRounds is how often races of batches are repeated; each round has many items.
const batchRounds = 10

func batchIsNeverSeenHalfDone(p *probe) {
	taken := p.newRow().Key
	p.rounds(batchRounds, func() {
		good := p.paramsFor(p.sameAssignee(20)...)
		doomed := append(p.paramsFor(p.sameAssignee(20)...), p.params(taken))
		p.together(6, func(i int) {
			s := p.handle(i / 3)
			switch i {
			case 0:
				_, err := s.CreateMany(p.ctx, good, whole())
				p.ok("create all or nothing", err)
			case 3:
				results, err := s.CreateMany(p.ctx, doomed, whole())
				p.wantBatchError(results, err, len(doomed)-1)
			default:
				for range 20 {
					p.seenAs(s, good[0].Key.AssigneeID, 0, len(good))
					p.seenAs(s, doomed[0].Key.AssigneeID, 0)
				}
			}
		})
		p.wantCount(assignment.Query{AssigneeID: good[0].Key.AssigneeID}, len(good))
	})
}

// seenAs wants one of these numbers of rows.
func (p *probe) seenAs(s *assignment.Service, assigneeID string, allowed ...int) {
	n, err := s.Count(p.ctx, assignment.Query{AssigneeID: assigneeID})
	p.ok("count", err)
	for _, want := range allowed {
		if n == int64(want) {
			return
		}
	}
	p.failf("a reader counted %d rows of a batch that is being created, want one of %d", n, allowed)
}

// sameAssignee makes n keys with the same assignee, to count their rows.
func (p *probe) sameAssignee(n int) []assignment.Key {
	keys := p.newKeys(n)
	for i := range keys {
		keys[i].AssigneeID = keys[0].AssigneeID
	}
	return keys
}

func oneBatchWins(p *probe) {
	p.rounds(batchRounds, func() {
		keys := p.sameAssignee(contested)
		batches := p.inOppositeOrders(keys)
		won := make([][]assignment.ItemResult, len(batches))
		failures := make([]error, len(batches))
		p.together(len(batches), func(i int) {
			won[i], failures[i] = p.handle(i).CreateMany(p.ctx, batches[i], whole())
		})
		winners := 0
		for i, err := range failures {
			if err == nil {
				winners++
				continue
			}
			if !errors.Is(err, assignment.ErrActiveExists) {
				p.failf("a batch that overlaps with another: %v, want a conflict; are slots locked in the order of the items?", err)
			}
			p.wantBatchError(won[i], err, 0)
		}
		if winners != 1 {
			p.failf("%d of %d batches on the same keys were created, want 1", winners, len(batches))
		}
		p.wantCount(assignment.Query{AssigneeID: keys[0].AssigneeID}, len(keys))
	})
}
