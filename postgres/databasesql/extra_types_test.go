package databasesql_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres/databasesql"
	"github.com/assignment-go/assignment/postgres/schema"
)

// extra is a column of the host's own and what it gets.
type extra struct {
	column, columnType string
	value              any
	// want is the column as text.
	want string
}

func extras() []extra {
	return []extra{
		{"raw", "bytea", []byte("a\\'\x00\xff"), `\x615c2700ff`},
		{"doc", "jsonb", json.RawMessage(`{"a": "b\\\"'"}`), `{"a": "b\\\"'"}`},
		{"tags", "text[]", []string{`a"b`, `c\d`, "e'f"}, `{"a\"b","c\\d",e'f}`},
		{"amount", "numeric", "12.50", "12.50"},
		{"count", "smallint", 7, "7"},
		{"flag", "boolean", true, "true"},
		{"at", "timestamptz", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "2026-01-02 03:04:05+00"},
		{"day", "date", time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), "2026-01-02"},
		{"note", "text", sql.NullString{String: `o'\hara`, Valid: true}, `o'\hara`},
		{"nothing", "text", sql.NullString{}, ""},
	}
}

// mustExtra returns a store whose table has the columns.
func mustExtra(t *testing.T, driver string, columns []extra) (*sql.DB, *assignment.Service) {
	t.Helper()
	db, err := sql.Open(driver, testdb.Schema(t)+"&timezone=UTC")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := databasesql.Migrate(t.Context(), db, nil); err != nil {
		t.Fatal(err)
	}
	var table schema.Table
	for _, e := range columns {
		if _, err := db.ExecContext(t.Context(), "ALTER TABLE assignments ADD "+e.column+" "+e.columnType); err != nil {
			t.Fatal(err)
		}
		table.Extra = append(table.Extra, schema.Extra{
			Column: e.column, Value: func(assignment.Assignment) (any, error) { return e.value, nil },
		})
	}
	store, err := databasesql.New(t.Context(), db, &databasesql.Options{Table: &table})
	if err != nil {
		t.Fatal(err)
	}
	return db, mustService(t, store)
}

func TestExtraTypes(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"postgres", "pgx"} {
		t.Run(driver+"/keeps_values_of_every_type", func(t *testing.T) {
			db, service := mustExtra(t, driver, extras())
			created, err := service.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "a", SubjectID: "s"}})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range extras() {
				var got string
				query := "SELECT COALESCE(" + e.column + "::text, '') FROM assignments WHERE id = $1"
				if err := db.QueryRowContext(t.Context(), query, string(created.ID)).Scan(&got); err != nil || got != e.want {
					t.Errorf("%s: got %s, %v; want %s", e.column, got, err, e.want)
				}
			}
		})
		for name, value := range map[string]any{"a_NUL_byte": "a\x00b", "broken_UTF-8": "a\xff"} {
			t.Run(driver+"/rejects_"+name, func(t *testing.T) {
				_, service := mustExtra(t, driver, []extra{{column: "note", columnType: "text", value: value}})
				_, err := service.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "a", SubjectID: "s"}})
				if !errors.Is(err, assignment.ErrInvalid) || errors.Is(err, assignment.ErrUnknownOutcome) {
					t.Errorf("got %v, want ErrInvalid", err)
				}
			})
		}
	}
}
