package conformance

import "github.com/assignment-go/assignment"

func batchDependentRules() []Rule {
	return []Rule{{
		Name: "batch/dependent_items_are_processed_in_order",
		Statement: "Items that share an ID with one item and a key with another have the results of single calls in the " +
			"order of the batch.",
		Contract: onItemOrder,
		needs:    []Ability{AbilityClientIDs},
		check:    dependentItemsInOrder,
	}}
}

// dependentItemsInOrder makes random batches from so few IDs and keys, one of which is
// taken, that most items depend on others.
func dependentItemsInOrder(p *probe) {
	const batches, items = 40, 6
	for i := range batches {
		p.clock.tick()
		holder := p.newRow()
		choice := p.crossedIDs(p.newKeys(2), holder.Key)
		batch := make([]assignment.CreateParams, items)
		for n := range batch {
			batch[n] = choice[p.random.IntN(len(choice))]
		}
		p.checkDependent(batch, p.each(p.handle(i), batch), holder)
	}
}

// crossedIDs makes an item for every pair of a few IDs and the keys.
func (p *probe) crossedIDs(keys []assignment.Key, more ...assignment.Key) []assignment.CreateParams {
	var all []assignment.CreateParams
	for range 3 {
		id := p.newID()
		for _, params := range p.paramsFor(append(more, keys...)...) {
			params.ID = id
			all = append(all, params)
		}
	}
	return all
}

// checkDependent computes the results of single calls and compares them.
func (p *probe) checkDependent(batch []assignment.CreateParams, results []assignment.ItemResult, holder assignment.Assignment) {
	rows := make(map[assignment.ID]assignment.Assignment)
	holders := map[assignment.Key]assignment.Assignment{holder.Key: holder}
	for i, r := range results {
		existing, exists := rows[batch[i].ID]
		first, taken := holders[batch[i].Key]
		switch {
		case exists && existing.Key == batch[i].Key:
			p.same("an item that repeats an earlier one", p.item(i, r, assignment.OutcomeReplayed), existing)
		case exists:
			p.itemReuse(i, r)
		case taken:
			p.itemConflict(i, r, first)
		default:
			existing = p.item(i, r, assignment.OutcomeCreated)
			p.same("a created item", existing, p.expected(batch[i]))
			rows[existing.ID], holders[existing.Key] = existing, existing
		}
	}
	for _, existing := range rows {
		p.holds(existing)
	}
}
