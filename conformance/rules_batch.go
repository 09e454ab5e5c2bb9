package conformance

import (
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
)

// batchRules apply to every driver: for a store without the ability, Service sends
// batches one item at a time.
func batchRules() []Rule {
	return []Rule{
		{
			Name:      "batch/stores_the_rows_as_given",
			Statement: "CreateMany stores every attribute of every item as given, as Create does.",
			Contract:  onItem,
			check:     batchStoresTheRows,
		},
		{
			Name: "batch/results_are_at_the_index_of_their_item",
			Statement: "The result of each item is at its index, whatever the results of the other items and the order of " +
				"the batch.",
			Contract: onItemIndex,
			needs:    []Ability{AbilityClientIDs},
			check:    batchIsAligned,
		},
		{
			Name:      "batch/failed_item_does_not_affect_others",
			Statement: "Items that are invalid, conflict or reuse an ID do not fail the other items, nor the call.",
			Contract:  onItemIndex,
			check:     failedItemFailsAlone,
		},
		{
			Name:        "batch/conflict_returns_the_holder",
			Statement:   "An item on a taken slot fails with the full, current row of the holder, and writes nothing.",
			Contract:    onItem,
			everyPolicy: true,
			check:       batchConflictCarriesTheHolder,
		},
		{
			Name:        "batch/history_is_no_conflict",
			Statement:   "Items are created on keys whose assignments are all terminal.",
			Contract:    onItem,
			everyPolicy: true,
			check:       batchOverHistory,
		},
		{
			Name:      "batch/first_of_duplicates_is_created",
			Statement: "Of several items with the same key, the first one is created and the others conflict with its row.",
			Contract:  onItemOrder,
			check:     duplicatesResolveToTheFirst,
		},
		{
			Name: "batch/any_size",
			Statement: "A batch of thousands of items has the same results as small ones, also for duplicates and " +
				"conflicts between items that are far apart.",
			Contract: onBatchSize,
			needs:    []Ability{AbilityClientIDs},
			check:    batchOfAnySize,
		},
	}
}

func batchStoresTheRows(p *probe) {
	one, two := p.newKey(), p.newKey()
	batch := append(p.paramsFor(crossed(one, two)...), assignment.CreateParams{ID: p.chosenID(), Key: p.newKey()})
	want := p.expectedAll(batch)
	for i, r := range p.each(p.service, batch) {
		p.same("the returned row", p.item(i, r, assignment.OutcomeCreated), want[i])
		p.stored(want[i])
		p.holds(want[i])
	}
	p.wantCount(assignment.Query{}, len(batch))
}

// mixed is a batch with items of every kind, and a check of the result of each.
type mixed struct {
	batch []assignment.CreateParams
	check []func(i int, r assignment.ItemResult)
}

func (m *mixed) add(params assignment.CreateParams, check func(i int, r assignment.ItemResult)) {
	m.batch, m.check = append(m.batch, params), append(m.check, check)
}

func (m *mixed) swap(i, j int) {
	m.batch[i], m.batch[j] = m.batch[j], m.batch[i]
	m.check[i], m.check[j] = m.check[j], m.check[i]
}

// mix makes items that do not depend on each other.
func (p *probe) mix() *mixed {
	m := &mixed{}
	for range 3 {
		newRow := p.params(p.newKey())
		want := p.expected(newRow)
		m.add(newRow, func(i int, r assignment.ItemResult) {
			p.same("a created item", p.item(i, r, assignment.OutcomeCreated), want)
		})
		holder := p.newRow()
		m.add(p.params(holder.Key), func(i int, r assignment.ItemResult) { p.itemConflict(i, r, holder) })
		again := p.params(p.newKey())
		existing := p.add(again)
		m.add(again, func(i int, r assignment.ItemResult) {
			p.same("a replayed item", p.item(i, r, assignment.OutcomeReplayed), existing)
		})
		reused := p.params(p.newKey())
		reused.ID = p.newRow().ID
		m.add(reused, p.itemReuse)
		invalid := p.params(assignment.Key{AssigneeID: strings.Repeat("x", 256), SubjectID: p.newKey().SubjectID})
		m.add(invalid, func(_ int, r assignment.ItemResult) { p.invalid("an invalid item", r.Err, "Key.AssigneeID") })
	}
	return m
}

func (p *probe) checkMix(s *assignment.Service, m *mixed) {
	for i, r := range p.each(s, m.batch) {
		m.check[i](i, r)
	}
}

