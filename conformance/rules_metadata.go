package conformance

import (
	"math"
	"strings"

	"github.com/assignment-go/assignment"
)

func metadataRules() []Rule {
	return []Rule{
		{
			Name:      "fidelity/metadata_of_any_shape",
			Statement: "Metadata is returned as encoding/json decodes it: every kind of value, nested, with any text as key.",
			Contract:  onFidelity,
			needs:     []Ability{AbilityMetadata},
			check:     metadataComesBack,
		},
		{
			Name:      "fidelity/metadata_survives_changes",
			Statement: "A change of status does not change the metadata, and List and conflicts return all of it.",
			Contract:  onFidelity,
			needs:     []Ability{AbilityMetadata},
			check:     metadataSurvives,
		},
	}
}

func metadataShapes() []map[string]any {
	texts := make(map[string]any)
	for _, text := range hostileTexts() {
		texts[text] = text
	}
	deep := any("bottom")
	for range 50 {
		deep = map[string]any{"d": []any{deep}}
	}
	return []map[string]any{
		nil,
		{},
		{"": ""},
		{"null": nil, "true": true, "false": false},
		{"empty object": map[string]any{}, "empty list": []any{}, "lists": []any{[]any{}, []any{nil}}},
		{"numbers": []any{0.0, 1.0, -1.0, 0.1, 1.5e-9, 1e21, float64(1 << 53), -float64(1 << 53)}},
		{"extremes": []any{math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64}},
		{"html": "<a href=\"x\">&amp;</a>", "separators": "\u2028\u2029"},
		{"deep": deep},
		{"long": strings.Repeat("x", assignment.MaxMetadataBytes-len(`{"long":""}`))},
		texts,
	}
}

func metadataComesBack(p *probe) {
	for _, shape := range metadataShapes() {
		params := p.params(p.newKey())
		params.Metadata = shape
		want := p.expected(params)
		p.same("the created row", p.add(params), want)
		p.stored(want)
		if p.has(AbilityClientIDs) {
			result, err := p.other.Ensure(p.ctx, params)
			p.same("the row of the retry", p.replayed("the same request again", result, err), want)
		}
	}
}

func metadataSurvives(p *probe) {
	for _, shape := range metadataShapes() {
		params := p.params(p.newKey())
		params.Metadata = shape
		a := p.add(params)
		_, err := p.service.Create(p.ctx, p.params(a.Key))
		p.conflict("create on a taken slot", err, a)
		moved := p.move(a, p.firstStep())
		want := moved
		want.Metadata = shape
		p.same("the changed row", moved, want)
		p.sameRows("list", p.list(p.other, assignment.Query{SubjectID: a.Key.SubjectID}), []assignment.Assignment{want})
	}
}
