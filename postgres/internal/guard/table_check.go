package guard

import (
	"slices"
	"strings"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// tableCheck reports what lets rows of the table evade any index.
type tableCheck struct {
	fixes
	report *Report
}

func (t *tableCheck) run() {
	if !t.catalog.isTable() {
		t.notATable()
		return
	}
	t.encodings()
	t.temporary()
	t.inheritance()
	t.rules()
	t.partitions()
	t.unlogged()
	t.rowSecurity()
}

func (t *tableCheck) notATable() {
	const advice = "map the table that stores the rows"
	switch t.catalog.Kind {
	case "v":
		t.report.blockf(schema.GuardNotATable, nil, "%s is a view, which has no indexes; %s", t.table(), advice)
	case "m":
		t.report.blockf(schema.GuardNotATable, nil, "%s is a materialized view, which can't be written to; %s", t.table(), advice)
	case "f":
		t.report.blockf(schema.GuardNotATable, nil,
			"%s is a foreign table: only an index on the server that stores its rows could guard it; open the store on that server",
			t.table())
	default:
		t.report.blockf(schema.GuardNotATable, nil, "%s is not a table", t.table())
	}
}

// encodings rejects every encoding but UTF8: two clients with different encodings
// may write different bytes for the same text, and SQL_ASCII accepts any bytes. A
// unique index compares bytes.
func (t *tableCheck) encodings() {
	s := t.catalog.Session
	if s.ServerEncoding != "UTF8" {
		t.report.blockf(schema.GuardEncoding, nil,
			"the encoding of the database is %s: clients can write the same text as different bytes, which a unique index "+
				"treats as different keys; use a database created with ENCODING 'UTF8'", s.ServerEncoding)
	}
	if s.ClientEncoding != "UTF8" {
		t.report.blockf(schema.GuardEncoding, nil,
			"the session has client_encoding %s, but the SDK sends UTF-8: set client_encoding to UTF8 in the DSN "+
				"or for the role", s.ClientEncoding)
	}
}

func (t *tableCheck) temporary() {
	if t.catalog.Persistence == "t" {
		t.report.blockf(schema.GuardTemporary, nil,
			"%s is a temporary table: only this session sees it, and it hides the permanent table of that name; "+
				"set Table.Schema, and drop the temporary table", t.table())
	}
}

func (t *tableCheck) inheritance() {
	if len(t.catalog.Children) > 0 {
		t.report.blockf(schema.GuardInheritance, nil,
			"other tables inherit from the table (%s): their rows are rows of it, but no unique index spans them; "+
				"move those rows into the table, or partition it instead", strings.Join(t.catalog.Children, ", "))
	}
}

func (t *tableCheck) rules() {
	if len(t.catalog.Rules) > 0 {
		t.report.blockf(schema.GuardRewriteRule, nil,
			"the rewrite rules %q replace or extend the statements that the store sends; use triggers instead", t.catalog.Rules)
	}
}

// partitions reports why no unique index on the key can span all partitions.
func (t *tableCheck) partitions() {
	for _, p := range t.catalog.Partitions {
		if p.Detaching {
			t.report.warnf(schema.GuardDetaching, t.finalize(p),
				"partition %s is half detached: its rows are no longer visible through the table, so they hold no slot",
				schema.Table{Schema: p.Schema, Name: p.Name})
		}
	}
	others := slices.DeleteFunc(slices.Clone(t.catalog.PartitionedBy), func(name string) bool {
		return slices.Contains(t.spec.slot(), name)
	})
	if len(others) == 0 {
		return
	}
	for i, name := range others {
		others[i] = sqltext.Quote(name)
		if name == "" {
			others[i] = "an expression"
		}
	}
	t.report.blockf(schema.GuardPartitionKey, nil,
		"the table is partitioned by %s: a unique index must include every column of the partition key, so none can "+
			"allow only one active row per key across partitions. Partition by columns of the key alone (%s), or store "+
			"the active rows in a separate table that is not partitioned this way",
		strings.Join(others, ", "), sqltext.Columns(t.spec.slot()...))
}

func (t *tableCheck) unlogged() {
	if len(t.catalog.Unlogged) > 0 {
		t.report.warnf(schema.GuardUnlogged, nil,
			"%s is UNLOGGED: a crash of the server empties it, and assignments that were reported as created are lost",
			strings.Join(t.catalog.Unlogged, ", "))
	}
}

func (t *tableCheck) rowSecurity() {
	if t.catalog.Session.RowSecurity {
		t.report.warnf(schema.GuardRowSecurity, nil,
			"row-level security hides rows of the table from role %s: the guard still counts them, but a conflict "+
				"with a hidden row does not report its holder", sqltext.Quote(t.catalog.Session.Role))
	}
}