func batchIsAligned(p *probe) {
	for i := range 10 {
		m := p.mix()
		p.random.Shuffle(len(m.batch), m.swap)
		p.checkMix(p.handle(i), m)
		p.clock.tick()
	}
}

func failedItemFailsAlone(p *probe) {
	for i, bad := range p.badItems() {
		p.clock.tick()
		batch := append([]assignment.CreateParams{bad}, p.paramsFor(p.newKeys(2)...)...)
		want := p.expectedAll(batch)
		results := p.each(p.handle(i), batch)
		if results[0].Err == nil {
			p.failf("item 0: got %s, want a failure", itemOutcome(results[0]))
		}
		for n := 1; n < len(batch); n++ {
			p.item(n, results[n], assignment.OutcomeCreated)
			p.stored(want[n])
		}
	}
}

// badItems are items that fail, one for each reason that concerns the item alone.
func (p *probe) badItems() []assignment.CreateParams {
	conflict := p.params(p.newRow().Key)
	reused := p.params(p.newKey())
	reused.ID = p.newRow().ID
	invalid := p.params(p.newKey())
	invalid.Key.SubjectID = ""
	return []assignment.CreateParams{conflict, reused, invalid}
}

func batchConflictCarriesTheHolder(p *probe) {
	var holders []assignment.Assignment
	for _, status := range reachable(p.lifecycle) {
		if !p.lifecycle.IsTerminal(status) {
			holders = append(holders, p.moveTo(p.newRow(), status))
		}
	}
	for i := range 2 {
		p.clock.tick()
		p.changesNothing("a batch on taken slots", func() {
			for n, r := range p.each(p.handle(i), p.paramsFor(keysOf(holders)...)) {
				p.itemConflict(n, r, holders[n])
			}
		})
	}
}

func keysOf(rows []assignment.Assignment) []assignment.Key {
	keys := make([]assignment.Key, len(rows))
	for i, a := range rows {
		keys[i] = a.Key
	}
	return keys
}

func batchOverHistory(p *probe) {
	var keys []assignment.Key
	for _, status := range filter(reachable(p.lifecycle), p.lifecycle.IsTerminal) {
		former := p.moveTo(p.newRow(), status)
		keys = append(keys, former.Key)
	}
	p.clock.tick()
	for i, r := range p.each(p.other, p.paramsFor(keys...)) {
		p.holds(p.item(i, r, assignment.OutcomeCreated))
	}
}

// duplicatesResolveToTheFirst separates the items of a key by items whose keys sort
// before and after it.
func duplicatesResolveToTheFirst(p *probe) {
	for i := range 10 {
		keys := p.newKeys(4)
		keys = slices.Concat(keys, keys, keys)
		p.random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		batch := p.paramsFor(keys...)
		first := make(map[assignment.Key]assignment.Assignment)
		for n, r := range p.each(p.handle(i), batch) {
			holder, taken := first[keys[n]]
			if taken {
				p.itemConflict(n, r, holder)
				continue
			}
			first[keys[n]] = p.item(n, r, assignment.OutcomeCreated)
			p.same("the first of its key", r.Assignment, p.expected(batch[n]))
		}
		for _, holder := range first {
			p.holds(holder)
		}
		p.clock.tick()
	}
}

// The sizes of a large batch: more items than a driver will put into one statement, and
// fewer where each item is a separate call.
const (
	largeBatch = 2500
	manyCalls  = 100
)

func (p *probe) large() int {
	if p.has(AbilityBatch) {
		return largeBatch
	}
	return manyCalls
}

// batchOfAnySize puts items that depend on each other at both ends of the batch.
func batchOfAnySize(p *probe) {
	n := p.large()
	batch := p.paramsFor(p.newKeys(n)...)
	holder := p.newRow()
	batch[n/2].Key = holder.Key
	batch[n-1].Key = batch[0].Key
	batch[n-2] = batch[1]
	batch[n-3].ID = batch[2].ID
	results := p.each(p.service, batch)
	p.itemConflict(n/2, results[n/2], holder)
	p.itemConflict(n-1, results[n-1], results[0].Assignment)
	p.same("the same item again", p.item(n-2, results[n-2], assignment.OutcomeReplayed), results[1].Assignment)
	p.itemReuse(n-3, results[n-3])
	for i, r := range results[:n-3] {
		if i != n/2 {
			p.same("a created item", p.item(i, r, assignment.OutcomeCreated), p.expected(batch[i]))
		}
	}
	p.wantCount(assignment.Query{ActiveOnly: true}, n-3)
}
