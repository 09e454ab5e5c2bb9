package main_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSecrets gives a connection string where none belongs: whatever is said
// about it, the password is not.
func TestSecrets(t *testing.T) {
	passwords := map[string]struct{ typed, secret string }{
		"plain":       {"s3kret-pass", "s3kret-pass"},
		"encoded":     {"s3kret%40%23pass", "s3kret"},
		"not_encoded": {"s3k@ret/#pass", "s3k@ret"},
		"quoted":      {`s3k"ret'pass`, "ret'pass"},
		"short":       {"q7", "q7"},
	}
	forms := map[string]func(string) string{
		"url":         func(p string) string { return "postgres://ana:" + p + "@127.0.0.1:1/db" },
		"other_url":   func(p string) string { return "postgresql://ana:" + p + "@127.0.0.1:1/db?sslmode=disable" },
		"query":       func(p string) string { return "postgres://127.0.0.1:1/db?user=ana&password=" + p },
		"keyword":     func(p string) string { return "host=127.0.0.1 port=1 user=ana password=" + p + " dbname=db" },
		"keyword_alt": func(p string) string { return "host=127.0.0.1 port=1 user=ana PASSWORD = " + p },
	}
	commands := map[string]func(dsn string) []string{
		"as_the_command":                  func(dsn string) []string { return []string{dsn} },
		"as_an_argument":                  func(dsn string) []string { return []string{"check", dsn} },
		"as_a_flag":                       func(dsn string) []string { return []string{"check", "-" + dsn} },
		"as_a_flag_without_a_name":        func(dsn string) []string { return []string{"check", "-=" + dsn} },
		"as_a_misspelt_flag":              func(dsn string) []string { return []string{"check", "-database_url", dsn} },
		"as_the_table":                    func(dsn string) []string { return []string{"guard", "-table", dsn} },
		"as_a_column":                     func(dsn string) []string { return []string{"check", "-id-column=" + dsn} },
		"as_a_duration":                   func(dsn string) []string { return []string{"check", "-lock-timeout", dsn} },
		"as_a_number":                     func(dsn string) []string { return []string{"check", "-sample", dsn} },
		"as_a_switch":                     func(dsn string) []string { return []string{"check", "-json=" + dsn} },
		"as_a_policy":                     func(dsn string) []string { return []string{"repair", "-policy", dsn} },
		"as_a_lifecycle":                  func(dsn string) []string { return []string{"repair", "-lifecycle", dsn} },
		"as_a_rewrite":                    func(dsn string) []string { return []string{"repair", "-rewrite-status", dsn} },
		"as_a_status_to_retire_to":        func(dsn string) []string { return []string{"repair", "-retire-to", dsn} },
		"as_a_file":                       func(dsn string) []string { return []string{"check", "-config", dsn} },
		"as_a_layout":                     func(dsn string) []string { return []string{"migrate", "-layout", dsn} },
		"as_a_directory":                  func(dsn string) []string { return []string{"migrate", "-dir", dsn} },
		"as_the_url_of_nobody":            func(dsn string) []string { return []string{"check", "-database-url", dsn} },
		"as_the_url_beside_help":          func(dsn string) []string { return []string{"check", "-database-url", dsn, "-help"} },
		"as_the_url_beside_help_and_more": func(dsn string) []string { return []string{"repair", "-table", dsn, "-help"} },
	}
	n := 0
	for _, where := range slices.Sorted(maps.Keys(commands)) {
		t.Run(where, func(t *testing.T) {
			for _, form := range slices.Sorted(maps.Keys(forms)) {
				for _, kind := range slices.Sorted(maps.Keys(passwords)) {
					n++
					if n%6 != 0 { // all pairs, but not all of them everywhere
						continue
					}
					password := passwords[kind]
					got := assignmentCommand(t, "", commands[where](forms[form](password.typed))...)
					if strings.Contains(got.out+got.errors, password.secret) || got.code == 0 && got.out == "" {
						t.Errorf("%s, %s: %+v", form, kind, got)
					}
				}
			}
		})
	}
	t.Run("in_the_environment", func(t *testing.T) {
		for form, dsnOf := range forms {
			for kind, password := range passwords {
				if got := assignmentCommand(t, dsnOf(password.typed), "check"); got.code != 2 || strings.Contains(got.out+got.errors, password.secret) {
					t.Errorf("%s, %s: %+v", form, kind, got)
				}
			}
		}
	})
	t.Run("in_the_file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "assignment.json")
		if err := os.WriteFile(path, []byte(`{"database_url": "postgres://ana:s3kret-pass@127.0.0.1:1/db"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		got := assignmentCommand(t, "", "check", "-config", path)
		if got.code != 2 || strings.Contains(got.out+got.errors, "s3kret") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("in_a_command_that_is_suggested", func(t *testing.T) {
		dsn, _ := mustPrisma(t, rowSQL+`('1', 'a', 's', 'pending'), ('2', 'a', 's', 'pending')`)
		for form, dsnOf := range forms {
			for kind, password := range passwords {
				got := assignmentCommand(t, dsn, prismaFlags("check", "-audit-table", "r", "-order", dsnOf(password.typed), "-policy", "most-advanced")...)
				if got.code != 1 || !strings.Contains(got.out, "run: assignment repair") || strings.Contains(got.out+got.errors, password.secret) {
					t.Errorf("%s, %s: %+v", form, kind, got)
				}
			}
		}
	})
}
