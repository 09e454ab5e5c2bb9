package sqlgen_test

import (
	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/schema"
)

// table is a table as package guard has found it; without a Catalog it has not
// been looked at yet.
type table struct{ report *guard.Report }

func tables() map[string]table {
	defaults := schema.Table{Name: schema.DefaultTable, Columns: schema.DefaultColumns()}
	databaseIDs := defaults
	databaseIDs.DatabaseIDs = true
	mapped := schema.Table{Schema: "s", Name: "t", Columns: schema.Columns{
		ID: "uid", AssigneeID: "a", SubjectID: "b", Status: "st", DueAt: "due", CreatedAt: "cr", UpdatedAt: "up", CompletedAt: "co",
	}}
	extra := mapped
	extra.Extra = []schema.Extra{{Column: "tenant", Value: func(assignment.Assignment) (any, error) { return 5, nil }}}
	partitioned := catalog("p")
	partitioned.Triggers = triggers()
	triggered := &guard.Catalog{Kind: "r", Triggers: triggers()}
	return map[string]table{
		"default":          {&guard.Report{Table: defaults, IDAlone: true}},
		"database_ids":     {&guard.Report{Table: databaseIDs, IDAlone: true}},
		"default_triggers": {&guard.Report{Table: defaults, IDAlone: true, Catalog: triggered}},
		"mapped":           {&guard.Report{Table: mapped, IDAlone: true, Catalog: catalog("r")}},
		"partitioned":      {&guard.Report{Table: extra, Catalog: partitioned, ConflictPredicate: "(st <> ALL ('{completed,cancelled}'))"}},
	}
}

func triggers() guard.Triggers {
	return guard.Triggers{BeforeInsert: true, BeforeUpdate: true, AfterInsert: true}
}

// catalog is that of a table that has hardly a column as the migrated one has it.
func catalog(kind string) *guard.Catalog {
	return &guard.Catalog{Kind: kind, Columns: []guard.Column{
		{Name: "uid", PGType: guard.UUID, Cast: "uuid", NotNull: true},
		{Name: "a", PGType: guard.Bigint, Cast: "bigint", NotNull: true},
		{Name: "b", PGType: guard.Varchar, Cast: "varchar", NotNull: true, Limit: 10},
		{
			Name: "st", PGType: guard.Enum, Cast: `"s"."state"`, NotNull: true,
			Labels: []string{"pending", "in_progress", "completed", "cancelled"},
		},
		{Name: "due", PGType: guard.Date, Cast: "date"},
		{Name: "cr", PGType: guard.Timestamp, Cast: "timestamp", Digits: 3},
		{Name: "up", PGType: guard.TimestampTZ, Cast: "timestamptz", NotNull: true},
		{Name: "co", PGType: guard.Timestamp, Cast: "timestamp", Digits: 6},
		{Name: "tenant", PGType: guard.Integer, Cast: "integer"},
	}}
}
