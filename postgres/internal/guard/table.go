package guard

import (
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// tableCheck looks for what lets rows of the table escape its indexes, whatever
// those are.
type tableCheck struct {
	fixes
	report *Report
}

func (t *tableCheck) run() {
	if !t.kind() {
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

// kind refuses what is no table.
func (t *tableCheck) kind() bool {
	if t.catalog.Kind == "r" || t.catalog.Kind == "p" {
		return true
	}
	const ask = "map the table that the rows are kept in"
	switch t.catalog.Kind {
	case "v":
		t.report.blockf(assignment.GuardNotATable, nil, "%s is a view, which has no indexes; %s", t.table(), ask)
	case "m":
		t.report.blockf(assignment.GuardNotATable, nil, "%s is a materialized view, which nothing can be inserted into; %s", t.table(), ask)
	case "f":
		t.report.blockf(assignment.GuardNotATable, nil,
			"%s is a foreign table: only an index on the server that keeps its rows could guard them; open the store there", t.table())
	default:
		t.report.blockf(assignment.GuardNotATable, nil, "%s is not a table", t.table())
	}
	return false
}

// encodings refuses what makes one text two: two clients with different
// encodings write different bytes for it, which a unique index takes for two
// keys. SQL_ASCII takes whatever bytes come.
func (t *tableCheck) encodings() {
	s := t.catalog.Session
	if s.ServerEncoding != "UTF8" {
		t.report.blockf(assignment.GuardEncoding, nil,
			"the encoding of the database is %s: texts that differ for one program are the same for another, "+
				"and the other way round; use a database made with ENCODING 'UTF8'", s.ServerEncoding)
	}
	if s.ClientEncoding != "UTF8" {
		t.report.blockf(assignment.GuardEncoding, nil,
			"the session has client_encoding %s, but the SDK sends UTF-8: set client_encoding to UTF8 in the DSN, "+
				"or for the role", s.ClientEncoding)
	}
}

func (t *tableCheck) temporary() {
	if t.catalog.Persistence == "t" {
		t.report.blockf(assignment.GuardTemporary, nil,
			"%s is a temporary table: only this session sees it, and it hides the table of that name that others use; "+
				"set Table.Schema, and drop the temporary table", t.table())
	}
}

func (t *tableCheck) inheritance() {
	if len(t.catalog.Children) > 0 {
		t.report.blockf(assignment.GuardInheritance, nil,
			"%s inherit from the table: their rows are rows of it, but no unique index spans them; "+
				"move their rows into the table, or make it a partitioned one", strings.Join(t.catalog.Children, ", "))
	}
}

func (t *tableCheck) rules() {
	if len(t.catalog.Rules) > 0 {
		t.report.blockf(assignment.GuardRewriteRule, nil,
			"the rewrite rules %q put other statements in the place of those that the store sends; "+
				"use triggers instead", t.catalog.Rules)
	}
}

// partitions looks for the reasons why no unique index on the key can span all
// partitions.
func (t *tableCheck) partitions() {
	for _, p := range t.catalog.Partitions {
		if p.Detaching {
			t.report.warnf(assignment.GuardDetaching, t.finalize(p),
				"partition %s is half detached: its rows are no longer seen through the table, and so hold no slot",
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
	t.report.blockf(assignment.GuardPartitionKey, nil,
		"the table is partitioned by %s: a unique index of it must have all columns of the partition key, so that none can "+
			"allow one active row per key across partitions. Partition by %s alone, or keep the active rows in a "+
			"table of their own that is not partitioned like this",
		strings.Join(others, ", "), strings.Join(quoteAll(t.spec.slot()), " or "))
}

func (t *tableCheck) unlogged() {
	if len(t.catalog.Unlogged) > 0 {
		t.report.warnf(assignment.GuardUnlogged, nil,
			"%s is UNLOGGED: a crash of the server empties it, so that assignments which were told as created are gone",
			strings.Join(t.catalog.Unlogged, ", "))
	}
}

func (t *tableCheck) rowSecurity() {
	if t.catalog.Session.RowSecurity {
		t.report.warnf(assignment.GuardRowSecurity, nil,
			"row-level security hides rows of the table from role %s: the guard still counts them, but a conflict "+
				"with one that the session can't see does not tell its holder", sqltext.Quote(t.catalog.Session.Role))
	}
}

func quoteAll(names []string) []string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = sqltext.Quote(name)
	}
	return quoted
}
