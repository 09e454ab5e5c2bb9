package assignment_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
)

// newConfig returns the default lifecycle as a config of its own.
func newConfig() assignment.LifecycleConfig {
	return assignment.LifecycleConfig{
		Initial:  "pending",
		Terminal: []assignment.Status{"completed", "cancelled"},
		Transitions: map[assignment.Status][]assignment.Status{
			"pending":     {"in_progress", "completed", "cancelled"},
			"in_progress": {"completed", "cancelled"},
			"completed":   {"pending"},
			"cancelled":   {"pending"},
		},
	}
}

func mustLifecycle(t *testing.T, c assignment.LifecycleConfig) assignment.Lifecycle {
	t.Helper()
	l, err := assignment.NewLifecycle(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestNewLifecycle(t *testing.T) {
	for name, test := range map[string]struct {
		field string
		spoil func(*assignment.LifecycleConfig)
	}{
		"initial_is_required":           {"Lifecycle.Initial", func(c *assignment.LifecycleConfig) { c.Initial = "" }},
		"initial_is_not_terminal":       {"Lifecycle.Initial", func(c *assignment.LifecycleConfig) { c.Initial = "completed" }},
		"a_terminal_status_is_required": {"Lifecycle.Terminal", func(c *assignment.LifecycleConfig) { c.Terminal = nil }},
		"no_move_to_itself": {"Lifecycle.Transitions", func(c *assignment.LifecycleConfig) {
			c.Transitions["pending"] = append(c.Transitions["pending"], "pending")
		}},
		"no_empty_status": {"Lifecycle", func(c *assignment.LifecycleConfig) {
			c.Transitions["pending"] = []assignment.Status{""}
		}},
		"no_long_status":       {"Lifecycle", func(c *assignment.LifecycleConfig) { c.Initial = assignment.Status(strings.Repeat("x", 64)) }},
		"no_quote_in_status":   {"Lifecycle", func(c *assignment.LifecycleConfig) { c.Initial = "it's" }},
		"no_control_in_status": {"Lifecycle", func(c *assignment.LifecycleConfig) { c.Initial = "a\nb" }},
		"no_invalid_utf8":      {"Lifecycle", func(c *assignment.LifecycleConfig) { c.Initial = "a\xff" }},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConfig()
			test.spoil(&c)
			_, err := assignment.NewLifecycle(c)
			wantInvalid(t, err, test.field)
		})
	}
	for name, c := range map[string]assignment.LifecycleConfig{
		"without_moves": {Initial: "on", Terminal: []assignment.Status{"off"}},
		"any_language":  {Initial: "offen", Terminal: []assignment.Status{"überfällig, geschlossen"}},
	} {
		t.Run("valid/"+name, func(t *testing.T) {
			l := mustLifecycle(t, c)
			if l.Initial() != c.Initial || !l.IsTerminal(c.Terminal[0]) {
				t.Errorf("got %s", l)
			}
		})
	}
	t.Run("copies_the_config", func(t *testing.T) {
		c := newConfig()
		l := mustLifecycle(t, c)
		c.Terminal[0] = "spoiled"
		c.Transitions["pending"][0] = "spoiled"
		c.Transitions["spoiled"] = nil
		if l.Knows("spoiled") || !l.Equal(assignment.DefaultLifecycle()) {
			t.Errorf("a change of the config reached the lifecycle: %s", l)
		}
	})
}

func TestLifecycle(t *testing.T) {
	l := assignment.DefaultLifecycle()
	t.Run("unknown_status_is_active", func(t *testing.T) {
		if l.IsTerminal("archived") || l.IsTerminal("") || l.IsTerminal("Completed") {
			t.Error("a status that is not listed as terminal frees the slot")
		}
	})
	t.Run("unknown_status_can_only_be_closed", func(t *testing.T) {
		for _, to := range l.Statuses() {
			if l.Allows("archived", to) != l.IsTerminal(to) {
				t.Errorf("from an unknown status to %s: %t", to, l.Allows("archived", to))
			}
		}
	})
	t.Run("statuses_are_sorted_and_distinct", func(t *testing.T) {
		want := []assignment.Status{"cancelled", "completed", "in_progress", "pending"}
		if got := l.Statuses(); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("terminal_statuses_are_sorted_and_distinct", func(t *testing.T) {
		c := newConfig()
		c.Terminal = append(c.Terminal, c.Terminal...)
		want := []assignment.Status{"cancelled", "completed"}
		if got := mustLifecycle(t, c).Terminal(); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("what_it_returns_is_the_callers", func(t *testing.T) {
		l.Terminal()[0], l.Statuses()[0] = "spoiled", "spoiled"
		if l.Knows("spoiled") || l.IsTerminal("spoiled") {
			t.Error("a change of a returned slice reached the lifecycle")
		}
	})
	t.Run("knows_its_statuses_exactly", func(t *testing.T) {
		if !l.Knows("pending") || l.Knows("Pending") || l.Knows("") {
			t.Error("Knows is not exact")
		}
	})
	t.Run("string_names_the_statuses_and_the_moves", func(t *testing.T) {
		const want = `initial "pending", terminal ["completed"], "completed" to ["pending"], ` +
			`"in_progress" to ["completed"], "pending" to ["completed" "in_progress"]`
		if got := assignment.CompletedOnlyLifecycle().String(); got != want {
			t.Errorf("got %s", got)
		}
	})
}

func TestLifecycleEqual(t *testing.T) {
	var zero assignment.Lifecycle
	t.Run("zero_is_the_default", func(t *testing.T) {
		if !zero.Equal(assignment.DefaultLifecycle()) || zero.Initial() != assignment.StatusPending {
			t.Errorf("got %s", zero)
		}
	})
	t.Run("the_same_rules_in_another_order", func(t *testing.T) {
		c := newConfig()
		slices.Reverse(c.Terminal)
		slices.Reverse(c.Transitions["pending"])
		if l := mustLifecycle(t, c); !l.Equal(zero) || !zero.Equal(l) {
			t.Errorf("%s differs from %s", l, zero)
		}
	})
	for name, change := range map[string]func(*assignment.LifecycleConfig){
		"initial_differs":  func(c *assignment.LifecycleConfig) { c.Initial = "in_progress" },
		"terminal_differs": func(c *assignment.LifecycleConfig) { c.Terminal = c.Terminal[:1] },
		"moves_differ":     func(c *assignment.LifecycleConfig) { c.Transitions["pending"] = c.Transitions["pending"][1:] },
		"statuses_differ":  func(c *assignment.LifecycleConfig) { c.Transitions["parked"] = nil },
	} {
		t.Run(name, func(t *testing.T) {
			c := newConfig()
			change(&c)
			if l := mustLifecycle(t, c); l.Equal(zero) {
				t.Errorf("%s equals %s", l, zero)
			}
		})
	}
}
