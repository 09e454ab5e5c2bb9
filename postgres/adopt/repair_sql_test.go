package adopt_test

import (
	"path/filepath"
	"testing"

	"github.com/assignment-go/assignment/internal/golden"
	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/internal/guard"
)

// TestRepairSQL compares the statements of a repair with files, so that a change of
// the SQL is seen in review. After one: go test ./postgres/adopt -update.
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
				golden.Check(t, filepath.Join("testdata", kind+"_"+name+".sql"), sql+"\n")
			})
		}
	}
}
