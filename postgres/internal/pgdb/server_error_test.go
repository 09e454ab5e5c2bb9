package pgdb_test

import (
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/pgdb"
)

func TestParameter(t *testing.T) {
	for where, want := range map[string]int{
		"unnamed portal parameter $3":                             3,
		"unnamed portal parameter $12\nmore":                      12,
		"unnamed portal parameter $3 = 'x'":                       3,
		"unnamed portal with parameters: $1 = 'a'":                0,
		`SQL statement "SELECT $1"`:                               0,
		"PL/pgSQL function f() line 1 at RAISE":                   0,
		"":                                                        0,
		`SQL function "f" statement 1`:                            0,
		"Parameter $2 des unbenannten Portals wird nicht gelesen": 0,
	} {
		t.Run(where, func(t *testing.T) {
			if got := (pgdb.ServerError{Where: where}).Parameter(); got != want {
				t.Errorf("got %d, want %d", got, want)
			}
		})
	}
}

func TestIsAboutStatement(t *testing.T) {
	for _, test := range []struct {
		name   string
		report pgdb.ServerError
		want   bool
	}{
		{"a_missing_table", pgdb.ServerError{Code: "42P01"}, true},
		{"a_missing_privilege", pgdb.ServerError{Code: "42501", Routine: "aclcheck_error"}, true},
		{"a_full_disk", pgdb.ServerError{Code: "53100"}, true},
		{"a_full_disk_while_a_trigger_ran", pgdb.ServerError{Code: "53100", Where: inTrigger}, true},
		{"a_row_that_a_policy_rejects", pgdb.ServerError{Code: "42501", Routine: "ExecWithCheckOptions"}, false},
		{"a_row_that_moves_to_another_partition", pgdb.ServerError{Code: "0A000", Routine: "ExecBRInsertTriggers"}, false},
		{"a_missing_table_in_a_trigger", pgdb.ServerError{Code: "42P01", Where: inTrigger}, false},
		{"a_full_disk_that_a_trigger_raised", pgdb.ServerError{Code: "53100", Where: inTrigger, Routine: "exec_stmt_raise"}, false},
		{"a_statement_timeout", pgdb.ServerError{Code: "57014"}, false},
		{"a_constraint", pgdb.ServerError{Code: "23514"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.report.IsAboutStatement(); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestIsAboutValue(t *testing.T) {
	for _, test := range []struct {
		name   string
		report pgdb.ServerError
		want   bool
	}{
		{"out_of_range", pgdb.ServerError{Code: "22003"}, true},
		{"of_another_type", pgdb.ServerError{Code: "42804"}, true},
		{"without_a_cast", pgdb.ServerError{Code: "42846"}, true},
		{"without_an_operator", pgdb.ServerError{Code: "42883"}, true},
		{"in_a_trigger", pgdb.ServerError{Code: "22003", Where: inTrigger}, false},
		{"of_a_named_constraint", pgdb.ServerError{Code: "22003", Subject: "c"}, false},
		{"no_value", pgdb.ServerError{Code: "42P01"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.report.IsAboutValue(); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestIsPolicy(t *testing.T) {
	t.Run("a_row_that_row_level_security_rejects", func(t *testing.T) {
		if !(pgdb.ServerError{Code: "42501", Routine: "ExecWithCheckOptions"}).IsPolicy() {
			t.Error("is not recognised")
		}
	})
	t.Run("a_missing_privilege_is_none", func(t *testing.T) {
		if (pgdb.ServerError{Code: "42501", Routine: "aclcheck_error"}).IsPolicy() {
			t.Error("is taken for a policy")
		}
	})
}

func TestCause(t *testing.T) {
	t.Run("a_prepared_statement_of_another_session_points_to_the_pooler", func(t *testing.T) {
		for _, code := range []string{"26000", "42P05"} {
			if (pgdb.ServerError{Code: code}).Cause() == "" {
				t.Errorf("%s has no cause", code)
			}
		}
	})
	t.Run("other_reports_explain_themselves", func(t *testing.T) {
		if cause := (pgdb.ServerError{Code: "42P01"}).Cause(); cause != "" {
			t.Errorf("got %q", cause)
		}
	})
}
