package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/schema"
)

// statements holds the SQL of one table and lifecycle. Every text is constant
// for the life of the store, so that a driver's statement cache works.
type statements struct {
	create     string
	createMany map[care]string
	get        string
	findActive string
	reassign   string
	transition map[assignment.Status]string
	replace    map[assignment.Status]string
	selectFrom string
	countFrom  string
	activeOnly string
}

func render(t schema.Table, l assignment.Lifecycle) statements {
	r := renderer{table: t.String(), lifecycle: l, active: schema.Predicate(schema.ColumnStatus, l)}
	s := statements{
		create:     r.create(),
		createMany: map[care]string{trusting: r.createMany(trusting), careful: r.createMany(careful)},
		get:        r.selectRows() + ` WHERE "id" = $1::text`,
		findActive: r.selectRows() + ` WHERE "assignee_id" = $1::text AND "subject_id" = $2::text AND ` + r.active,
		reassign:   r.reassign(),
		transition: make(map[assignment.Status]string),
		replace:    make(map[assignment.Status]string),
		selectFrom: r.selectRows(),
		countFrom:  "SELECT count(*)::text FROM " + r.table,
		activeOnly: r.active,
	}
	for _, to := range l.Statuses() {
		s.transition[to] = r.transition(to)
		if l.IsTerminal(to) {
			s.replace[to] = r.replace(to)
		}
	}
	return s
}

// renderer writes SQL for one table and lifecycle.
type renderer struct {
	table     string
	lifecycle assignment.Lifecycle
	active    string // the guard's predicate
}

// columns is the plain column list, in the order of columnNames.
func columns() string { return qualified("") }

// qualified is the column list with a prefix on each name.
func qualified(prefix string) string {
	names := columnNames()
	for i, name := range names {
		names[i] = prefix + schema.Quote(name)
	}
	return strings.Join(names, ", ")
}

// projection renders the result columns in the shape of Row. NULL texts come
// back empty, which is how the domain says "none".
func projection(kind string) string {
	return kind + ` AS kind, "id", "assignee_id", "subject_id", "status",
  COALESCE("assigned_by", '') AS assigned_by, COALESCE("account_id", '') AS account_id,
  "due_at", "created_at", "updated_at", "completed_at", "version",
  COALESCE("metadata"::text, '') AS metadata`
}

// newRow renders the bind parameters of a row, in the order of columnNames. The
// casts make the statement mean the same in every protocol mode, also in those
// that send parameters without a type.
func newRow() string {
	return `$1::text, $2::text, $3::text, $4::text, $5::text, $6::text,
    $7::timestamptz, $8::timestamptz, $9::timestamptz, $10::timestamptz, $11::bigint, $12::text::jsonb`
}

func (r renderer) selectRows() string {
	return "SELECT " + projection("0") + "\nFROM " + r.table
}

// inference is the arbiter clause that every insert carries. Without a usable
// guard PostgreSQL refuses it (42P10), so that an insert doubles as a check of
// the guard.
func (r renderer) inference() string {
	return `ON CONFLICT ("assignee_id", "subject_id") WHERE ` + r.active + ` DO NOTHING`
}

// mayNotMove renders the known statuses from which to can't be reached, itself
// included; unknown statuses are not among them, since those may be closed.
func (r renderer) mayNotMove(to assignment.Status) []assignment.Status {
	return slices.DeleteFunc(r.lifecycle.Statuses(), func(from assignment.Status) bool {
		return r.lifecycle.Allows(from, to)
	})
}

// mayMove renders the condition on the present status under which the row may
// move to the status.
func (r renderer) mayMove(to assignment.Status) string {
	if r.lifecycle.IsTerminal(to) {
		return fmt.Sprintf(`"status" NOT IN (%s)`, schema.StatusList(r.mayNotMove(to)))
	}
	from := slices.DeleteFunc(r.lifecycle.Statuses(), func(from assignment.Status) bool {
		return !r.lifecycle.Allows(from, to)
	})
	if len(from) == 0 {
		return "false"
	}
	return fmt.Sprintf(`"status" IN (%s)`, schema.StatusList(from))
}
