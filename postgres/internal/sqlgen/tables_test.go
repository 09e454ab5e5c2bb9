package sqlgen_test

import (
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
	"github.com/assignment-go/assignment/postgres/schema"
)

// table is a table as package guard has found it, and a row that it can store;
// without a Catalog it has not been inspected yet.
type table struct {
	report guard.Report
	row    assignment.Assignment
}

// statements are those of the table.
func (t table) statements() *sqlgen.Statements {
	s := sqlgen.New(t.report.Table, assignment.DefaultLifecycle())
	if t.report.Catalog != nil {
		s = s.Learn(&t.report)
	}
	return s
}

// encode prepares the row of the table after a change.
func (t table) encode(tb testing.TB, change func(*assignment.Assignment)) *sqlgen.Input {
	tb.Helper()
	a := t.row
	change(&a)
	var in sqlgen.Input
	if err := t.statements().Encode(&in, &a); err != nil {
		tb.Fatal(err)
	}
	return &in
}

func unchanged(*assignment.Assignment) {}

// at has more digits than any column.
func at() time.Time { return time.Date(2020, time.January, 2, 3, 4, 5, 678_912_345, time.UTC) }

// IDs that every type of column can hold are numbers, but for uuid.
const (
	uuidID       = "00000000-0000-4000-8000-000000000001"
	uuidAssignee = "00000000-0000-4000-8000-000000000017"
	uuidSubject  = "00000000-0000-4000-8000-000000000018"
)

// tables are the default table, the same with triggers of the host, and three
// that were there before the SDK.
func tables() map[string]table {
	return map[string]table{
		"default":          defaultTable(nil),
		"default_triggers": defaultTable(&guard.Catalog{Kind: "r", Triggers: triggers()}),
		"uuid_enum":        uuidEnum(),
		"bigint_identity":  bigintIdentity(),
		"partitioned":      partitioned(),
	}
}

func triggers() guard.Triggers {
	return guard.Triggers{BeforeInsert: true, BeforeUpdate: true, AfterInsert: true}
}

func newRow(id assignment.ID, k assignment.Key) assignment.Assignment {
	return assignment.Assignment{
		ID: id, Key: k, Status: assignment.StatusPending, CreatedAt: at(), UpdatedAt: at(), Version: 1,
	}
}

func defaultTable(c *guard.Catalog) table {
	t := table{
		report: guard.Report{
			Table:   schema.Table{Name: schema.DefaultTable, Columns: schema.DefaultColumns()},
			IDAlone: true, Catalog: c,
		},
		row: newRow("1", assignment.Key{AssigneeID: "17", SubjectID: "18"}),
	}
	t.row.AssignedBy, t.row.AccountID, t.row.Request = "lead", "account", "fingerprint"
	t.row.DueAt, t.row.Metadata = at().Add(time.Hour), map[string]any{"a": 1}
	return t
}

// uuidEnum has keys of type uuid, an enum for the status, and times of which each
// has another type or precision. It has no version, metadata or fingerprint.
func uuidEnum() table {
	t := table{
		report: guard.Report{
			Table: schema.Table{Schema: "support", Name: "tickets", Columns: schema.Columns{
				ID: "uid", AssigneeID: "agent_uid", SubjectID: "ticket_uid", Status: "state", AssignedBy: "by",
				DueAt: "due_on", CreatedAt: "opened_at", UpdatedAt: "changed_at", CompletedAt: "closed_at",
			}},
			IDAlone: true,
			Catalog: &guard.Catalog{Kind: "r", Columns: []guard.Column{
				{Name: "uid", PGType: guard.UUID, Cast: "uuid", NotNull: true},
				{Name: "agent_uid", PGType: guard.UUID, Cast: "uuid", NotNull: true},
				{Name: "ticket_uid", PGType: guard.UUID, Cast: "uuid", NotNull: true},
				{
					Name: "state", PGType: guard.Enum, Cast: `"support"."state"`, NotNull: true,
					Labels: []string{"pending", "in_progress", "completed", "cancelled"},
				},
				{Name: "by", PGType: guard.Varchar, Cast: "varchar", Limit: 10},
				{Name: "due_on", PGType: guard.Date, Cast: "date"},
				{Name: "opened_at", PGType: guard.Timestamp, Cast: "timestamp", Digits: 3},
				{Name: "changed_at", PGType: guard.TimestampTZ, Cast: "timestamptz", NotNull: true},
				{Name: "closed_at", PGType: guard.Timestamp, Cast: "timestamp", Digits: 6},
			}},
		},
		row: newRow(uuidID, assignment.Key{AssigneeID: uuidAssignee, SubjectID: uuidSubject}),
	}
	t.row.AssignedBy, t.row.DueAt = "lead", at().Add(time.Hour)
	return t
}

