package conformance

import (
	"slices"

	"github.com/assignment-go/assignment"
)

func batchRaceRules() []Rule {
	return []Rule{
		{
			Name: "race/batches_in_opposite_orders",
			Statement: "Concurrent batches on the same keys in opposite orders, on two handles, do not deadlock: for each " +
				"key one item creates, and the others get a conflict with its row.",
			Contract: onBatchLocks,
			check:    batchesInOppositeOrders,
		},
		{
			Name: "race/batch_against_creates",
			Statement: "While a batch runs, each single create on one of its keys wins or loses against its item, and the " +
				"loser gets a conflict with the row of the winner.",
			Contract: onItem,
			check:    batchAgainstCreates,
		},
		{
			Name: "race/same_batch_many_callers",
			Statement: "When concurrent callers send the same batch, each item is created by one of them and replayed to " +
				"the others.",
			Contract: onItem,
			needs:    []Ability{AbilityClientIDs},
			check:    sameBatchManyCallers,
		},
	}
}

// contested is how many keys concurrent batches share: enough to overlap in the middle.
const contested = 40

// inOppositeOrders makes four batches on the same keys: forwards and backwards, starting at
// the first key and in the middle.
func (p *probe) inOppositeOrders(keys []assignment.Key) [][]assignment.CreateParams {
	rotated := slices.Concat(keys[len(keys)/2:], keys[:len(keys)/2])
	batches := make([][]assignment.CreateParams, 0, 4)
	for _, order := range [][]assignment.Key{keys, rotated} {
		back := slices.Clone(order)
		slices.Reverse(back)
		batches = append(batches, p.paramsFor(order...), p.paramsFor(back...))
	}
	return batches
}

func batchesInOppositeOrders(p *probe) {
	p.rounds(batchRounds, func() {
		keys := p.newKeys(contested)
		batches := p.inOppositeOrders(keys)
		all := make([][]assignment.ItemResult, len(batches))
		p.together(len(batches), func(i int) {
			results, err := p.handle(i).CreateMany(p.ctx, batches[i], nil)
			if err != nil {
				p.failf("a batch that overlaps with another: %v; are slots locked in the order of the items?", err)
			}
			all[i] = results
		})
		p.wonOnce(keys, batches, all)
	})
}

// wonOnce wants one item per key to be created, and the others to conflict with its row.
func (p *probe) wonOnce(keys []assignment.Key, batches [][]assignment.CreateParams, all [][]assignment.ItemResult) {
	winners := make(map[assignment.Key]assignment.Assignment)
	p.eachItem(batches, all, func(i int, k assignment.Key, r assignment.ItemResult) {
		if r.Err != nil {
			return
		}
		if former, twice := winners[k]; twice {
			p.failf("one key was created twice: as %q and as %q", former.ID, r.ID)
		}
		winners[k] = p.item(i, r, assignment.OutcomeCreated)
	})
	p.eachItem(batches, all, func(i int, k assignment.Key, r assignment.ItemResult) {
		if r.Err != nil {
			p.itemConflict(i, r, winners[k])
		}
	})
	for _, k := range keys {
		p.same("the active row", p.oneActive(k), winners[k])
	}
}

func (p *probe) eachItem(
	batches [][]assignment.CreateParams, all [][]assignment.ItemResult, visit func(i int, k assignment.Key, r assignment.ItemResult),
) {
	for b, batch := range batches {
		if len(all[b]) != len(batch) {
			p.failf("a batch of %d items has %d results", len(batch), len(all[b]))
		}
		for i, params := range batch {
			visit(i, params.Key, all[b][i])
		}
	}
}

// batchAgainstCreates runs single creates concurrently with each batch, in the same order
// and on the other handle, so that they compete for every item.
func batchAgainstCreates(p *probe) {
	p.rounds(batchRounds, func() {
		keys := p.newKeys(contested)
		batches := p.inOppositeOrders(keys)[:2]
		batches = append(batches, p.again(batches[0]), p.again(batches[1]))
		all := make([][]assignment.ItemResult, len(batches))
		p.together(len(batches), func(i int) {
			if i < 2 {
				results, err := p.handle(i).CreateMany(p.ctx, batches[i], nil)
				p.ok("create a batch", err)
				all[i] = results
				return
			}
			for _, params := range batches[i] {
				result, err := p.handle(i+1).Ensure(p.ctx, params)
				p.ok("create during a batch", err)
				all[i] = append(all[i], asItem(params, result))
			}
		})
		p.wonOnce(keys, batches, all)
	})
}

// again makes new items on the same keys.
func (p *probe) again(batch []assignment.CreateParams) []assignment.CreateParams {
	others := make([]assignment.CreateParams, len(batch))
	for i, params := range batch {
		others[i] = p.params(params.Key)
	}
	return others
}

// asItem converts the result of Ensure to that of an item.
func asItem(params assignment.CreateParams, r assignment.Result) assignment.ItemResult {
	if r.Outcome == assignment.OutcomeExisting {
		return assignment.ItemResult{ID: params.ID, Err: &assignment.ActiveExistsError{Key: params.Key, Existing: r.Assignment}}
	}
	return assignment.ItemResult{ID: params.ID, Assignment: r.Assignment, Outcome: r.Outcome}
}

func sameBatchManyCallers(p *probe) {
	p.rounds(batchRounds, func() {
		batch := p.paramsFor(p.newKeys(contested)...)
		want := p.expectedAll(batch)
		all := make([][]assignment.ItemResult, 4)
		p.together(len(all), func(i int) {
			results, err := p.handle(i).CreateMany(p.ctx, batch, nil)
			p.ok("create the same batch as others", err)
			all[i] = results
		})
		for n := range batch {
			created := 0
			for _, results := range all {
				r := results[n]
				if r.Err != nil || r.Outcome != assignment.OutcomeCreated {
					p.item(n, r, assignment.OutcomeReplayed)
				} else {
					created++
				}
				p.same("the row of each caller", r.Assignment, want[n])
			}
			if created != 1 {
				p.failf("item %d was created by %d callers, want 1", n, created)
			}
		}
	})
}
