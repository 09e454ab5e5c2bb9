package adopt_test

import (
	"testing"

	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

// prismaReport is what an inspection says about the Prisma table, changed by the
// functions.
func prismaReport(changes ...func(*guard.Report)) *guard.Report {
	column := func(name string, t guard.PGType) guard.Column {
		return guard.Column{Name: name, Type: string(t), PGType: t, Cast: "pg_catalog." + string(t), NotNull: true, Deterministic: true}
	}
	table := *prismaTable()
	table.Schema, table.Name = "public", schema.DefaultTable
	r := &guard.Report{
		Table: table, Buildable: true,
		Catalog: &guard.Catalog{
			OID: 7, Schema: "public", Name: table.Name, Kind: "r", Owner: true,
			Columns: []guard.Column{
				column("id", guard.Text), column("counselor_id", guard.Text), column("scenario_id", guard.Text), column("status", guard.Text),
				column("created_at", guard.Timestamp),
			},
		},
	}
	for _, change := range changes {
		change(r)
	}
	return r
}

// mustUnit resolves the options for the table of the report.
func mustUnit(t *testing.T, opts *adopt.Options, report *guard.Report) adopt.Unit {
	t.Helper()
	unit, err := adopt.NewUnit(opts, report)
	if err != nil {
		t.Fatal(err)
	}
	return unit
}

// repairing returns the options for the Prisma table with those of the repair.
func repairing(r adopt.RepairOptions) *adopt.Options {
	opts := prismaOptions()
	opts.Repair = &r
	return opts
}
