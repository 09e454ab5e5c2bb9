package assignment_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
)

func TestLifecycleValidate(t *testing.T) {
	valid := assignment.DefaultLifecycle
	for name, test := range map[string]struct {
		field string
		spoil func(*assignment.Lifecycle)
	}{
		"initial_is_required":           {"Lifecycle.Initial", func(l *assignment.Lifecycle) { l.Initial = "" }},
		"initial_is_not_terminal":       {"Lifecycle.Initial", func(l *assignment.Lifecycle) { l.Initial = "completed" }},
		"a_terminal_status_is_required": {"Lifecycle.Terminal", func(l *assignment.Lifecycle) { l.Terminal = nil }},
		"no_move_to_itself": {"Lifecycle.Transitions", func(l *assignment.Lifecycle) {
			l.Transitions["pending"] = append(l.Transitions["pending"], "pending")
		}},
		"no_empty_status":      {"Lifecycle", func(l *assignment.Lifecycle) { l.Transitions["pending"] = []assignment.Status{""} }},
		"no_long_status":       {"Lifecycle", func(l *assignment.Lifecycle) { l.Initial = assignment.Status(strings.Repeat("x", 64)) }},
		"no_quote_in_status":   {"Lifecycle", func(l *assignment.Lifecycle) { l.Initial = "it's" }},
		"no_control_in_status": {"Lifecycle", func(l *assignment.Lifecycle) { l.Initial = "a\nb" }},
		"no_invalid_utf8":      {"Lifecycle", func(l *assignment.Lifecycle) { l.Initial = "a\xff" }},
	} {
		t.Run(name, func(t *testing.T) {
			l := valid()
			test.spoil(&l)
			wantInvalid(t, l.Validate(), test.field)
		})
	}
	for name, l := range map[string]assignment.Lifecycle{
		"default": valid(), "completed_only": assignment.CompletedOnlyLifecycle(),
		"without_moves": {Initial: "on", Terminal: []assignment.Status{"off"}},
		"any_language":  {Initial: "offen", Terminal: []assignment.Status{"überfällig, geschlossen"}},
	} {
		t.Run("valid/"+name, func(t *testing.T) {
			if err := l.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
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
	t.Run("knows_what_it_names", func(t *testing.T) {
		if !l.Knows("pending") || l.Knows("Pending") || l.Knows("") {
			t.Error("Knows is not exact")
		}
	})
	t.Run("clone_shares_nothing", func(t *testing.T) {
		c := l.Clone()
		c.Terminal[0] = "spoiled"
		c.Transitions["pending"][0] = "spoiled"
		c.Transitions["spoiled"] = nil
		if l.Knows("spoiled") {
			t.Error("a change of the clone reached the original")
		}
	})
}

func TestLifecycleOrDefault(t *testing.T) {
	t.Run("nil_is_the_default", func(t *testing.T) {
		l, err := assignment.LifecycleOrDefault(nil)
		if err != nil || l.Initial != assignment.StatusPending {
			t.Errorf("got %v and %v", l, err)
		}
	})
	t.Run("zero_is_a_mistake", func(t *testing.T) {
		_, err := assignment.LifecycleOrDefault(&assignment.Lifecycle{})
		wantInvalid(t, err, "Lifecycle.Initial")
	})
	t.Run("the_caller_keeps_its_own", func(t *testing.T) {
		own := assignment.DefaultLifecycle()
		l, err := assignment.LifecycleOrDefault(&own)
		if err != nil {
			t.Fatal(err)
		}
		own.Terminal[0] = "spoiled"
		if l.IsTerminal("spoiled") {
			t.Error("a change of the caller's lifecycle reached the store's")
		}
	})
}
