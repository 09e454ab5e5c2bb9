package race

import (
	"testing"
	"time"
)

func TestOverBudget(t *testing.T) {
	after := func(rounds int, spent, budget time.Duration) bool {
		o := &Outcome{Rounds: rounds, begin: time.Now().Add(-spent), plan: Plan{Budget: budget}}
		return o.overBudget()
	}
	t.Run("the first round always runs", func(t *testing.T) {
		if after(0, time.Hour, time.Second) {
			t.Error("the budget is exceeded")
		}
	})
	t.Run("another round runs when it will end within the budget", func(t *testing.T) {
		if after(2, 20*time.Second, 40*time.Second) {
			t.Error("the budget is exceeded")
		}
	})
	t.Run("another round does not run when it would exceed the budget", func(t *testing.T) {
		if !after(1, 21*time.Second, 40*time.Second) {
			t.Error("the budget is not exceeded")
		}
	})
	t.Run("without a budget every round runs", func(t *testing.T) {
		if after(3, time.Hour, 0) {
			t.Error("the budget is exceeded")
		}
	})
}

func TestKeys(t *testing.T) {
	t.Run("ten calls in a row share a key, the next ten another", func(t *testing.T) {
		keys := make(map[string]int)
		for n := range int64(40) {
			assignee, subject := sharedKey("m", n)
			keys[assignee+" "+subject]++
		}
		if len(keys) != 4 {
			t.Errorf("got %v", keys)
		}
		for key, n := range keys {
			if n != callersPerKey {
				t.Errorf("%s: %d", key, n)
			}
		}
	})
	t.Run("new keys never repeat, in one measurement or across measurements", func(t *testing.T) {
		seen := make(map[string]bool)
		for _, measurement := range []string{"a-1", "a-2"} {
			for n := range int64(250_000) {
				assignee, subject := newKey(measurement, n)
				if seen[assignee+" "+subject] {
					t.Fatalf("%s twice", subject)
				}
				seen[assignee+" "+subject] = true
			}
		}
	})
	t.Run("hot keys are few", func(t *testing.T) {
		seen := make(map[string]bool)
		for n := range int64(20_000) {
			assignee, _ := hotKey("m", n)
			seen[assignee] = true
		}
		if len(seen) != hotKeys {
			t.Errorf("%d keys", len(seen))
		}
	})
}
