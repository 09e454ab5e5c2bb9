package conformance

import (
	"slices"

	"github.com/assignment-go/assignment"
)

func listRules() []Rule {
	return []Rule{
		{
			Name:      "list/oldest_first_then_by_id",
			Statement: "List orders by CreatedAt and then by ID bytewise, whatever the order of insertion.",
			Contract:  onOrder,
			check:     listIsOrdered,
		},
		{
			Name:      "list/id_order_is_bytewise",
			Statement: "Rows created at the same time are ordered by the bytes of their IDs, not by the rules of a language.",
			Contract:  onOrder,
			needs:     []Ability{AbilityClientIDs, anyID},
			check:     listOrderIsBytewise,
		},
		{
			Name:      "list/order_survives_changes",
			Statement: "A change of status or assignee does not change the position of a row in a list.",
			Contract:  onOrder,
			check:     orderSurvivesChanges,
		},
		{
			Name:      "list/limit_returns_the_first_rows",
			Statement: "A limit returns that many rows from the start of the list, or all when there are fewer.",
			Contract:  onList,
			check:     limitTakesTheFirst,
		},
		{
			Name:      "list/no_match_is_an_empty_list",
			Statement: "A query without a match returns no rows, the count zero, and no error.",
			Contract:  onList,
			check:     listOfNothing,
		},
	}
}

// rowsAtThreeTimes creates rows with three creation times, five each and out of order, and
// returns them in the order of Query.
func (p *probe) rowsAtThreeTimes() []assignment.Assignment {
	rows := make([]assignment.Assignment, 0, 15)
	for _, step := range []int{1, 1, -2} {
		p.clock.move(step)
		for range 5 {
			rows = append(rows, p.newRow())
		}
	}
	slices.SortFunc(rows, inOrder)
	return rows
}

func inOrder(a, b assignment.Assignment) int { return a.Cursor().Compare(b.Cursor()) }

func listIsOrdered(p *probe) {
	want := p.rowsAtThreeTimes()
	p.sameRows("list everything", p.list(p.service, assignment.Query{}), want)
	p.sameRows("list everything on the second handle", p.list(p.other, assignment.Query{}), want)
}

func listOrderIsBytewise(p *probe) {
	all := []assignment.ID{"b", "B", "a", "A", "a-b", "ab", "a b", "ä", "z", "_", "10", "9", "é", "\u00e9\u0301", "\u65e5\u672c"}
	want := make([]assignment.Assignment, 0, len(all))
	for _, id := range all {
		params := p.params(p.newKey())
		params.ID = id
		want = append(want, p.add(params))
	}
	slices.SortFunc(want, inOrder)
	p.sameRows("list everything", p.list(p.service, assignment.Query{}), want)
}

func orderSurvivesChanges(p *probe) {
	want := p.rowsAtThreeTimes()
	for _, i := range []int{0, 4, 7} {
		p.clock.move(10)
		want[i] = p.move(want[i], p.firstStep())
	}
	if p.has(AbilityReassign) {
		moved, err := p.service.Reassign(p.ctx, want[2].ID, p.newKey().AssigneeID)
		p.ok("reassign", err)
		want[2] = moved
	}
	p.sameRows("list everything after changes", p.list(p.other, assignment.Query{}), want)
}

func limitTakesTheFirst(p *probe) {
	want := p.rowsAtThreeTimes()
	for _, limit := range []int{1, 2, len(want) - 1, len(want), len(want) + 1, 10 * len(want)} {
		got, err := p.store.List(p.ctx, assignment.Query{Limit: limit})
		p.ok("list with a limit", err)
		p.sameRows("list with a limit", got, want[:min(limit, len(want))])
	}
}

func listOfNothing(p *probe) {
	p.rowsAtThreeTimes()
	q := assignment.Query{AssigneeID: p.newKey().AssigneeID}
	p.sameRows("list without a match", p.list(p.service, q), nil)
	p.wantCount(q, 0)
}

func (p *probe) wantCount(q assignment.Query, want int) {
	n, err := p.service.Count(p.ctx, q)
	p.ok("count", err)
	if n != int64(want) {
		p.failf("count of %+v: got %d, want %d", q, n, want)
	}
}
