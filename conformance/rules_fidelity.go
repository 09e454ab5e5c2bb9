package conformance

import (
	"strings"
	"time"

	"github.com/assignment-go/assignment"
)

func timeRules() []Rule {
	return []Rule{
		{
			Name:      "fidelity/times_are_exact",
			Statement: "Times are returned exactly, in the precision that the harness declares and in UTC.",
			Contract:  onFidelity,
			check:     timesComeBack,
		},
		{
			Name:      "fidelity/due_times_of_any_year",
			Statement: "DueAt stores any time from the year 1 to 9999, given in any time zone, and none when none is given.",
			Contract:  onFidelity,
			needs:     []Ability{AbilityDueAt},
			check:     dueTimesComeBack,
		},
		{
			Name:      "fidelity/times_may_go_back",
			Statement: "A change with an earlier time than the last one is stored with that time.",
			Contract:  onFidelity,
			check:     clockMayGoBack,
		},
	}
}

func timesComeBack(p *probe) {
	base := p.clock.Now().Truncate(time.Second).Truncate(p.harness.TimePrecision)
	for _, n := range []int{0, 1, 999, 1000, 123_457, 999_999} {
		at := base.Add(p.units(n))
		p.clock.set(at)
		a := p.newRow()
		want := a
		want.CreatedAt, want.UpdatedAt = at, at
		p.same("the created row", a, want)
		p.stored(want)
		at = at.Add(p.units(7))
		p.clock.set(at)
		closed := p.moveTo(a, p.terminal())
		want = closed
		want.UpdatedAt, want.CompletedAt = at, at
		p.same("the closed row", closed, want)
		p.stored(want)
	}
}

// units is n times the precision of the backend.
func (p *probe) units(n int) time.Duration { return time.Duration(n) * p.harness.TimePrecision }

func dueTimesComeBack(p *probe) {
	east := time.FixedZone("east", 5*60*60+45*60)
	for _, due := range []time.Time{
		{},
		time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC),
		time.Date(1583, 2, 28, 12, 0, 0, 0, east),
		time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC).Truncate(p.harness.TimePrecision),
		time.Date(2024, 2, 29, 3, 15, 0, 0, east),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC).Truncate(p.harness.TimePrecision),
	} {
		params := p.params(p.newKey())
		params.DueAt = due
		want := p.expected(params)
		want.DueAt = due.UTC()
		p.same("the created row", p.add(params), want)
		p.stored(want)
		if p.has(AbilityClientIDs) {
			result, err := p.other.Ensure(p.ctx, params)
			p.replayed("the same request again", result, err)
		}
	}
}

func clockMayGoBack(p *probe) {
	a := p.newRow()
	at := p.clock.move(-100)
	moved := p.move(a, p.firstStep())
	want := moved
	want.CreatedAt, want.UpdatedAt = a.CreatedAt, at
	p.same("the row", moved, want)
	p.stored(want)
}

func textRules() []Rule {
	return []Rule{
		{
			Name:      "fidelity/assigned_by_is_any_text",
			Statement: "AssignedBy may be any text, and is returned byte for byte.",
			Contract:  onFidelity,
			needs:     []Ability{AbilityAssignedBy},
			check: func(p *probe) {
				p.anyText(func(c *assignment.CreateParams, text string) { c.AssignedBy = text })
			},
		},
		{
			Name:      "fidelity/account_id_is_any_text",
			Statement: "AccountID may be any text, is returned byte for byte, and filters compare it bytewise.",
			Contract:  onFidelity,
			needs:     []Ability{AbilityAccountID},
			check:     accountIsAnyText,
		},
		{
			Name:      "fidelity/id_is_any_text",
			Statement: "An ID may be any text, and only finds the row with exactly the same bytes.",
			Contract:  onID,
			needs:     []Ability{AbilityClientIDs, anyID},
			check:     idIsAnyText,
		},
	}
}

// anyText stores every hostile text in the attribute that set sets, and wants it returned.
func (p *probe) anyText(set func(*assignment.CreateParams, string)) []assignment.Assignment {
	rows := make([]assignment.Assignment, 0, len(hostileTexts()))
	for _, text := range hostileTexts() {
		params := p.params(p.newKey())
		set(&params, text)
		want := p.expected(params)
		got := p.add(params)
		p.same("the created row", got, want)
		p.stored(want)
		rows = append(rows, p.withoutAbsent(want, got))
	}
	return rows
}

func accountIsAnyText(p *probe) {
	rows := p.anyText(func(c *assignment.CreateParams, text string) { c.AccountID = text })
	for _, a := range rows {
		p.sameRows("list of one account", p.list(p.service, assignment.Query{AccountID: a.AccountID}), []assignment.Assignment{a})
		p.wantCount(assignment.Query{AccountID: a.AccountID}, 1)
	}
}

func idIsAnyText(p *probe) {
	p.anyText(func(c *assignment.CreateParams, text string) { c.ID = assignment.ID(text) })
	_, err := p.other.Get(p.ctx, assignment.ID(strings.ToUpper("case")+"x"))
	p.wantError("get an ID that no row has", err, assignment.ErrNotFound)
}