// bigintIdentity makes its IDs itself, and had rows before it had a version.
func bigintIdentity() table {
	t := table{
		report: guard.Report{
			Table: schema.Table{Name: "loans", DatabaseIDs: true, Columns: schema.Columns{
				ID: "id", AssigneeID: "reader_id", SubjectID: "book_id", Status: "status",
				CreatedAt: "created_at", Version: "version", Metadata: "details",
			}},
			IDAlone: true,
			Catalog: &guard.Catalog{Kind: "r", Columns: []guard.Column{
				{Name: "id", PGType: guard.Bigint, Cast: "bigint", NotNull: true},
				{Name: "reader_id", PGType: guard.Integer, Cast: "integer", NotNull: true},
				{Name: "book_id", PGType: guard.Bigint, Cast: "bigint", NotNull: true},
				{Name: "status", PGType: guard.Text, Cast: "text", NotNull: true},
				{Name: "created_at", PGType: guard.TimestampTZ, Cast: "timestamptz", NotNull: true, Digits: 6},
				{Name: "version", PGType: guard.Integer, Cast: "integer"},
				{Name: "details", PGType: guard.JSON, Cast: "json"},
			}},
		},
		row: newRow("", assignment.Key{AssigneeID: "17", SubjectID: "18"}),
	}
	t.row.Metadata = map[string]any{"a": 1}
	return t
}

// partitioned has no index that makes the ID unique, a column of the host's own,
// triggers, and a guard with a predicate in the host's words.
func partitioned() table {
	t := table{
		report: guard.Report{
			Table: schema.Table{
				Name: "visits",
				Columns: schema.Columns{
					ID: "id", AssigneeID: "nurse", SubjectID: "patient", Status: "status",
					CreatedAt: "created_at", UpdatedAt: "updated_at", Version: "version", Request: "request",
				},
				Extra: []schema.Extra{{Column: "tenant", Value: func(assignment.Assignment) (any, error) { return 5, nil }}},
			},
			ConflictPredicate: "(status <> ALL ('{completed,cancelled}'))",
			Catalog: &guard.Catalog{Kind: "p", Triggers: triggers(), Columns: []guard.Column{
				{Name: "id", PGType: guard.Bigint, Cast: "bigint", NotNull: true},
				{Name: "nurse", PGType: guard.Varchar, Cast: "varchar", NotNull: true, Limit: 10},
				{Name: "patient", PGType: guard.Text, Cast: "text", NotNull: true},
				{Name: "status", PGType: guard.Varchar, Cast: "varchar", NotNull: true, Limit: 20},
				{Name: "created_at", PGType: guard.TimestampTZ, Cast: "timestamptz", Digits: 6},
				{Name: "updated_at", PGType: guard.TimestampTZ, Cast: "timestamptz", Digits: 6},
				{Name: "version", PGType: guard.Bigint, Cast: "bigint", NotNull: true},
				{Name: "request", PGType: guard.Text, Cast: "text"},
				{Name: "tenant", PGType: guard.Integer, Cast: "integer"},
			}},
		},
		row: newRow("1", assignment.Key{AssigneeID: "17", SubjectID: "18"}),
	}
	t.row.Request = "fingerprint"
	return t
}
