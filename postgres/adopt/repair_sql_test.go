package adopt_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/internal/guard"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestRepairSQL compares the statements of a repair with golden files, so that a
// change of SQL is seen in review.
func TestRepairSQL(t *testing.T) {
	full := prismaOptions()
	full.Table.Columns.CompletedAt, full.Table.Columns.UpdatedAt, full.Table.Columns.Version = "closed", "touched", "n"
	report := prismaReport(func(r *guard.Report) {
		r.Table.Columns = full.Table.Columns
		for _, c := range []struct {
			name   string
			pgType guard.PGType
		}{{"closed", guard.Date}, {"touched", guard.TimestampTZ}, {"n", guard.Integer}} {
			r.Catalog.Columns = append(r.Catalog.Columns, guard.Column{Name: c.name, PGType: c.pgType, Cast: "pg_catalog." + string(c.pgType)})
		}
		r.Catalog.Checks = []guard.Check{
			{Name: "known", Condition: "status <> 'lost'", Columns: []string{"status"}},
			{Name: "unrelated", Condition: "counselor_id <> ''", Columns: []string{"counselor_id"}},
		}
	})
	for kind, opts := range map[string]*adopt.Options{"least": prismaOptions(), "full": full} {
		for name, sql := range mustUnit(t, opts, report).SQL() {
			t.Run(kind+"_"+name, func(t *testing.T) {
				path := filepath.Join("testdata", kind+"_"+name+".sql")
				if *update {
					if err := os.WriteFile(path, []byte(sql+"\n"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				golden, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if sql+"\n" != string(golden) {
					t.Errorf("%s changed; run with -update if it is intended:\n%s", path, sql)
				}
			})
		}
	}
}
