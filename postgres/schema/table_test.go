package schema_test

import (
	"testing"

	"github.com/assignment-go/assignment/postgres/schema"
)

func TestWithDefaults(t *testing.T) {
	t.Run("the_zero_table_is_the_one_that_the_migrations_create", func(t *testing.T) {
		got := schema.Table{}.WithDefaults()
		if got.Name != schema.DefaultTable || got.Columns != schema.DefaultColumns() {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("what_is_named_stays", func(t *testing.T) {
		columns := schema.Columns{ID: "uid", AssigneeID: "agent", SubjectID: "ticket", Status: "state"}
		got := schema.Table{Name: "tickets", Columns: columns}.WithDefaults()
		if got.Name != "tickets" || got.Columns != columns {
			t.Errorf("got %+v", got)
		}
	})
}
