package sqlgen_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/golden"
	"github.com/assignment-go/assignment/postgres/internal/pgdb"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

// TestGolden compares every statement of some tables with a file, so that a change
// of the SQL is seen in review. After one: go test ./postgres/internal/sqlgen -update.
func TestGolden(t *testing.T) {
	for name, table := range tables() {
		t.Run(name, func(t *testing.T) {
			golden.Check(t, filepath.Join("testdata", name+".sql"), listing(t, table))
		})
	}
}

// lister writes statements, each with its name, when it is sent, and what its
// parameters are.
type lister struct {
	strings.Builder

	table      table
	statements *sqlgen.Statements
}

func listing(t *testing.T, table table) string {
	t.Helper()
	l := &lister{table: table, statements: table.statements()}
	l.inserts()
	l.batches(t)
	l.replaces()
	l.changes()
	l.reads()
	l.queries()
	l.explanations()
	l.sql("guard", "by nobody: reported as the fix when the guard is missing.", nil, l.statements.CreateGuard())
	return l.String()
}

func (l *lister) sql(name, sent string, parameters []string, sql string) {
	if l.Len() > 0 {
		l.WriteString("\n")
	}
	fmt.Fprintf(l, "-- %s\n-- Sent %s\n", name, sent)
	for i, parameter := range parameters {
		parameters[i] = fmt.Sprintf("$%d %s", i+1, parameter)
	}
	if len(parameters) > 0 {
		fmt.Fprintln(l, sqlgen.Listed("-- ", parameters))
	}
	fmt.Fprintf(l, "%s;\n", sql)
}

func (l *lister) statement(name, sent string, s sqlgen.Statement) {
	l.sql(name, sent, s.ParameterNames(), s.SQL())
}

func (l *lister) inserts() {
	l.statement("create", "first by Create, unless insert one is, and by its retries.", l.statements.Create.Usual)
	l.statement("create, exact", "by Create after two statements that created nothing and found no holder.", l.statements.Create.Exact)
	l.statement("insert one", "first by Create when the ID is new and the last 64 creates found their slots free.", l.statements.InsertOne)
}

func (l *lister) batches(t *testing.T) {
	t.Helper()
	if !l.statements.CanBatch() {
		return
	}
	row := l.table.encode(t, unchanged)
	other := l.table.encode(t, func(a *assignment.Assignment) { a.DueAt = time.Time{} })
	mixed, uniform := []*sqlgen.Input{row, other}, []*sqlgen.Input{row, row}
	l.sql("insert batch", "by Creates under new IDs that share a statement.", l.statements.InsertBatchNames(), l.statements.InsertBatch(mixed).SQL)
	many := func(name, sent string, mode sqlgen.Mode, rows []*sqlgen.Input) {
		l.sql(name, sent, l.statements.CreateManyNames(mode, rows), l.statements.CreateMany(mode, rows).SQL)
	}
	many("create many", "first by CreateMany.", sqlgen.Trusting, mixed)
	many("create many, uniform", "first by CreateMany when the rows differ in ID, key and fingerprint alone.", sqlgen.Trusting, uniform)
	many("create many, careful", "by CreateMany after an attempt that may have created some of the rows.", sqlgen.Careful, mixed)
	many("create many, careful and uniform", "by CreateMany after such an attempt when the rows differ in ID, key and fingerprint alone.", sqlgen.Careful, uniform)
}

func (l *lister) replaces() {
	for _, to := range assignment.DefaultLifecycle().Terminal() {
		replace, _ := l.statements.Replace(to)
		name := "replace, retire to " + string(to)
		l.statement(name, "by Replace.", replace.Usual)
		l.statement(name+", lock", "by Replace after two statements that created nothing, before the exact one.", replace.Lock)
		l.statement(name+", exact", "by Replace after the lock, in the same transaction.", replace.Exact)
	}
}

func (l *lister) changes() {
	l.statement("reassign", "by Reassign.", l.statements.Reassign)
	for _, to := range assignment.DefaultLifecycle().Statuses() {
		transition, _ := l.statements.Transition(to)
		l.statement("transition to "+string(to), "by Transition and the methods that are named for one.", transition)
	}
	l.statement("lock", "before a change that twice changed nothing for no reason that shows, in the same transaction.", l.statements.Lock)
}

func (l *lister) reads() {
	l.statement("get", "by Get, and by writes whose reply was lost.", l.statements.Get)
	l.sql("get many", "by CreateMany when triggers run after the insert.", []string{"ids"}, l.statements.GetMany(nil).SQL)
	l.statement("find active", "by FindActive, and by writes that the guard rejected.", l.statements.FindActive)
	l.sql("lock IDs", "before inserts into a table where no index makes the ID unique.", nil, sqlgen.LockIDs("1", "2"))
}

func (l *lister) explanations() {
	s := l.statements
	l.sql("host code", "after a trigger or a rule suppressed or changed a row, to name it.",
		[]string{"table", "event", "before or after"}, s.HostCode(sqlgen.OnInsert, false).SQL)
	l.sql("row security", "after a change of a row that can be seen changed nothing.", []string{"table"}, s.RowSecurity().SQL)
	l.sql("unique IDs", "after planning failed (42P10), to tell the guard from the index on the ID.", []string{"table", "column"}, s.UniqueIDs().SQL)
	l.sql("violation", "after a unique violation, to identify the index.", []string{"table", "index", "guard"},
		s.Violation(pgdb.ServerError{}).SQL)
}

func (l *lister) queries() {
	statuses := []assignment.Status{assignment.StatusPending, assignment.StatusCompleted}
	id, key := l.table.row.ID, l.table.row.Key
	if id == "" {
		id = "1"
	}
	for _, q := range []struct {
		name  string
		query assignment.Query
	}{
		{"all", assignment.Query{}},
		{"of an assignee", assignment.Query{AssigneeID: key.AssigneeID}},
		{"of an assignee, active", assignment.Query{AssigneeID: key.AssigneeID, ActiveOnly: true}},
		{"of an assignee, active or not", assignment.Query{AssigneeID: key.AssigneeID, Statuses: statuses}},
		{"of a subject, by status", assignment.Query{SubjectID: key.SubjectID, Statuses: statuses[:1]}},
		{"of an account", assignment.Query{AccountID: "1"}},
		{"due", assignment.Query{DueBefore: at()}},
		{"after", assignment.Query{After: assignment.Cursor{CreatedAt: at(), ID: id}}},
		{"after an ID that the column may not hold", assignment.Query{After: assignment.Cursor{CreatedAt: at(), ID: "x"}}},
		{"after no time", assignment.Query{After: assignment.Cursor{ID: id}}},
		{"after the latest time", assignment.Query{After: assignment.Cursor{ID: id, CreatedAt: latest()}}},
	} {
		q.query.Limit = 5
		list, matches, err := l.statements.List(q.query)
		if err != nil || !matches {
			fmt.Fprintf(l, "\n-- list %s\n-- Not sent: %v.\n", q.name, err)
			continue
		}
		l.sql("list "+q.name, "by List.", values(list), list.SQL)
		if count, _, _ := l.statements.Count(q.query); q.query.After.IsZero() {
			l.sql("count "+q.name, "by Count.", values(count), count.SQL)
		}
	}
}

func values(b sqlgen.Bound) []string {
	var values []string
	for _, arg := range b.Args {
		if t, ok := arg.(time.Time); ok {
			arg = t.Format(time.RFC3339Nano)
		}
		values = append(values, fmt.Sprint(arg))
	}
	return values
}
