package conformance

import (
	"math"
	"strings"
	"time"

	"github.com/assignment-go/assignment"
)

func validationRules() []Rule {
	return []Rule{
		{
			Name: "validation/create",
			Statement: "Create, Ensure and Replace reject invalid parameters with an InvalidError that names the field, " +
				"and write nothing.",
			Contract: onInvalid,
			check:    createIsValidated,
		},
		{
			Name:      "validation/change",
			Statement: "Changes reject invalid parameters with an InvalidError that names the field, and change nothing.",
			Contract:  onInvalid,
			check:     changeIsValidated,
		},
		{
			Name:      "validation/read",
			Statement: "Reads reject invalid parameters with an InvalidError that names the field.",
			Contract:  onInvalid,
			check:     readIsValidated,
		},
	}
}

// badTexts are invalid in every key, ID and text.
func badTexts() []string {
	return []string{strings.Repeat("x", 256), strings.Repeat("é", 128), "a\x00b", "a\xffb", "\xed\xa0\x80"}
}

type invalidParams struct {
	field  string
	params assignment.CreateParams
}

func (p *probe) invalidParams() []invalidParams {
	var all []invalidParams
	add := func(field string, change func(*assignment.CreateParams)) {
		params := p.params(p.newKey())
		change(&params)
		all = append(all, invalidParams{field, params})
	}
	for _, bad := range append(badTexts(), "") {
		add("Key.AssigneeID", func(c *assignment.CreateParams) { c.Key.AssigneeID = bad })
		add("Key.SubjectID", func(c *assignment.CreateParams) { c.Key.SubjectID = bad })
	}
	for _, bad := range badTexts() {
		add("ID", func(c *assignment.CreateParams) { c.ID = assignment.ID(bad) })
		add("AssignedBy", func(c *assignment.CreateParams) { c.AssignedBy = bad })
		add("AccountID", func(c *assignment.CreateParams) { c.AccountID = bad })
	}
	add("DueAt", func(c *assignment.CreateParams) { c.DueAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) })
	add("DueAt", func(c *assignment.CreateParams) { c.DueAt = time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC) })
	for _, bad := range badMetadata() {
		add("Metadata", func(c *assignment.CreateParams) { c.Metadata = bad })
	}
	return all
}

func badMetadata() []map[string]any {
	return []map[string]any{
		{"nan": math.NaN()},
		{"channel": make(chan int)},
		{"rounded": int64(1)<<53 + 1},
		{"nul": "a\x00b"},
		{"nested": []any{map[string]any{"utf8": "\xff"}}},
		{"key\xff": 1},
		{"long": strings.Repeat("x", assignment.MaxMetadataBytes)},
	}
}

func createIsValidated(p *probe) {
	p.newRow()
	retire := assignment.ReplaceParams{RetireTo: p.terminal()}
	p.changesNothing("create with invalid parameters", func() {
		for _, bad := range p.invalidParams() {
			_, err := p.service.Create(p.ctx, bad.params)
			p.invalid("create", err, bad.field)
			_, err = p.service.Ensure(p.ctx, bad.params)
			p.invalid("ensure", err, bad.field)
			_, err = p.service.Replace(p.ctx, bad.params, retire)
			p.invalid("replace", err, bad.field)
		}
		for _, to := range []assignment.Status{"", "no such status", p.lifecycle.Initial()} {
			_, err := p.service.Replace(p.ctx, p.params(p.newKey()), assignment.ReplaceParams{RetireTo: to})
			p.invalid("replace", err, "RetireTo")
		}
	})
}

func changeIsValidated(p *probe) {
	a := p.newRow()
	p.changesNothing("change with invalid parameters", func() {
		for _, bad := range append(badTexts(), "") {
			_, err := p.service.Transition(p.ctx, assignment.ID(bad), p.firstStep())
			p.invalid("move", err, "ID")
			_, err = p.service.Reassign(p.ctx, a.ID, bad)
			p.invalid("reassign", err, "AssigneeID")
		}
		for _, bad := range []assignment.Status{"", "no such status", p.lifecycle.Initial() + " "} {
			_, err := p.service.Transition(p.ctx, a.ID, bad)
			p.invalid("move", err, "Status")
		}
		for _, version := range []int64{0, -1} {
			_, err := p.service.Transition(p.ctx, a.ID, p.firstStep(), assignment.IfVersion(version))
			p.invalid("move", err, "IfVersion")
		}
	})
}

func readIsValidated(p *probe) {
	k := p.newKey()
	for _, bad := range append(badTexts(), "") {
		_, err := p.service.Get(p.ctx, assignment.ID(bad))
		p.invalid("get", err, "ID")
		_, err = p.service.FindActive(p.ctx, assignment.Key{AssigneeID: bad, SubjectID: k.SubjectID})
		p.invalid("find active", err, "Key.AssigneeID")
		_, err = p.service.FindActive(p.ctx, assignment.Key{AssigneeID: k.AssigneeID, SubjectID: bad})
		p.invalid("find active", err, "Key.SubjectID")
	}
	for _, bad := range badTexts() {
		p.invalidQuery("Query.AssigneeID", assignment.Query{AssigneeID: bad})
		p.invalidQuery("Query.SubjectID", assignment.Query{SubjectID: bad})
		p.invalidQuery("Query.AccountID", assignment.Query{AccountID: bad})
		p.invalidQuery("Query.After", assignment.Query{After: assignment.Cursor{CreatedAt: p.clock.Now(), ID: assignment.ID(bad)}})
	}
	p.invalidQuery("Query.Statuses", assignment.Query{Statuses: []assignment.Status{"no such status"}})
	p.invalidQuery("Query.DueBefore", assignment.Query{DueBefore: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)})
	p.invalidQuery("Query.Limit", assignment.Query{Limit: -1})
}

func (p *probe) invalidQuery(field string, q assignment.Query) {
	var err error
	for _, listErr := range p.service.List(p.ctx, q) {
		err = listErr
	}
	p.invalid("list", err, field)
	_, err = p.service.Count(p.ctx, q)
	p.invalid("count", err, field)
}
