// Package sqlgen renders the statements of the PostgreSQL store for one table,
// and the parameters that a call has for them. It sends nothing: what a statement
// depends on, such as the types of the columns and the triggers, it learns from
// what package guard has found.
package sqlgen

import (
	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/guard"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// Statements is the SQL for one table and lifecycle. It is safe for concurrent
// use: nothing changes it.
type Statements struct {
	Layout

	// Table is the table that the statements name.
	Table schema.Table
	// Create creates a row, whoever made its ID.
	Create InsertPair
	// InsertOne creates a row under a new ID, and returns nothing but whether it did.
	InsertOne Statement
	// Get reads the row with the ID of the input.
	Get Statement
	// FindActive reads the holder of the slot of the input's row.
	FindActive Statement
	// Lock reads the row with the ID of the input, and prevents changes of it until
	// the transaction ends.
	Lock Statement
	// Reassign gives the row another assignee.
	Reassign Statement

	lifecycle   assignment.Lifecycle
	transition  map[assignment.Status]Statement
	replace     map[assignment.Status]InsertPair
	insertBatch batchStatement
	createMany  map[Mode]map[uniformity]batchStatement
	getMany     string
	// selectStored and countStored are what a query begins with.
	selectStored, countStored text
	activeOnly                string
	// anyStatus holds for every row. It names both sides of the guard.
	anyStatus string
}

// InsertPair is a statement that inserts a row, in the two forms that a call
// needs.
type InsertPair struct {
	// Usual returns the holder of a taken slot without a violation.
	Usual Statement
	// Exact lets the server report what rejects the row. It distinguishes rows that
	// a trigger suppressed or a policy hides from slots that another call took.
	Exact Statement
	// Lock goes before Exact in the same transaction. It is zero for none.
	Lock Statement
}

// New renders the statements for a table whose columns have the types of the
// migrated one; see [Statements.Learn].
func New(t schema.Table, l assignment.Lifecycle) *Statements { return render(t, l, newLayout(t)) }

// Learn returns the statements for the table as it was found.
func (s *Statements) Learn(r *guard.Report) *Statements {
	l := newLayout(r.Table)
	l.learn(r)
	return render(r.Table, s.lifecycle, l)
}

func render(t schema.Table, l assignment.Lifecycle, columns Layout) *Statements {
	active := sqltext.Active(t.Columns.Status, l)
	r := renderer{Layout: columns, table: t.String(), lifecycle: l, active: active}
	if columns.predicate != "" {
		r.active = columns.predicate
	}
	s := &Statements{
		Layout:     columns,
		Table:      t,
		Create:     InsertPair{Usual: r.create(), Exact: r.createExact()},
		InsertOne:  r.insertOne(),
		Get:        r.get(),
		FindActive: r.findActive(),
		Lock:       r.lock(),
		Reassign:   r.reassign(),

		lifecycle:    l,
		transition:   make(map[assignment.Status]Statement),
		replace:      make(map[assignment.Status]InsertPair),
		getMany:      r.getMany().String(),
		selectStored: r.selectStored(),
		countStored:  text{"SELECT count(*)::text", "FROM " + r.table + " AS stored"},
		activeOnly:   r.active,
		anyStatus:    "(" + active + " OR " + sqltext.Terminal(t.Columns.Status, l) + ")",
	}
	if s.CanBatch() {
		s.insertBatch = r.insertBatch()
		s.createMany = map[Mode]map[uniformity]batchStatement{
			Trusting: {mixed: r.createMany(Trusting, mixed), uniform: r.createMany(Trusting, uniform)},
			Careful:  {mixed: r.createMany(Careful, mixed), uniform: r.createMany(Careful, uniform)},
		}
	}
	for _, to := range l.Statuses() {
		s.transition[to] = r.transition(to)
		if l.IsTerminal(to) {
			s.replace[to] = InsertPair{Usual: r.replace(to), Exact: r.replaceExact(to), Lock: r.lockHolder(to)}
		}
	}
	return s
}

// Transition moves a row to the status; false when the lifecycle has no such
// status.
func (s *Statements) Transition(to assignment.Status) (Statement, bool) {
	statement, known := s.transition[to]
	return statement, known
}

// Replace moves the holder of the slot to a terminal status and inserts the new
// row; false when the lifecycle has no such terminal status.
func (s *Statements) Replace(retireTo assignment.Status) (InsertPair, bool) {
	pair, known := s.replace[retireTo]
	return pair, known
}

// CreateGuard builds the guard again. There is no concurrent build on a
// partitioned table.
func (s *Statements) CreateGuard() string {
	if s.Partitioned {
		return schema.GuardSQL(s.Table, s.lifecycle)
	}
	return schema.ConcurrentGuardSQL(s.Table, s.lifecycle)
}
