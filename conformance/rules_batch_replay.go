package conformance

import "github.com/assignment-go/assignment"

func batchReplayRules() []Rule {
	return []Rule{
		{
			Name:        "batch/repeated_batch_is_replayed",
			Statement:   "The same batch again, in any order, returns its rows in their current state, and writes nothing.",
			Contract:    onItem,
			everyPolicy: true,
			needs:       []Ability{AbilityClientIDs},
			check:       repeatedBatchIsReplayed,
		},
		{
			Name:      "batch/same_item_twice_is_replayed",
			Statement: "An item with the ID and content of an earlier item of its batch is a replay.",
			Contract:  onItemOrder,
			needs:     []Ability{AbilityClientIDs},
			check:     sameItemTwice,
		},
		{
			Name: "batch/other_content_is_reuse",
			Statement: "An item under the ID of another assignment, stored or earlier in the batch, fails with ErrIDReused " +
				"and takes no slot.",
			Contract: onItemOrder,
			needs:    []Ability{AbilityClientIDs},
			check:    batchIsReuse,
		},
	}
}

func repeatedBatchIsReplayed(p *probe) {
	statuses := reachable(p.lifecycle)
	batch := p.paramsFor(p.newKeys(len(statuses))...)
	rows := make([]assignment.Assignment, len(batch))
	for i, r := range p.each(p.service, batch) {
		rows[i] = p.moveTo(p.item(i, r, assignment.OutcomeCreated), statuses[i])
	}
	for handle := range 2 {
		p.clock.tick()
		p.random.Shuffle(len(batch), func(i, j int) {
			batch[i], batch[j] = batch[j], batch[i]
			rows[i], rows[j] = rows[j], rows[i]
		})
		p.changesNothing("the same batch again", func() {
			for i, r := range p.each(p.handle(handle), batch) {
				p.same("the row of a repeated item", p.item(i, r, assignment.OutcomeReplayed), rows[i])
			}
		})
	}
}

func sameItemTwice(p *probe) {
	keys := p.newKeys(3)
	batch := p.paramsFor(keys...)
	batch = append(batch, batch[1], p.params(keys[1]), batch[0])
	results := p.each(p.service, batch)
	for i, r := range results[:3] {
		p.same("a created item", p.item(i, r, assignment.OutcomeCreated), p.expected(batch[i]))
	}
	p.same("the second item again", p.item(3, results[3], assignment.OutcomeReplayed), results[1].Assignment)
	p.itemConflict(4, results[4], results[1].Assignment)
	p.same("the first item again", p.item(5, results[5], assignment.OutcomeReplayed), results[0].Assignment)
	p.wantCount(assignment.Query{}, len(keys))
}

func batchIsReuse(p *probe) {
	former := p.closed(p.newKey())
	keys := p.newKeys(3)
	batch := p.paramsFor(keys[0], keys[1], keys[2], keys[1], keys[2])
	batch[1].ID = batch[0].ID // another key
	batch[2].ID = former.ID
	results := p.each(p.other, batch)
	p.item(0, results[0], assignment.OutcomeCreated)
	p.itemReuse(1, results[1])
	p.itemReuse(2, results[2])
	for i := 3; i < len(batch); i++ {
		p.holds(p.item(i, results[i], assignment.OutcomeCreated))
	}
	p.stored(former)
	p.stored(results[0].Assignment)
}
