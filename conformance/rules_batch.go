package conformance

import (
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
)

// batchRules hold for every driver: Service sends batches one item at a time to
// a store that can't take them whole.
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
			Statement: "The result of each item stands at its index, whatever became of the items around it, " +
				"in any order of the batch.",
			Contract: onItemIndex,
			needs:    []Ability{AbilityClientIDs},
			check:    batchIsAligned,
		},
		{
			Name: "batch/failed_item_does_not_affect_others",
			Statement: "Items that are invalid, conflict or reuse an ID leave the others of their batch to " +
				"succeed, and are no error of the call.",
			Contract: onItemIndex,
			check:    failedItemFailsAlone,
		},
		{
			Name: "batch/conflict_returns_the_holder",
			Statement: "An item on a taken slot has the full row of the holder, as it is now, in its error, and " +
				"writes nothing.",
			Contract:    onItem,
			everyPolicy: true,
			check:       batchConflictCarriesTheHolder,
		},
		{
			Name:        "batch/history_is_no_conflict",
			Statement:   "Items on keys whose assignments are all terminal are created.",
			Contract:    onItem,
			everyPolicy: true,
			check:       batchOverHistory,
		},
		{
			Name: "batch/first_of_duplicates_is_created",
			Statement: "Of the items with one key the first in the order of the batch is created, and the " +
				"others conflict with its row.",
			Contract: onItemOrder,
			check:    duplicatesResolveToTheFirst,
		},
		{
			Name: "batch/any_size",
			Statement: "A batch of thousands is answered item by item like a small one, duplicates and " +
				"conflicts at its far ends included.",
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

// mixed is a batch with items of every kind and how to judge each of them.
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

// mix makes items that have nothing to do with each other.
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

// badItems fail for each of the reasons that are about the item alone.
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

// duplicatesResolveToTheFirst puts the items of one key far apart, with keys
// around them that sort before and behind.
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

// The sizes of a large batch: more than any driver will put into one statement,
// and fewer where each item is a call of its own.
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

// batchOfAnySize spreads what belongs together over the whole batch.
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
