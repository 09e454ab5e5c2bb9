package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// plan is a table as the engine knows it, with the SQL rendered for it.
type plan struct {
	layout

	table       schema.Table
	lifecycle   assignment.Lifecycle
	create      twofold
	insertAlone statement
	insertBatch bulk
	createMany  map[care]map[likeness]bulk
	get         statement
	getMany     string
	findActive  statement
	lookupBatch string
	lock        statement
	reassign    statement
	transition  map[assignment.Status]statement
	replace     map[assignment.Status]twofold
	selectFrom  string
	countFrom   string
	activeOnly  string
	// anyStatus holds for every row. It names both sides of the guard.
	anyStatus string
}

func render(t schema.Table, l assignment.Lifecycle, columns layout) *plan {
	r := renderer{
		layout: columns, table: t.String(), lifecycle: l, active: sqltext.Active(t.Columns.Status, l),
	}
	known := r.active
	if columns.predicate != "" {
		r.active = columns.predicate
	}
	p := &plan{
		layout:      columns,
		table:       t,
		lifecycle:   l,
		create:      twofold{usual: r.create(), plain: r.createPlainly()},
		insertAlone: r.insertAlone(),
		insertBatch: r.insertBatch(),
		createMany: map[care]map[likeness]bulk{
			trusting: {unlike: r.createMany(trusting, unlike), alike: r.createMany(trusting, alike)},
			careful:  {unlike: r.createMany(careful, unlike), alike: r.createMany(careful, alike)},
		},
		get:         r.get(),
		getMany:     r.getMany(),
		lock:        r.lock(),
		findActive:  r.findActive(),
		lookupBatch: r.lookupBatch(),
		reassign:    r.reassign(),
		transition:  make(map[assignment.Status]statement),
		replace:     make(map[assignment.Status]twofold),
		selectFrom:  r.selectRows(),
		countFrom:   "SELECT count(*)::text FROM " + r.table + " AS kept",
		activeOnly:  r.active,
		anyStatus:   "(" + known + " OR " + sqltext.Terminal(t.Columns.Status, l) + ")",
	}
	for _, to := range l.Statuses() {
		p.transition[to] = r.transition(to)
		if l.IsTerminal(to) {
			p.replace[to] = twofold{usual: r.replace(to, usual), lock: r.lockHolder(to), plain: r.replace(to, plain)}
		}
	}
	return p
}

// createGuard renders the statement that builds the guard again. There is no
// concurrent build on a partitioned table.
func (p *plan) createGuard() string {
	if p.partitioned {
		return schema.GuardSQL(p.table, p.lifecycle)
	}
	return schema.ConcurrentGuardSQL(p.table, p.lifecycle)
}

// renderer writes SQL for one table and lifecycle.
type renderer struct {
	layout

	table     string
	lifecycle assignment.Lifecycle
	active    string // the guard's predicate
}

// columns is the list of all columns that are kept.
func (r renderer) columns() string { return list(r.kept(), "") }

// selectRows names the table apart from the result columns, which may bear the
// names of other columns.
func (r renderer) selectRows() string { return r.selectRowsFrom(r.table) }

func (r renderer) selectRowsFrom(source string) string {
	return "SELECT " + r.projection(number(pgdb.RowRead)) + "\nFROM " + source + " AS kept"
}

func (r renderer) get() statement {
	b := newBinder()
	return b.statement(r.selectRows() + " WHERE " + r.hasID(b))
}

// lock renders the read of a row that keeps it as it is until the transaction
// ends. It must be a statement of its own: an UPDATE in the same one can spin in
// the server when a trigger looks at the locked row.
func (r renderer) lock() statement {
	get := r.get()
	get.text += " FOR UPDATE"
	return get
}

// getMany renders the read of the rows with the IDs of an array.
func (r renderer) getMany() string {
	return r.selectRows() + " WHERE " + r.id.quoted() + " IN (SELECT " + r.id.match("asked.id") + " FROM unnest($1::text[]) AS asked (id))"
}

func (r renderer) findActive() statement {
	b := newBinder()
	// the guard allows no more; the limit spares a look for them
	return b.statement(r.selectRows() + " WHERE " + r.holdsSlot(b) + " LIMIT 1")
}

