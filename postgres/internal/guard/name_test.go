package guard_test

import (
	"strings"
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/guard"
)

func TestFreeName(t *testing.T) {
	long := strings.Repeat("x", 62) + "é" // 64 bytes
	cases := []struct {
		name, wish string
		taken      []string
		want       string
	}{
		{"the_name_itself", "key", []string{"other"}, "key"},
		{"the_second", "key", []string{"key"}, "key_2"},
		{"the_first_gap", "key", []string{"key", "key_2", "key_4"}, "key_3"},
		{"a_long_name_is_truncated_between_characters", long, []string{long}, strings.Repeat("x", 61) + "_2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := guard.FreeName(c.wish, c.taken); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestBuiltBySDK(t *testing.T) {
	cases := map[string]bool{
		"assignments_active_key": true, "assignments_active_key_2": true, "assignments_active_key_99": true,
		"assignments_active_key_1": false, "assignments_active_key_100": false, "assignments_active_key_x": false, "active_key_2": false,
	}
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			if d, _ := guard.Classify(plainSpec(), plainCatalog(), keyIndex(name, predicate)); d.BuiltBySDK != want {
				t.Errorf("built by the SDK: %t", d.BuiltBySDK)
			}
		})
	}
}
