package migrate_test

import (
	"errors"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/migrate"
	"github.com/assignment-go/assignment/postgres/schema"
)

func TestCheck(t *testing.T) {
	defaults := schema.Table{}.WithDefaults()
	t.Run("accepts_the_table_that_the_migrations_create", func(t *testing.T) {
		if err := migrate.Check(defaults); err != nil {
			t.Error(err)
		}
	})
	t.Run("accepts_it_in_any_schema", func(t *testing.T) {
		table := defaults
		table.Schema = "tenant"
		if err := migrate.Check(table); err != nil {
			t.Error(err)
		}
	})
	for name, test := range map[string]struct {
		change func(*schema.Table)
		field  string
	}{
		"another_name":      {func(t *schema.Table) { t.Name = "tickets" }, "Table.Name"},
		"other_columns":     {func(t *schema.Table) { t.Columns.ID = "uid" }, "Table.Columns"},
		"ids_of_a_database": {func(t *schema.Table) { t.DatabaseIDs = true }, "Table.Columns"},
	} {
		t.Run("rejects_"+name, func(t *testing.T) {
			table := defaults
			test.change(&table)
			invalid, ok := errors.AsType[*assignment.InvalidError](migrate.Check(table))
			if !ok || invalid.Field != test.field {
				t.Errorf("got %v, want an InvalidError about %s", invalid, test.field)
			}
		})
	}
}
