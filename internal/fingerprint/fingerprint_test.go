package fingerprint_test

import (
	"testing"

	"github.com/assignment-go/assignment/internal/fingerprint"
)

func object(m map[string]any) string { return fingerprint.Sum(fingerprint.AppendObject(nil, m)) }

func TestSum(t *testing.T) {
	t.Run("is_the_same_in_every_release", func(t *testing.T) {
		got := object(map[string]any{"list": []any{1.0, nil, false, "x", map[string]any{"deep": true}}})
		if want := "SGTl6OXL9IUOkU6GpSy0ew"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("of_texts_depends_on_where_one_ends", func(t *testing.T) {
		one := fingerprint.AppendText(fingerprint.AppendText(nil, 't', "ab"), 't', "c")
		other := fingerprint.AppendText(fingerprint.AppendText(nil, 't', "a"), 't', "bc")
		if fingerprint.Sum(one) == fingerprint.Sum(other) {
			t.Error("two sequences have one fingerprint")
		}
	})
	t.Run("of_objects_differs", func(t *testing.T) {
		seen := make(map[string]map[string]any)
		for _, m := range []map[string]any{
			{}, {"a": nil}, {"a": false}, {"a": true}, {"a": 0.0}, {"a": 1.0}, {"a": ""}, {"a": "1"}, {"a": "n"},
			{"a": []any{}}, {"a": []any{nil}}, {"a": []any{1.0}}, {"a": []any{1.0, 2.0}}, {"a": []any{2.0, 1.0}},
			{"a": []any{[]any{1.0}, 2.0}}, {"a": []any{[]any{1.0, 2.0}}},
			{"a": map[string]any{}}, {"a": map[string]any{"b": nil}}, {"a": nil, "b": nil}, {"b": nil},
		} {
			sum := object(m)
			if other, ok := seen[sum]; ok {
				t.Errorf("%v and %v have one fingerprint", m, other)
			}
			seen[sum] = m
		}
	})
}
