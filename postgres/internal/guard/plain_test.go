package guard_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/assignment-go/assignment/postgres/internal/guard"
)

// predicate is that of the default lifecycle, as PostgreSQL stores it.
const predicate = `(status <> ALL (ARRAY['cancelled'::text, 'completed'::text]))`

// plainSpec maps the least that a table can have.
func plainSpec() guard.Spec { return guard.Spec{Table: plainTable()} }

// plainCatalog returns what PostgreSQL knows about a table that only lacks its
// guard, changed by the functions.
func plainCatalog(changes ...func(*guard.Catalog)) *guard.Catalog {
	c := &guard.Catalog{
		OID: 7, Schema: "public", Name: "assignments", Kind: "r", Persistence: "p", Owner: true, Version: 150000,
		Session: guard.Session{Role: "owner", ServerEncoding: "UTF8", ClientEncoding: "UTF8"},
		Columns: []guard.Column{textColumn("id"), textColumn("assignee_id"), textColumn("subject_id"), textColumn("status")},
		Indexes: []guard.Index{primaryKey("id")},
	}
	for _, change := range changes {
		change(c)
	}
	return c
}

func textColumn(name string) guard.Column {
	return guard.Column{Name: name, Type: "text", PGType: guard.Text, Cast: "pg_catalog.text", NotNull: true, Deterministic: true}
}

func primaryKey(columns ...string) guard.Index {
	i := keyIndex("assignments_pkey", "")
	i.Columns, i.Mentions, i.Primary, i.Constraint = columns, nil, true, i.Name
	return i
}

// keyIndex returns a usable unique index on the key.
func keyIndex(name, condition string) guard.Index {
	i := guard.Index{
		OID: 8, Schema: "public", Name: name, Columns: []string{"assignee_id", "subject_id"}, Predicate: condition,
		Unique: true, Valid: true, Ready: true, Live: true, Immediate: true, Deterministic: true,
	}
	i.Mentions = slices.Clone(i.Columns)
	if condition != "" {
		i.Mentions = append(i.Mentions, "status")
	}
	return i
}

// changed returns the index after the change.
func changed(i guard.Index, change func(*guard.Index)) guard.Index {
	change(&i)
	return i
}

func wantSQL(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// fixesOf returns the statements of all findings, in their order.
func fixesOf(r *guard.Report) []string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, f.Fix...)
	}
	return all
}
