package sqlgen_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
	"github.com/assignment-go/assignment/postgres/schema"
)

// withAssignee is the default table with another type for the column of the
// assignee.
func withAssignee(c guard.Column) *sqlgen.Statements {
	c.Name, c.NotNull = "assignee_id", true
	return defaultTable(&guard.Catalog{Kind: "r", Columns: []guard.Column{c}}).statements()
}

func TestCanHoldKey(t *testing.T) {
	for _, test := range []struct {
		name   string
		column guard.Column
		value  string
		want   bool
	}{
		{"text_of_any_length", guard.Column{PGType: guard.Text}, strings.Repeat("ü", 1000), true},
		{"varchar_up_to_its_length_in_characters", guard.Column{PGType: guard.Varchar, Limit: 3}, "üüü", true},
		{"varchar_no_longer", guard.Column{PGType: guard.Varchar, Limit: 3}, "üüüü", false},
		{"varchar_no_surplus_spaces_either", guard.Column{PGType: guard.Varchar, Limit: 3}, "abc ", false},
		{"varchar_without_a_length", guard.Column{PGType: guard.Varchar}, "abc ", true},
		{"uuid_in_canonical_form", guard.Column{PGType: guard.UUID}, "3f0c8b0e-1111-4222-8333-123456789abc", true},
		{"uuid_not_in_upper_case", guard.Column{PGType: guard.UUID}, "3F0C8B0E-1111-4222-8333-123456789ABC", false},
		{"uuid_not_without_hyphens", guard.Column{PGType: guard.UUID}, "3f0c8b0e111142228333123456789abc", false},
		{"uuid_no_other_text", guard.Column{PGType: guard.UUID}, "x", false},
		{"smallint_at_its_limit", guard.Column{PGType: guard.Smallint}, "32767", true},
		{"smallint_not_beyond", guard.Column{PGType: guard.Smallint}, "32768", false},
		{"integer_at_its_limit", guard.Column{PGType: guard.Integer}, "-2147483648", true},
		{"integer_not_beyond", guard.Column{PGType: guard.Integer}, "-2147483649", false},
		{"bigint_at_its_limit", guard.Column{PGType: guard.Bigint}, "9223372036854775807", true},
		{"bigint_not_beyond", guard.Column{PGType: guard.Bigint}, "9223372036854775808", false},
		{"bigint_no_leading_zero", guard.Column{PGType: guard.Bigint}, "007", false},
		{"bigint_no_sign", guard.Column{PGType: guard.Bigint}, "+7", false},
		{"bigint_no_space", guard.Column{PGType: guard.Bigint}, " 7", false},
		{"bigint_nothing_empty", guard.Column{PGType: guard.Bigint}, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := withAssignee(test.column)
			if got := s.CanHoldKey(assignment.Key{AssigneeID: test.value, SubjectID: "18"}); got != test.want {
				t.Errorf("the column can hold %q: %v, want %v", test.value, got, test.want)
			}
		})
	}
}

func TestEncode(t *testing.T) {
	t.Run("a_value_that_the_column_cannot_hold_is_invalid", func(t *testing.T) {
		row := defaultTable(nil).row
		row.Key.AssigneeID = "x"
		err := withAssignee(guard.Column{PGType: guard.Bigint}).Encode(&sqlgen.Input{}, &row)
		wantInvalid(t, err, "Key.AssigneeID")
	})
	t.Run("times_are_truncated_to_what_each_column_stores", func(t *testing.T) {
		in := uuidEnum().encode(t, unchanged)
		for name, times := range map[string][2]time.Time{
			"date":         {in.Row.DueAt, time.Date(2020, time.January, 2, 0, 0, 0, 0, time.UTC)},
			"timestamp(3)": {in.Row.CreatedAt, time.Date(2020, time.January, 2, 3, 4, 5, 678_000_000, time.UTC)},
			"timestamp(0)": {in.Row.UpdatedAt, time.Date(2020, time.January, 2, 3, 4, 5, 0, time.UTC)},
		} {
			if !times[0].Equal(times[1]) {
				t.Errorf("%s: got %s, want %s", name, times[0], times[1])
			}
		}
	})
	t.Run("a_date_is_the_day_in_utc", func(t *testing.T) {
		in := uuidEnum().encode(t, func(a *assignment.Assignment) {
			a.DueAt = time.Date(2020, time.January, 2, 1, 0, 0, 0, time.FixedZone("", 2*60*60))
		})
		if want := time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC); !in.Row.DueAt.Equal(want) {
			t.Errorf("got %s, want %s", in.Row.DueAt, want)
		}
	})
	t.Run("a_time_without_a_column_is_none", func(t *testing.T) {
		if in := bigintIdentity().encode(t, unchanged); !in.Row.UpdatedAt.IsZero() {
			t.Errorf("got %s, want none", in.Row.UpdatedAt)
		}
	})
	t.Run("an_attribute_without_a_column_is_unsupported", func(t *testing.T) {
		for name, change := range map[string]func(*assignment.Assignment){
			"AccountID":  func(a *assignment.Assignment) { a.AccountID = "a" },
			"AssignedBy": func(a *assignment.Assignment) { a.AssignedBy = "a" },
			"DueAt":      func(a *assignment.Assignment) { a.DueAt = at() },
			"Metadata":   func(a *assignment.Assignment) { a.Metadata = map[string]any{"a": 1} },
		} {
			row := partitioned().row
			change(&row)
			wantUnsupported(t, partitioned().statements().Encode(&sqlgen.Input{}, &row), name)
		}
	})
	t.Run("an_id_is_unsupported_when_the_database_makes_them", func(t *testing.T) {
		row := bigintIdentity().row
		row.ID = "1"
		wantUnsupported(t, bigintIdentity().statements().Encode(&sqlgen.Input{}, &row), "ID")
	})
	t.Run("metadata_that_is_not_json_is_invalid", func(t *testing.T) {
		row := defaultTable(nil).row
		row.Metadata = map[string]any{"a": make(chan int)}
		wantInvalid(t, defaultTable(nil).statements().Encode(&sqlgen.Input{}, &row), "Metadata")
	})
	t.Run("a_host_value_that_fails_is_invalid", func(t *testing.T) {
		failure := errors.New("no tenant")
		table := partitioned()
		table.report.Table.Extra = []schema.Extra{{
			Column: "tenant", Value: func(assignment.Assignment) (any, error) { return nil, failure },
		}}
		err := table.statements().Encode(&sqlgen.Input{}, &table.row)
		wantInvalid(t, err, "tenant")
		if !errors.Is(err, failure) {
			t.Errorf("%v does not wrap the failure", err)
		}
	})
}

