package schema_test

import (
	"io/fs"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// The files are what people feed to their own migration tool, Migrations is
// what Migrate applies: for the default lifecycle they must be the same.
func TestFilesAreWhatMigrateApplies(t *testing.T) {
	migrations, err := schema.Migrations(assignment.DefaultLifecycle())
	if err != nil {
		t.Fatal(err)
	}
	if len(migrations) == 0 {
		t.Fatal("no migrations")
	}
	for i, m := range migrations {
		if m.Version != i+1 {
			t.Errorf("migration %s has version %d, want %d", m.Name, m.Version, i+1)
		}
		file, err := fs.ReadFile(schema.Files(), m.Name)
		if err != nil || string(file) != m.SQL {
			t.Errorf("%s: the file and the rendered SQL differ (%v):\n%s\n%s", m.Name, err, file, m.SQL)
		}
	}
}
