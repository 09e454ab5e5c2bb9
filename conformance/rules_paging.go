package conformance

import (
	"fmt"
	"slices"

	"github.com/assignment-go/assignment"
)

func pagingRules() []Rule {
	return []Rule{
		{
			Name:      "paging/pages_contain_every_row_once",
			Statement: "Pages of any size contain every row of the list exactly once, also among rows with the same time.",
			Contract:  onPaging,
			check:     pagesJoinToTheWhole,
		},
		{
			Name:      "paging/with_filters",
			Statement: "The pages of a query with filters contain every matching row exactly once.",
			Contract:  onPaging,
			check:     pagesWithFilters,
		},
		{
			Name:      "paging/cursor_survives_its_text_form",
			Statement: "A cursor that was converted to text and back continues at the same position.",
			Contract:  onCursor,
			check:     cursorAsText,
		},
		{
			Name:      "paging/cursor_survives_changes_of_its_row",
			Statement: "A cursor continues at the same position although its row no longer matches the query.",
			Contract:  onCursor,
			check:     cursorSurvivesItsRow,
		},
		{
			Name:      "paging/rows_added_while_paging",
			Statement: "Rows that are added while pages are read neither repeat nor hide the rows that existed before.",
			Contract:  onPaging,
			check:     rowsAddedMeanwhile,
		},
		{
			Name:      "paging/last_page_is_short",
			Statement: "After the cursor of the last row there are no rows; a cursor between two rows continues at the second.",
			Contract:  onShortPage,
			check:     lastPageIsShort,
		},
	}
}

// pages reads the query in pages and calls the function between two pages.
func (p *probe) pages(q assignment.Query, size int, between func(page []assignment.Assignment)) []assignment.Assignment {
	var all []assignment.Assignment
	q.Limit = size
	for i := 0; ; i++ {
		page, err := p.handleStore(i).List(p.ctx, q)
		p.ok("list a page", err)
		if len(page) > size {
			p.failf("a page of %d rows has %d", size, len(page))
		}
		if len(page) > 0 && page[0].Cursor().Compare(q.After) <= 0 {
			p.failf("the page after a cursor starts with %q, which is not after it", page[0].ID)
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
		p.sameRows("all pages", p.pages(assignment.Query{}, size, untouched), want)
	}
}

func pagesWithFilters(p *probe) {
	rows, conditions := p.mixture()
	for _, q := range conditions {
		want := filter(rows, func(a assignment.Assignment) bool { return q.Matches(a, p.lifecycle) })
		p.sameRows("all pages of "+short(fmt.Sprintf("%+v", q)), p.pages(q, 2, untouched), want)
	}
}

func cursorAsText(p *probe) {
	want := p.rowsAtThreeTimes()
	for i, a := range want {
		text, err := a.Cursor().MarshalText()
		p.ok("write the cursor", err)
		var after assignment.Cursor
		p.ok("read the cursor", after.UnmarshalText(text))
		p.sameRows("list after a cursor", p.list(p.service, assignment.Query{After: after}), want[i+1:])
	}
}

func cursorSurvivesItsRow(p *probe) {
	want := p.rowsAtThreeTimes()
	q := assignment.Query{ActiveOnly: true}
	got := p.pages(q, 4, func(page []assignment.Assignment) {
		p.clock.tick()
		p.moveTo(page[len(page)-1], p.terminal())
	})
	p.sameRows("all pages", got, want)
}

// rowsAddedMeanwhile adds rows with the times of rows that have been read, before and after
// the cursor.
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
		p.failf("the pages are not in order: %q", ids(got))
	}
	if twice := slices.CompactFunc(ids(got), func(a, b assignment.ID) bool { return a == b }); len(twice) != len(got) {
		p.failf("the pages contain a row twice: %q", ids(got))
	}
	old := filter(got, func(a assignment.Assignment) bool { return !slices.Contains(ids(added), a.ID) })
	p.sameRows("the pages without the added rows", old, before)
}

func lastPageIsShort(p *probe) {
	want := p.rowsAtThreeTimes()
	last := want[len(want)-1].Cursor()
	p.sameRows("list after the last row", p.list(p.service, assignment.Query{After: last}), nil)
	if !p.has(AbilityCreatedAt) {
		return
	}
	between := assignment.Cursor{CreatedAt: last.CreatedAt.Add(-p.harness.TimePrecision), ID: last.ID}
	later := filter(want, func(a assignment.Assignment) bool { return a.Cursor().Compare(between) > 0 })
	p.sameRows("list after a position without a row", p.list(p.service, assignment.Query{After: between}), later)
}
