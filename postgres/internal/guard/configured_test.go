package guard_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

func TestConfigured(t *testing.T) {
	t.Run("nil_is_the_migrated_table", func(t *testing.T) {
		table, err := guard.Configured(nil)
		if err != nil || table.Name != schema.DefaultTable || table.Columns != schema.DefaultColumns() {
			t.Errorf("got %+v, %v", table, err)
		}
	})
	t.Run("named_columns_are_all_that_are_used", func(t *testing.T) {
		table, err := guard.Configured(&schema.Table{Columns: legacyColumns()})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := table.Columns, legacyColumns(); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func legacyColumns() schema.Columns {
	return schema.Columns{
		ID: "id", AssigneeID: "counselor_id", SubjectID: "scenario_id", Status: "status", DueAt: "due_date",
	}
}

func TestConfiguredRejects(t *testing.T) {
	none := func(assignment.Assignment) (any, error) { return nil, nil }
	tests := []struct {
		name   string
		spoil  func(*schema.Table)
		field  string
		reason string
	}{
		{"missing_key_column", func(t *schema.Table) { t.Columns.SubjectID = "" }, "Table.Columns.SubjectID", "is required"},
		{"column_used_twice", func(t *schema.Table) { t.Columns.AccountID = "status" }, "Table.Columns.AccountID", "Table.Columns.Status already"},
		{"quoted_column", func(t *schema.Table) { t.Columns.DueAt = `"due"` }, "Table.Columns.DueAt", "holds a quote"},
		{"extra_without_a_value", func(t *schema.Table) { t.Extra = []schema.Extra{{Column: "tenant"}} }, "Table.Extra[0]", "needs both"},
		{"extra_that_is_mapped", func(t *schema.Table) {
			t.Extra = []schema.Extra{{Column: "id", Value: none}}
		}, "Table.Extra[0]", "Table.Columns.ID already"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table := schema.Table{Columns: legacyColumns()}
			tt.spoil(&table)
			_, err := guard.Configured(&table)
			invalid, ok := errors.AsType[*assignment.InvalidError](err)
			if !ok || invalid.Field != tt.field || !strings.Contains(invalid.Reason, tt.reason) {
				t.Errorf("got %v, want %s: … %s …", err, tt.field, tt.reason)
			}
		})
	}
}
