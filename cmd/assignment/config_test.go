package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func mustConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "assignment.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConfigFile(t *testing.T) {
	t.Run("replaces_flags_and_a_flag_wins", func(t *testing.T) {
		dsn, _ := mustPrisma(t, prismaGuardSQL, notNullSQL)
		path := mustConfig(t, `{"table": "elsewhere", "columns": {"assignee": "counselor_id", "subject": "scenario_id"},
			"lifecycle": {"initial": "pending", "active": ["in_progress"], "terminal": ["completed"]},
			"repair": {"policy": "most-advanced"}, "lock_timeout": "100ms"}`)
		if got := assignmentCommand(t, dsn, "check", "-config", path, "-table", "assignments"); got.code != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("may_rewrite_statuses_that_differ_by_case_alone", func(t *testing.T) {
		dsn, _ := mustPrisma(t, prismaGuardSQL, notNullSQL)
		path := mustConfig(t, `{"columns": {"assignee": "counselor_id", "subject": "scenario_id", "created_at": "created_at"},
			"lifecycle": {"preset": "completed-only"}, "repair": {"rewrite_status": {"Completed": "completed", "COMPLETED": "completed"}}}`)
		if got := assignmentCommand(t, dsn, "repair", "-config", path); got.code != 0 {
			t.Errorf("%+v", got)
		}
	})
	rejected := []struct{ name, text, says string }{
		{"an_unknown_member", `{"tabel": "x"}`, `"tabel"`},
		{"a_second_value", `{} {}`, "more than one value"},
		{"a_member_given_twice", `{"table": "a", "table": "b"}`, "table is given more than once"},
		{"a_member_given_twice_in_another_case", `{"table": "a", "Table": "b"}`, "Table is given more than once"},
		{"a_nested_member_given_twice", `{"repair": {"policy": "oldest", "policy": "newest"}}`, "repair.policy is given more than once"},
		{"an_object_given_twice", `{"columns": {"id": "a"}, "columns": {"id": "a"}}`, "columns is given more than once"},
		{"a_status_rewritten_twice", `{"repair": {"rewrite_status": {"Done": "completed", "Done": "cancelled"}}}`,
			"repair.rewrite_status.Done is given more than once"},
	}
	for _, c := range rejected {
		t.Run(c.name+"_is_rejected", func(t *testing.T) {
			path := mustConfig(t, c.text)
			got := assignmentCommand(t, "", "check", "-config", path)
			if got.code != 2 || !strings.Contains(got.errors, path) || !strings.Contains(got.errors, c.says) {
				t.Errorf("want %s in %+v", c.says, got)
			}
		})
	}
}
