package conformance

import "github.com/assignment-go/assignment"

func keyRules() []Rule {
	return withNeed(anyKey, []Rule{
		{
			Name:      "key/assignee_is_compared_bytewise",
			Statement: "Assignees that differ in case, spaces, Unicode form or any other byte have different slots.",
			Contract:  onKey,
			check: func(p *probe) {
				p.distinctKeys(func(text string) assignment.Key {
					return assignment.Key{AssigneeID: text, SubjectID: "subject"}
				})
			},
		},
		{
			Name:      "key/subject_is_compared_bytewise",
			Statement: "Subjects that differ in case, spaces, Unicode form or any other byte have different slots.",
			Contract:  onKey,
			check: func(p *probe) {
				p.distinctKeys(func(text string) assignment.Key {
					return assignment.Key{AssigneeID: "assignee", SubjectID: text}
				})
			},
		},
		{
			Name:      "key/parts_are_compared_separately",
			Statement: "Keys whose parts are the same text when joined, with any separator, have different slots.",
			Contract:  onKey,
			check:     partsAreNotJoined,
		},
		{
			Name:      "key/longest_key_is_accepted",
			Statement: "A key with two parts of 255 bytes works like any other, and a difference in the last byte counts.",
			Contract:  onKey,
			check:     longestKeyFits,
		},
		{
			Name:      "key/filters_are_exact",
			Statement: "A filter by assignee or subject compares bytewise, without patterns or case folding.",
			Contract:  onKey,
			check:     keyFiltersAreExact,
		},
	})
}

// distinctKeys wants the keys of all hostile texts to have different slots.
func (p *probe) distinctKeys(key func(text string) assignment.Key) {
	keys := make([]assignment.Key, 0, len(hostileTexts()))
	for _, text := range hostileTexts() {
		keys = append(keys, key(text))
	}
	p.differentSlots(keys)
}

func (p *probe) differentSlots(keys []assignment.Key) {
	holders := make([]assignment.Assignment, len(keys))
	for i, k := range keys {
		p.free(k)
		holders[i] = p.holder(k)
	}
	for _, holder := range holders {
		p.holds(holder)
		_, err := p.service.Create(p.ctx, p.params(holder.Key))
		p.conflict("create on a taken slot among similar ones", err, holder)
	}
	for _, holder := range holders {
		p.moveTo(holder, p.terminal())
		p.free(holder.Key)
	}
}

func partsAreNotJoined(p *probe) {
	var keys []assignment.Key
	for _, sep := range []string{"", "/", ":", "|", ",", ".", "-", "_", " ", "\t", "\n", "\x1f", "\x01", "'", `"`, "\\", "\u2028"} {
		keys = append(keys,
			assignment.Key{AssigneeID: "a" + sep + "b", SubjectID: "c" + sep},
			assignment.Key{AssigneeID: "a", SubjectID: "b" + sep + "c" + sep},
		)
		if sep != "" {
			keys = append(keys, assignment.Key{AssigneeID: "a" + sep, SubjectID: "b" + sep + "c"})
		}
	}
	keys = append(keys, assignment.Key{AssigneeID: "x", SubjectID: "y"}, assignment.Key{AssigneeID: "y", SubjectID: "x"})
	p.differentSlots(keys)
}

func longestKeyFits(p *probe) {
	long := longText("x")
	p.differentSlots([]assignment.Key{
		{AssigneeID: long, SubjectID: long},
		{AssigneeID: longText("y"), SubjectID: long},
		{AssigneeID: long, SubjectID: longText("y")},
	})
}

// longText is as long as a part of a key may be. A repeated letter would not do, since an
// index could compress it.
func longText(last string) string {
	text := make([]byte, 0, assignment.MaxKeyBytes)
	for state := uint32(1); len(text) < assignment.MaxKeyBytes-1; {
		state = state*1664525 + 1013904223
		text = append(text, '!'+byte(state>>24)%94)
	}
	return string(text) + last
}

func keyFiltersAreExact(p *probe) {
	rows := make([]assignment.Assignment, 0, len(hostileTexts()))
	for _, text := range hostileTexts() {
		rows = append(rows, p.holder(assignment.Key{AssigneeID: text, SubjectID: text}))
	}
	for _, a := range rows {
		only := []assignment.Assignment{a}
		p.sameRows("list of one assignee", p.list(p.service, assignment.Query{AssigneeID: a.Key.AssigneeID}), only)
		p.sameRows("list of one subject", p.list(p.other, assignment.Query{SubjectID: a.Key.SubjectID}), only)
	}
}
