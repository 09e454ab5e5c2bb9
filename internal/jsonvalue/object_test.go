package jsonvalue_test

import (
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/assignment-go/assignment/internal/jsonvalue"
)

// maxBytes is what the objects of the tests may have.
const maxBytes = 8192

func TestObjectNormalizes(t *testing.T) {
	type named string
	for name, test := range map[string]struct{ given, want map[string]any }{
		"nil":                        {nil, nil},
		"empty":                      {map[string]any{}, nil},
		"integers":                   {map[string]any{"n": 1, "u": uint8(2), "l": int64(-3)}, map[string]any{"n": 1.0, "u": 2.0, "l": -3.0}},
		"largest_exact":              {map[string]any{"n": int64(1) << 53}, map[string]any{"n": 9007199254740992.0}},
		"large_but_exact":            {map[string]any{"n": int64(1) << 62}, map[string]any{"n": 4611686018427387904.0}},
		"big_power_of_two":           {map[string]any{"n": new(big.Int).Lsh(big.NewInt(1), 100)}, map[string]any{"n": math.Ldexp(1, 100)}},
		"exact_integer_with_a_point": {map[string]any{"n": json.Number("9007199254740992.0")}, map[string]any{"n": 9007199254740992.0}},
		"exact_integer_with_an_exponent": {
			map[string]any{"n": json.Number("1e22"), "m": json.Number("12e1")}, map[string]any{"n": 1e22, "m": 120.0},
		},
		"fraction_as_it_is_printed": {map[string]any{"n": json.Number("0.10"), "m": 1.0 / 3}, map[string]any{"n": 0.1, "m": 1.0 / 3}},
		"fraction_as_it_is_stored": {
			map[string]any{"n": json.Number("0.1000000000000000055511151231257827021181583404541015625")}, map[string]any{"n": 0.1},
		},
		"float_of_32_bits":    {map[string]any{"n": float32(0.1)}, map[string]any{"n": 0.1}},
		"extremes":            {map[string]any{"n": math.MaxFloat64, "m": math.SmallestNonzeroFloat64}, map[string]any{"n": math.MaxFloat64, "m": math.SmallestNonzeroFloat64}},
		"large_float":         {map[string]any{"n": 1e23}, map[string]any{"n": 1e23}},
		"zeros":               {map[string]any{"n": json.Number("-0.0e999999999"), "m": math.Copysign(0, -1)}, map[string]any{"n": 0.0, "m": 0.0}},
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
			got, err := jsonvalue.Object(test.given, maxBytes)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
		})
	}
}

// rawJSON encodes to itself.
type rawJSON string

func (b rawJSON) MarshalJSON() ([]byte, error) { return []byte(b), nil }

// U+FFFD and its escape are texts like any other.
func TestObjectPreservesTheReplacementCharacter(t *testing.T) {
	for _, text := range []string{"\ufffd", `\ufffd`, `\\ufffd`, "\\\ufffd"} {
		got, err := jsonvalue.Object(map[string]any{"v": text}, maxBytes)
		if err != nil || got["v"] != text {
			t.Errorf("%q came back as %q, %v", text, got["v"], err)
		}
	}
}

func TestObjectRejects(t *testing.T) {
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
		"nul_from_a_marshaler":    rawJSON(`"a\u0000b"`),
		"nul_nested":              []any{map[string]any{"x": []any{"\x00"}}},
		"nul_in_a_key":            map[string]any{"\x00": 1},
		"rounded_in_a_marshaler":  rawJSON(`{"id": 9007199254740993}`),

		"rounded_with_a_fraction_of_zero":      json.Number("9007199254740993.0"),
		"rounded_with_an_exponent_of_zero":     json.Number("12345678901234567890e0"),
		"rounded_with_an_exponent":             json.Number("900719925474099.3E+1"),
		"rounded_with_a_negative_exponent":     json.Number("90071992547409930e-1"),
		"rounded_and_negative":                 json.Number("-9007199254740993.000"),
		"fraction_with_too_many_digits":        json.Number("0.10000000000000000001"),
		"fraction_beside_a_large_integer":      json.Number("9007199254740992.5"),
		"too_small_for_a_float":                json.Number("1e-400"),
		"far_too_small_for_a_float":            json.Number("-1e-999999999"),
		"far_out_of_range":                     json.Number("1e999999999"),
		"truncated_to_a_smaller_denormal":      json.Number("7e-324"),
		"rounded_deep_in_a_list":               []any{map[string]any{"x": []json.Number{"9007199254740993e0"}}},
		"rounded_in_raw_json":                  json.RawMessage(`[1, 9007199254740993.0]`),
		"exact_in_neither_of_its_two_meanings": json.Number("12345678901234567891"),
		"longer_than_allowed":                  strings.Repeat("x", maxBytes),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := jsonvalue.Object(map[string]any{"v": value}, maxBytes)
			if err == nil {
				t.Errorf("returned %#v", got)
			}
		})
	}
	t.Run("cycle", func(t *testing.T) {
		cycle := map[string]any{}
		cycle["self"] = cycle
		if _, err := jsonvalue.Object(cycle, maxBytes); err == nil {
			t.Error("returned a cycle")
		}
	})
}

func TestClone(t *testing.T) {
	nested := func() map[string]any { return map[string]any{"list": []any{1.0, map[string]any{"deep": true}}} }
	t.Run("shares_nothing", func(t *testing.T) {
		original := nested()
		c := jsonvalue.Clone(original)
		c["added"] = true
		c["list"].([]any)[1].(map[string]any)["deep"] = false
		c["list"].([]any)[0] = 2.0
		if !reflect.DeepEqual(original, nested()) {
			t.Errorf("a change of the clone reached the original: %v", original)
		}
	})
	t.Run("of_nil_is_nil", func(t *testing.T) {
		if c := jsonvalue.Clone(nil); c != nil {
			t.Errorf("got %v", c)
		}
	})
}