func TestCheckChange(t *testing.T) {
	t.Run("a_condition_on_a_version_that_is_not_stored_is_unsupported", func(t *testing.T) {
		wantUnsupported(t, uuidEnum().statements().CheckChange(uuidID, assignment.Change{IfVersion: 1}), "IfVersion")
	})
	t.Run("an_id_that_no_row_can_have_is_not_found", func(t *testing.T) {
		if err := uuidEnum().statements().CheckChange("x", assignment.Change{}); !errors.Is(err, assignment.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	})
	t.Run("an_assignee_that_the_column_cannot_hold_is_invalid", func(t *testing.T) {
		wantInvalid(t, uuidEnum().statements().CheckChange(uuidID, assignment.Change{AssigneeID: "x"}), "Key.AssigneeID")
	})
	t.Run("another_change_is_accepted", func(t *testing.T) {
		if err := uuidEnum().statements().CheckChange(uuidID, assignment.Change{AssigneeID: uuidAssignee}); err != nil {
			t.Error(err)
		}
	})
}

func TestAsStored(t *testing.T) {
	t.Run("has_no_version_or_fingerprint_without_columns_for_them", func(t *testing.T) {
		s := uuidEnum().statements()
		if got := s.AsStored(defaultTable(nil).row); got.Version != 0 || got.Request != "" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("is_independent_of_the_row", func(t *testing.T) {
		row := defaultTable(nil).row
		stored := defaultTable(nil).statements().AsStored(row)
		stored.Metadata["a"] = 2
		if row.Metadata["a"] != 1 {
			t.Error("the metadata is shared")
		}
	})
}

func TestWasUpdatedAt(t *testing.T) {
	t.Run("compares_with_the_time_as_it_is_stored", func(t *testing.T) {
		row := assignment.Assignment{UpdatedAt: at().Truncate(time.Second)}
		if !uuidEnum().statements().WasUpdatedAt(row, at()) {
			t.Error("the change is not recognised")
		}
	})
	t.Run("another_time_is_another_change", func(t *testing.T) {
		row := assignment.Assignment{UpdatedAt: at().Truncate(time.Second)}
		if uuidEnum().statements().WasUpdatedAt(row, at().Add(time.Second)) {
			t.Error("another change is taken for this one")
		}
	})
	t.Run("is_unknown_without_a_column", func(t *testing.T) {
		if bigintIdentity().statements().WasUpdatedAt(assignment.Assignment{}, time.Time{}) {
			t.Error("a change is recognised without a time")
		}
	})
}

func wantInvalid(t *testing.T, err error, field string) {
	t.Helper()
	if invalid, ok := errors.AsType[*assignment.InvalidError](err); !ok || invalid.Field != field {
		t.Errorf("got %v, want an InvalidError about %s", err, field)
	}
}

func wantUnsupported(t *testing.T, err error, ability string) {
	t.Helper()
	if unsupported, ok := errors.AsType[*assignment.UnsupportedError](err); !ok || unsupported.Ability != ability {
		t.Errorf("got %v, want an UnsupportedError about %s", err, ability)
	}
}
