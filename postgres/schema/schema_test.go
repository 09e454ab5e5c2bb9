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

func TestPredicate(t *testing.T) {
	t.Run("one_terminal_status_reads_as_in_the_incident", func(t *testing.T) {
		got := schema.Predicate("status", assignment.CompletedOnlyLifecycle())
		if want := `"status" <> 'completed'`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("the_order_of_the_lifecycle_does_not_matter", func(t *testing.T) {
		l, err := assignment.NewLifecycle(assignment.LifecycleConfig{
			Initial: "pending", Terminal: []assignment.Status{assignment.StatusCancelled, assignment.StatusCompleted},
		})
		if err != nil {
			t.Fatal(err)
		}
		want := schema.Predicate("status", assignment.DefaultLifecycle())
		if got := schema.Predicate("status", l); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
