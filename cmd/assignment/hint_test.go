package main_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestHints runs the commands that check and the dry runs propose, as they are printed,
// until nothing is left to do.
func TestHints(t *testing.T) {
	flags := []string{
		"-table", "assignments", "-assignee-column=counselor_id", "-subject-column", "scenario_id",
		"-active", "in_progress,on hold", "-terminal", "completed,cancelled",
	}
	hints := func(out string) []string {
		var found []string
		for line := range strings.Lines(out) {
			if _, hint, ok := strings.Cut(line, "run: assignment "); ok {
				found = append(found, strings.TrimSpace(hint))
			}
		}
		return found
	}
	dsn, pool := mustPrisma(t)
	mustExec(t, pool, `INSERT INTO assignments (id, counselor_id, scenario_id, status) VALUES
		('1', 'ana', 'intake', 'pending'), ('2', 'ana', 'intake', 'on hold'), ('3', 'ana', 'intake', NULL),
		('4', 'bea', 'intake', 'It''s "done"'), ('5', 'bea', 'recall', ' Completed')`)

	t.Run("they_repeat_the_flags_and_use_a_policy_that_works", func(t *testing.T) {
		got := assignmentCommand(t, dsn, append([]string{"check", "-sample", "1", "-database-url", dsn}, flags...)...)
		want := "assignment repair -table assignments -assignee-column=counselor_id " +
			"-subject-column scenario_id -active 'in_progress,on hold' -terminal completed,cancelled -policy most-advanced -apply\n"
		if got.code != 1 || !strings.Contains(got.out, want) || strings.Contains(got.out, "postgres://") {
			t.Errorf("want %s in %+v", want, got)
		}
	})
	t.Run("a_repair_names_what_it_leaves_alone", func(t *testing.T) {
		got := assignmentCommand(t, dsn, append([]string{"repair", "-policy", "most-advanced"}, flags...)...)
		if got.code != 1 || !strings.Contains(got.out, "left alone: 1 row without a status") ||
			!strings.Contains(got.out, `left alone: 1 row with status "It's \"done\""`) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a_dry_run_of_guard_rejects_what_guard_would", func(t *testing.T) {
		got := assignmentCommand(t, dsn, append([]string{"guard"}, flags...)...)
		if got.code != 2 || !strings.Contains(got.errors, "-policy most-advanced") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a_dry_run_of_guard_does_not_propose_itself", func(t *testing.T) {
		got := assignmentCommand(t, dsn, append([]string{"guard", "-no-repair"}, flags...)...)
		for _, hint := range hints(got.out) {
			if !strings.HasPrefix(hint, "repair ") {
				t.Errorf("hint %s", hint)
			}
		}
		if len(hints(got.out)) != 2 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("they_propose_what_differs_by_case_and_the_default_of_the_column", func(t *testing.T) {
		got := assignmentCommand(t, dsn, append([]string{"check"}, flags...)...)
		for _, want := range []string{"-rewrite-status ' Completed=completed' ", "-null-status pending "} {
			if !strings.Contains(got.out, want) {
				t.Errorf("want %s in %+v", want, got)
			}
		}
	})
	t.Run("a_status_that_nobody_can_guess_gets_a_placeholder_that_does_not_run", func(t *testing.T) {
		before := query[string](t, pool, footprintSQL)
		got := assignmentCommand(t, dsn, append([]string{"check"}, flags...)...)
		tried := 0
		for _, hint := range hints(got.out) {
			if !strings.Contains(hint, "<status>") {
				continue
			}
			tried++
			dir := t.TempDir()
			cmd := exec.CommandContext(t.Context(), "sh", "-c", "cd "+dir+"; touch status; exec "+binary+" "+hint)
			cmd.Env = append(cmd.Environ(), "DATABASE_URL="+dsn)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), `"<status>"`) {
				t.Errorf("%s: %v, %s", hint, err, out)
			}
			if left, _ := os.ReadDir(dir); len(left) != 1 {
				t.Errorf("%s left %v", hint, left)
			}
		}
		if tried != 1 || query[string](t, pool, footprintSQL) != before {
			t.Errorf("%d placeholders, or something was written: %+v", tried, got)
		}
		mustExec(t, pool, `UPDATE assignments SET status = 'completed' WHERE id = '4'`)
	})
	t.Run("following_them_ends_with_a_guarded_table", func(t *testing.T) {
		for range 5 {
			got := assignmentCommand(t, dsn, append([]string{"check"}, flags...)...)
			if got.code == 0 {
				return
			}
			if len(hints(got.out)) == 0 {
				t.Fatalf("no hint: %+v", got)
			}
			cmd := exec.CommandContext(t.Context(), "sh", "-c", "exec "+binary+" "+hints(got.out)[0])
			cmd.Env = append(cmd.Environ(), "DATABASE_URL="+dsn)
			out, err := cmd.CombinedOutput()
			t.Logf("%s: %v\n%s", hints(got.out)[0], err, out)
		}
		t.Error("five rounds were not enough")
	})
}
