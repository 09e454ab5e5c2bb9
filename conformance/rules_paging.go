package conformance

import (
	"fmt"
	"slices"

	"github.com/assignment-go/assignment"
)

func pagingRules() []Rule {
	return []Rule{
		{
			Name: "paging/pages_contain_every_row_once",
			Statement: "Pages of any size, one after the other, are the whole list: nothing twice, nothing " +
				"missing, also among rows of the same time.",
			Contract: onPaging,
			check:    pagesJoinToTheWhole,
		},
		{
			Name:      "paging/with_filters",
			Statement: "Pages of a filtered query join to the whole filtered list.",
			Contract:  onPaging,
			check:     pagesWithFilters,
		},
		{
			Name:      "paging/cursor_survives_its_text_form",
			Statement: "A cursor that went through its text form continues at the same place.",
			Contract:  onCursor,
			check:     cursorAsText,
		},
		{
			Name:      "paging/cursor_survives_changes_of_its_row",
			Statement: "A cursor continues at the same place although its row no longer matches the query.",
			Contract:  onCursor,
			check:     cursorSurvivesItsRow,
		},
		{
			Name:      "paging/rows_added_while_paging",
			Statement: "Rows that are added while pages are read neither repeat nor hide those that were there.",
			Contract:  onPaging,
			check:     rowsAddedMeanwhile,
		},
		{
			Name:      "paging/last_page_is_short",
			Statement: "Behind the last row there are no more, and a cursor between two rows starts at the second.",
			Contract:  onShortPage,
			check:     lastPageIsShort,
		},
	}
}

// pages reads the query in pages and calls between after each one.
func (p *probe) pages(q assignment.Query, size int, between func(page []assignment.Assignment)) []assignment.Assignment {
	var all []assignment.Assignment
	q.Limit = size
	for i := 0; ; i++ {
		page, err := p.handleStore(i).List(p.ctx, q)
		p.ok("list a page", err)
		if len(page) > size {
			p.failf("a page of %d rows was asked for, %d came", size, len(page))
		}
		if len(page) > 0 && page[0].Cursor().Compare(q.After) <= 0 {
			p.failf("the page behind a cursor starts with %q, which is not behind it", page[0].ID)
		}
		all = append(all, page...)
		if len(page) < size {
			return all
		}
		q.After = page[size-1].Cursor()
		between(page)
	}
}

func (p *probe) handleStore(i int) assignment.Store {
	if i%2 == 0 {
		return p.store
	}
	return p.second
}

func untouched([]assignment.Assignment) {}

func pagesJoinToTheWhole(p *probe) {
	want := p.rowsAtThreeTimes()
	for _, size := range []int{1, 2, 3, 4, 7, len(want) - 1, len(want), len(want) + 1} {
		p.sameRows("pages joined", p.pages(assignment.Query{}, size, untouched), want)
	}
}

func pagesWithFilters(p *probe) {
	rows, conditions := p.mixture()
	for _, q := range conditions {
		want := filter(rows, func(a assignment.Assignment) bool { return q.Matches(a, p.lifecycle) })
		p.sameRows("pages joined of "+short(fmt.Sprintf("%+v", q)), p.pages(q, 2, untouched), want)
	}
}

func cursorAsText(p *probe) {
	want := p.rowsAtThreeTimes()
	for i, a := range want {
		text, err := a.Cursor().MarshalText()
		p.ok("write the cursor", err)
		var after assignment.Cursor
		p.ok("read the cursor", after.UnmarshalText(text))
		p.sameRows("list behind a cursor", p.list(p.service, assignment.Query{After: after}), want[i+1:])
	}
}

func cursorSurvivesItsRow(p *probe) {
	want := p.rowsAtThreeTimes()
	q := assignment.Query{ActiveOnly: true}
	got := p.pages(q, 4, func(page []assignment.Assignment) {
		p.clock.tick()
		p.moveTo(page[len(page)-1], p.terminal())
	})
	p.sameRows("pages joined", got, want)
}

// rowsAddedMeanwhile adds rows at the time of the last row read, before and
// behind it.
func rowsAddedMeanwhile(p *probe) {
	before := p.rowsAtThreeTimes()
	var added []assignment.Assignment
	got := p.pages(assignment.Query{}, 2, func(page []assignment.Assignment) {
		if len(added) < 12 {
			p.clock.set(page[0].CreatedAt)
			added = append(added, p.newRow())
		}
	})
	if !slices.IsSortedFunc(got, inOrder) {
		p.failf("pages joined are not in order: %q", ids(got))
	}
	if twice := slices.CompactFunc(ids(got), func(a, b assignment.ID) bool { return a == b }); len(twice) != len(got) {
		p.failf("pages joined yield a row twice: %q", ids(got))
	}
	old := filter(got, func(a assignment.Assignment) bool { return !slices.Contains(ids(added), a.ID) })
	p.sameRows("pages joined, without what was added", old, before)
}

func lastPageIsShort(p *probe) {
	want := p.rowsAtThreeTimes()
	last := want[len(want)-1].Cursor()
	p.sameRows("list behind the last row", p.list(p.service, assignment.Query{After: last}), nil)
	if !p.has(AbilityCreatedAt) {
		return
	}
	between := assignment.Cursor{CreatedAt: last.CreatedAt.Add(-p.harness.TimePrecision), ID: last.ID}
	later := filter(want, func(a assignment.Assignment) bool { return a.Cursor().Compare(between) > 0 })
	p.sameRows("list behind a place without a row", p.list(p.service, assignment.Query{After: between}), later)
}
