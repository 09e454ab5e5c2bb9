package engine

import (
	"errors"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
	"github.com/assignment-go/assignment/postgres/schema"
)

func rowOf(kind pgdb.RowKind, id pgdb.Text) pgdb.Row {
	return pgdb.Row{Kind: kind, ID: id, AssigneeID: "assignee", SubjectID: "subject", Status: "assigned"}
}

// TestReply is what becomes of an item by the rows that its statement returned.
func TestReply(t *testing.T) {
	plan := sqlgen.New(schema.Table{}.WithDefaults(), assignment.Lifecycle{})
	item := inputOf("item", "assignee", "request").Row
	other := rowOf(pgdb.RowExisting, "item")
	other.Request = "other"
	for name, test := range map[string]struct {
		rows    []pgdb.Row
		outcome assignment.Outcome
		err     error
		left    bool
	}{
		"no row means that it is stored as sent": {outcome: assignment.OutcomeCreated},
		"others do not matter": {
			rows: []pgdb.Row{rowOf(pgdb.RowRejected, "other"), rowOf(pgdb.RowExisting, "other")}, outcome: assignment.OutcomeCreated,
		},
		"a created row is returned": {rows: []pgdb.Row{rowOf(pgdb.RowCreated, "item")}, outcome: assignment.OutcomeCreated},
		"an existing row is replayed": {
			rows: []pgdb.Row{rowOf(pgdb.RowRejected, "item"), rowOf(pgdb.RowExisting, "item")}, outcome: assignment.OutcomeReplayed,
		},
		"an existing row goes before a holder": {
			rows:    []pgdb.Row{rowOf(pgdb.RowRejected, "item"), rowOf(pgdb.RowHolder, "other"), rowOf(pgdb.RowExisting, "item")},
			outcome: assignment.OutcomeReplayed,
		},
		"an existing row with other content is a reused ID": {
			rows: []pgdb.Row{rowOf(pgdb.RowRejected, "item"), other}, err: assignment.ErrIDReused,
		},
		"a holder is a conflict": {
			rows: []pgdb.Row{rowOf(pgdb.RowRejected, "item"), rowOf(pgdb.RowHolder, "other")}, err: assignment.ErrActiveExists,
		},
		"a rejected row without a reason is left": {rows: []pgdb.Row{rowOf(pgdb.RowRejected, "item")}, left: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := make(reply)
			r.add(test.rows)
			if r.resolves(&item) == test.left {
				t.Fatalf("left: %t, want %t", !test.left, test.left)
			}
			if test.left {
				return
			}
			result, err := r.about(plan, &item)
			if !errors.Is(err, test.err) || err == nil && result.Outcome != test.outcome {
				t.Errorf("got %v, %v; want %v, %v", result.Outcome, err, test.outcome, test.err)
			}
			if err == nil && result.Assignment.ID != item.ID {
				t.Errorf("got %+v", result.Assignment)
			}
		})
	}
	t.Run("a row that was read again goes before the one that was returned", func(t *testing.T) {
		read := rowOf(pgdb.RowRead, "item")
		read.AccountID = "by a trigger"
		r := make(reply)
		r.add([]pgdb.Row{rowOf(pgdb.RowCreated, "item"), read})
		if result, err := r.about(plan, &item); err != nil || result.Assignment.AccountID != "by a trigger" {
			t.Errorf("got %+v, %v", result.Assignment, err)
		}
	})
}
