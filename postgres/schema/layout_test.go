package schema_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

func TestLayoutFiles(t *testing.T) {
	names := map[schema.Layout]string{
		schema.LayoutPlain: "0001_create_assignments.sql 0002_guard_active_assignments.sql 0003_index_history.sql",
		schema.LayoutGoose: "00001_create_assignments.sql 00002_guard_active_assignments.sql 00003_index_history.sql",
		schema.LayoutGolangMigrate: "000001_create_assignments.up.sql 000001_create_assignments.down.sql " +
			"000002_guard_active_assignments.up.sql 000002_guard_active_assignments.down.sql " +
			"000003_index_history.up.sql 000003_index_history.down.sql",
		schema.LayoutTern: "001_create_assignments.sql 002_guard_active_assignments.sql 003_index_history.sql",
	}
	for _, layout := range schema.Layouts() {
		t.Run(string(layout)+"_has_the_names_that_the_tool_expects", func(t *testing.T) {
			var got []string
			for _, f := range mustFiles(t, layout) {
				got = append(got, f.Name)
			}
			if joined := strings.Join(got, " "); joined != names[layout] {
				t.Errorf("got %s, want %s", joined, names[layout])
			}
		})
	}
	t.Run("every_migration_has_a_way_back", func(t *testing.T) {
		for _, f := range mustFiles(t, schema.LayoutGolangMigrate) {
			if strings.HasSuffix(f.Name, ".down.sql") && !strings.HasPrefix(f.SQL, "DROP ") {
				t.Errorf("%s: %q", f.Name, f.SQL)
			}
		}
	})
	t.Run("the_separators_are_those_of_the_tool", func(t *testing.T) {
		goose, tern := mustFiles(t, schema.LayoutGoose)[1].SQL, mustFiles(t, schema.LayoutTern)[1].SQL
		if !strings.HasPrefix(goose, "-- +goose Up\nCREATE UNIQUE INDEX") || !strings.Contains(goose, "\n-- +goose Down\nDROP INDEX") {
			t.Error(goose)
		}
		if !strings.Contains(tern, ";\n\n---- create above / drop below ----\n\nDROP INDEX") {
			t.Error(tern)
		}
	})
	t.Run("the_indexes_are_those_of_the_lifecycle", func(t *testing.T) {
		files, err := schema.LayoutPlain.Files(assignment.CompletedOnlyLifecycle())
		if err != nil || !strings.Contains(files[1].SQL, `WHERE "status" <> 'completed'`) ||
			!strings.Contains(files[2].SQL, `WHERE "status" IN ('completed')`) {
			t.Errorf("got %v, %v", files, err)
		}
	})
	t.Run("an_unknown_layout_is_rejected", func(t *testing.T) {
		if _, err := schema.Layout("flyway").Files(assignment.DefaultLifecycle()); !errors.Is(err, assignment.ErrInvalid) {
			t.Errorf("got %v", err)
		}
	})
}

func mustFiles(t *testing.T, l schema.Layout) []schema.File {
	t.Helper()
	files, err := l.Files(assignment.DefaultLifecycle())
	if err != nil {
		t.Fatal(err)
	}
	return files
}