// hasID renders the condition that a row has the ID of the input.
func (r renderer) hasID(b *binder) string {
	return r.id.quoted() + " = " + r.id.match(b.of(r.id))
}

// holdsSlot renders the condition that a row holds the slot of the new row.
func (r renderer) holdsSlot(b *binder) string {
	return r.assignee.quoted() + " = " + r.assignee.match(b.of(r.assignee)) + " AND " +
		r.subject.quoted() + " = " + r.subject.match(b.of(r.subject)) + " AND " + r.active
}

// activeRows renders the source of all rows that hold their slots. The guard may
// word its predicate otherwise than the SDK, and its columns have no prefix, so
// that it can't stand beside those of another source. Only the mapped columns are
// read: the role may have no right to the others.
func (r renderer) activeRows() string {
	return "(SELECT " + r.columns() + " FROM " + r.table + " WHERE " + r.active + ")"
}

// insert renders the insert of the new row, up to its conditions.
func (r renderer) insert(b *binder) string {
	return "INSERT INTO " + r.table + " (" + list(r.inserted(), "") + `)
  SELECT ` + strings.Join(r.newValues(b), ", ")
}

// source is where an insert finds the values of a new row.
type source interface {
	// text and time return the expression of the field's value.
	text(f field) string
	time(f field) string
}

// newValues renders what a new row gets for each column that an insert names.
// What is the same for all new rows is no parameter.
func (r renderer) newValues(from source) []string {
	columns := r.inserted()
	values := make([]string, len(columns))
	created := ""
	for i, f := range columns {
		switch f.name {
		case r.status.name:
			values[i] = f.put(sqltext.Literal(string(r.lifecycle.Initial())))
		case r.version.name:
			values[i] = "1"
		case r.completed.name:
			values[i] = "NULL"
		case r.created.name:
			created = from.time(f)
			values[i] = f.put(created)
		case r.updated.name:
			at := created // the same, unless it is cut otherwise
			if created == "" || f.unit() != r.created.unit() {
				at = from.time(f)
			}
			values[i] = f.put(at)
		case r.due.name:
			values[i] = f.put(from.time(f))
		default:
			values[i] = f.put(from.text(f))
		}
	}
	return values
}

// inference is the arbiter clause that every insert carries. Without a usable
// guard PostgreSQL refuses it (42P10), so that an insert doubles as a check of
// the guard.
func (r renderer) inference() string {
	return "ON CONFLICT (" + list([]field{r.assignee, r.subject}, "") + ") WHERE " + r.active + " DO NOTHING"
}

// asserted renders an insert that never inserts anything, with its comma. The
// planner refuses it (42P10) when no unique index fits the arbiter clause: proof
// that the index is there for statements that would not notice.
func (r renderer) asserted(name, arbiter string) string {
	key := list([]field{r.assignee, r.subject, r.status}, "")
	return name + ` AS (
  INSERT INTO ` + r.table + ` (` + key + `) SELECT ` + key + ` FROM ` + r.table + ` WHERE false
  ` + arbiter + `
), `
}

// guarded asserts the guard.
func (r renderer) guarded() string { return r.asserted("guarded", r.inference()) }

// identified asserts that the ID is unique, which keeps a repeated call from
// making a second row. It is empty where no index is to do that.
func (r renderer) identified() string {
	if r.databaseIDs || r.sharedIDs {
		return ""
	}
	return r.asserted("identified", "ON CONFLICT ("+r.id.quoted()+") DO NOTHING")
}

// own renders the look for the row that bears the new row's ID already, with
// its comma; empty when the database makes the IDs.
func (r renderer) own(b *binder) string {
	if r.databaseIDs {
		return ""
	}
	return `own AS MATERIALIZED (
  SELECT ` + r.columns() + ` FROM ` + r.table + ` WHERE ` + r.hasID(b) + `
), `
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
		return fmt.Sprintf(`%s NOT IN (%s)`, r.status.quoted(), sqltext.Statuses(r.mayNotMove(to)))
	}
	from := slices.DeleteFunc(r.lifecycle.Statuses(), func(from assignment.Status) bool {
		return !r.lifecycle.Allows(from, to)
	})
	if len(from) == 0 {
		return "false"
	}
	return fmt.Sprintf(`%s IN (%s)`, r.status.quoted(), sqltext.Statuses(from))
}
