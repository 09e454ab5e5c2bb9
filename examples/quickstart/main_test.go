package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
)

const lastLine = "race: 50 callers, 1 created, 49 conflicts"

func TestRun(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		checkOutput(t, "store  memory\n")
	})

	t.Run("postgres", func(t *testing.T) {
		dsn := testdb.Schema(t)
		checkOutput(t, "store  PostgreSQL, database ", "-database-url", dsn)
	})

	t.Run("postgres_twice_on_the_same_schema", func(t *testing.T) {
		t.Setenv(envTestDatabaseURL, testdb.Schema(t))
		checkOutput(t, "store  PostgreSQL, database ", "-database-url", "env")
		checkOutput(t, "store  PostgreSQL, database ", "-database-url", "env")
	})

	t.Run("env_without_a_url_is_an_error", func(t *testing.T) {
		t.Setenv(envTestDatabaseURL, "")
		t.Setenv(envDatabaseURL, "")
		err := run(t.Context(), t.Output(), []string{"-database-url", "env"})
		if err == nil || !strings.Contains(err.Error(), envDatabaseURL) {
			t.Fatalf("got %v, want an error that names %s", err, envDatabaseURL)
		}
	})

	t.Run("stray_argument_is_an_error", func(t *testing.T) {
		if err := run(t.Context(), t.Output(), []string{"postgres://"}); err == nil {
			t.Fatal("want an error")
		}
	})
}

// TestTallyCheck shows that the program checks the counts on the last line.
func TestTallyCheck(t *testing.T) {
	conflict := reply{err: &assignment.ActiveExistsError{}}
	outage := reply{err: assignment.ErrUnavailable}
	replies := func(first, second reply) []reply {
		all := []reply{first, second}
		for len(all) < callers {
			all = append(all, conflict)
		}
		return all
	}

	t.Run("one_winner_is_accepted", func(t *testing.T) {
		if err := count(replies(reply{}, conflict)).check(); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("two_winners_are_rejected", func(t *testing.T) {
		if err := count(replies(reply{}, reply{})).check(); err == nil {
			t.Fatal("want an error")
		}
	})
	t.Run("no_winner_is_rejected", func(t *testing.T) {
		if err := count(replies(conflict, conflict)).check(); err == nil {
			t.Fatal("want an error")
		}
	})
	t.Run("another_error_is_rejected_and_reported", func(t *testing.T) {
		if err := count(replies(reply{}, outage)).check(); !errors.Is(err, assignment.ErrUnavailable) {
			t.Fatalf("got %v, want ErrUnavailable in its chain", err)
		}
	})
}

func checkOutput(t *testing.T, prefix string, args ...string) {
	t.Helper()
	var out strings.Builder
	if err := run(t.Context(), &out, args); err != nil {
		t.Fatalf("run: %v\n%s", err, out.String())
	}
	text := out.String()
	if !strings.HasPrefix(text, prefix) || !strings.HasSuffix(text, "\n"+lastLine+"\n") {
		t.Fatalf("unexpected output:\n%s", text)
	}
	if n := strings.Count(text, "conflict  "); n != 1 {
		t.Fatalf("%d lines show a conflict with its holder, want 1:\n%s", n, text)
	}
}
