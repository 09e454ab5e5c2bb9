package conformance

import (
	"fmt"
	"time"

	"github.com/assignment-go/assignment"
)

func filterRules() []Rule {
	return []Rule{
		{
			Name:      "filter/each_condition",
			Statement: "Each condition of a query selects exactly the rows that match it, and Count agrees with List.",
			Contract:  onFilter,
			check:     eachCondition,
		},
		{
			Name:      "filter/conditions_are_joined_by_and",
			Statement: "Two conditions together select the rows that match both, and Count agrees with List.",
			Contract:  onFilter,
			check:     conditionsAreJoined,
		},
		{
			Name:        "filter/active_only_follows_the_lifecycle",
			Statement:   "ActiveOnly selects every status that is not terminal in the lifecycle of the store.",
			Contract:    onFilter,
			everyPolicy: true,
			check:       activeOnlyFollowsTheLifecycle,
		},
		{
			Name:      "filter/due_before_is_exclusive",
			Statement: "DueBefore selects rows that are due before that time, not at it, and no rows without a due time.",
			Contract:  onFilter,
			needs:     []Ability{AbilityDueAt},
			check:     dueBeforeIsStrict,
		},
		{
			Name:      "filter/count_ignores_limit_and_cursor",
			Statement: "Count counts all rows that match and ignores After and Limit.",
			Contract:  onCount,
			check:     countIgnoresPaging,
		},
	}
}

// mixture creates rows with different assignees, subjects, accounts and due times, in every
// reachable status.
func (p *probe) mixture() (rows []assignment.Assignment, conditions []assignment.Query) {
	one, two := p.newKey(), p.newKey()
	due := p.clock.Now().AddDate(0, 1, 0)
	for _, status := range reachable(p.lifecycle) {
		for i, k := range crossed(one, two) {
			params := p.params(k)
			if p.has(AbilityAccountID) {
				params.AccountID = []string{"red", "blue", ""}[i%3]
			}
			if p.has(AbilityDueAt) && i > 0 {
				params.DueAt = due.AddDate(0, 0, i-2)
			}
			rows = append(rows, p.moveTo(p.add(p.onFreeSlot(params)), status))
			p.clock.tick()
		}
	}
	return rows, p.conditions(one, due)
}

// onFreeSlot gives the row a new subject when its slot is taken.
func (p *probe) onFreeSlot(params assignment.CreateParams) assignment.CreateParams {
	if _, err := p.service.FindActive(p.ctx, params.Key); err == nil {
		params.Key.SubjectID = p.newKey().SubjectID
	}
	return params
}

func (p *probe) conditions(k assignment.Key, due time.Time) []assignment.Query {
	conditions := []assignment.Query{
		{},
		{AssigneeID: k.AssigneeID},
		{SubjectID: k.SubjectID},
		{ActiveOnly: true},
		{Statuses: []assignment.Status{p.lifecycle.Initial()}},
		{Statuses: p.lifecycle.Terminal()},
		{Statuses: p.lifecycle.Statuses()},
	}
	if p.has(AbilityAccountID) {
		conditions = append(conditions, assignment.Query{AccountID: "red"})
	}
	if p.has(AbilityDueAt) {
		conditions = append(conditions, assignment.Query{DueBefore: due})
	}
	return conditions
}

// filtered wants List and Count to agree with Query.Matches.
func (p *probe) filtered(rows []assignment.Assignment, q assignment.Query) {
	want := filter(rows, func(a assignment.Assignment) bool { return q.Matches(a, p.lifecycle) })
	p.sameRows("list "+short(fmt.Sprintf("%+v", q)), p.list(p.service, q), want)
	p.wantCount(q, len(want))
}

func eachCondition(p *probe) {
	rows, conditions := p.mixture()
	for _, q := range conditions {
		p.filtered(rows, q)
	}
}

func conditionsAreJoined(p *probe) {
	rows, conditions := p.mixture()
	for _, q := range conditions {
		for _, r := range conditions {
			p.filtered(rows, joined(q, r))
		}
	}
}

// joined has the conditions of both queries; r takes precedence.
func joined(q, r assignment.Query) assignment.Query {
	if r.AssigneeID != "" {
		q.AssigneeID = r.AssigneeID
	}
	if r.SubjectID != "" {
		q.SubjectID = r.SubjectID
	}
	if r.AccountID != "" {
		q.AccountID = r.AccountID
	}
	if len(r.Statuses) > 0 {
		q.Statuses = r.Statuses
	}
	if !r.DueBefore.IsZero() {
		q.DueBefore = r.DueBefore
	}
	q.ActiveOnly = q.ActiveOnly || r.ActiveOnly
	return q
}

func activeOnlyFollowsTheLifecycle(p *probe) {
	rows, _ := p.mixture()
	p.filtered(rows, assignment.Query{ActiveOnly: true})
	for _, status := range p.lifecycle.Statuses() {
		p.filtered(rows, assignment.Query{ActiveOnly: true, Statuses: []assignment.Status{status}})
	}
}

func dueBeforeIsStrict(p *probe) {
	due := p.clock.Now()
	rows := make([]assignment.Assignment, 0, 3)
	for _, offset := range []int{-1, 0, 1} {
		params := p.params(p.newKey())
		params.DueAt = due.Add(p.units(offset))
		rows = append(rows, p.add(params))
		p.clock.tick()
	}
	params := p.params(p.newKey())
	params.DueAt = time.Time{}
	p.add(params)
	p.sameRows("list what is due before a time", p.list(p.service, assignment.Query{DueBefore: due}), rows[:1])
	p.wantCount(assignment.Query{DueBefore: due}, 1)
}

func countIgnoresPaging(p *probe) {
	rows := p.rowsAtThreeTimes()
	n, err := p.store.Count(p.ctx, assignment.Query{After: rows[3].Cursor(), Limit: 2})
	p.ok("count with a cursor and a limit", err)
	if n != int64(len(rows)) {
		p.failf("count with a cursor and a limit: got %d, want %d", n, len(rows))
	}
}
