package assignment_test

import (
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
)

// stored is what becomes of metadata on its way through a service.
func stored(t *testing.T, m map[string]any) (map[string]any, error) {
	t.Helper()
	a, err := newService(t).Create(t.Context(), assignment.CreateParams{
		Key: assignment.Key{AssigneeID: "a", SubjectID: "s"}, Metadata: m,
	})
	return a.Metadata, err
}

func TestMetadataIsNormalized(t *testing.T) {
	type named string
	for name, test := range map[string]struct{ given, want map[string]any }{
		"nil":                 {nil, nil},
		"empty":               {map[string]any{}, nil},
		"integers":            {map[string]any{"n": 1, "u": uint8(2), "l": int64(-3)}, map[string]any{"n": 1.0, "u": 2.0, "l": -3.0}},
		"largest_exact":       {map[string]any{"n": int64(1) << 53}, map[string]any{"n": 9007199254740992.0}},
		"large_but_exact":     {map[string]any{"n": int64(1) << 62}, map[string]any{"n": 4611686018427387904.0}},
		"big_power_of_two":    {map[string]any{"n": new(big.Int).Lsh(big.NewInt(1), 100)}, map[string]any{"n": math.Ldexp(1, 100)}},
		"json_number":         {map[string]any{"n": json.Number("1.50")}, map[string]any{"n": 1.5}},
		"structs":             {map[string]any{"s": struct{ A int }{1}}, map[string]any{"s": map[string]any{"A": 1.0}}},
		"named_strings":       {map[string]any{"s": named("x")}, map[string]any{"s": "x"}},
		"typed_slices":        {map[string]any{"l": []int{1, 2}}, map[string]any{"l": []any{1.0, 2.0}}},
		"typed_maps":          {map[string]any{"m": map[string]int{"a": 1}}, map[string]any{"m": map[string]any{"a": 1.0}}},
		"bytes_become_base64": {map[string]any{"b": []byte("hi")}, map[string]any{"b": "aGk="}},
		"nil_values":          {map[string]any{"n": nil, "p": (*int)(nil)}, map[string]any{"n": nil, "p": nil}},
		"html":                {map[string]any{"h": "<&>"}, map[string]any{"h": "<&>"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := stored(t, test.given)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
		})
	}
}

// brought writes JSON of its own.
type brought string

func (b brought) MarshalJSON() ([]byte, error) { return []byte(b), nil }

// U+FFFD and its escape are texts like any other.
func TestMetadataKeepsTheReplacementCharacter(t *testing.T) {
	for _, text := range []string{"\ufffd", `\ufffd`, `\\ufffd`, "\\\ufffd"} {
		got, err := stored(t, map[string]any{"v": text})
		if err != nil || got["v"] != text {
			t.Errorf("%q came back as %q, %v", text, got["v"], err)
		}
	}
}

func TestMetadataRefuses(t *testing.T) {
	for name, value := range map[string]any{
		"nan":                     math.NaN(),
		"infinity":                math.Inf(1),
		"function":                func() {},
		"channel":                 make(chan int),
		"complex":                 complex(1, 2),
		"odd_above_2_to_the_53":   int64(1)<<53 + 1,
		"largest_uint64":          uint64(math.MaxUint64),
		"big_int":                 new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 100), big.NewInt(1)),
		"number_out_of_range":     json.Number("1e400"),
		"nul":                     "a\x00b",
		"invalid_utf8":            "\xff",
		"invalid_utf8_in_a_key":   map[string]any{"\xff": 1},
		"invalid_utf8_in_strings": []string{"fine", "\xff"},
		"invalid_utf8_in_a_field": struct{ Name string }{"\\\xff"},
		"nul_from_a_marshaler":    brought(`"a\u0000b"`),
		"nul_nested":              []any{map[string]any{"x": []any{"\x00"}}},
		"nul_in_a_key":            map[string]any{"\x00": 1},
		"rounded_in_a_marshaler":  brought(`{"id": 9007199254740993}`),
		"longer_than_allowed":     strings.Repeat("x", assignment.MaxMetadataBytes),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := stored(t, map[string]any{"v": value})
			if err == nil {
				t.Fatalf("stored as %#v", got)
			}
			wantInvalid(t, err, "Metadata")
		})
	}
	t.Run("cycle", func(t *testing.T) {
		cycle := map[string]any{}
		cycle["self"] = cycle
		_, err := stored(t, cycle)
		wantInvalid(t, err, "Metadata")
	})
}
