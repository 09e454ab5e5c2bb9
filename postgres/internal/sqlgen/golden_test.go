package sqlgen_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqlgen"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden compares every statement of some tables with a file, so that a change
// of the SQL is seen in review. After one: go test ./postgres/internal/sqlgen -update.
func TestGolden(t *testing.T) {
	for name, table := range tables() {
		t.Run(name, func(t *testing.T) {
			got := dump(t, table)
			file := filepath.Join("testdata", name+".sql")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the statements differ from %s at %s", file, difference(got, string(want)))
			}
		})
	}
}

func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return fmt.Sprintf("line %d: %s", i+1, g[i])
		}
	}
	return "its end"
}

// dumper writes statements with their parameters.
type dumper struct {
	strings.Builder

	in *sqlgen.Input
}

func (d *dumper) bound(name string, b sqlgen.Bound) {
	fmt.Fprintf(d, "-- %s\n%s;\n", name, b.SQL)
	for n, arg := range b.Args {
		fmt.Fprintf(d, "-- $%d = %v\n", n+1, arg)
	}
	d.WriteString("\n")
}

func (d *dumper) statement(name string, s sqlgen.Statement) { d.bound(name, s.Bind(d.in)) }

func (d *dumper) pair(name string, p sqlgen.InsertPair) {
	d.statement(name, p.Usual)
	if !p.Lock.IsZero() {
		d.statement(name+", lock", p.Lock)
	}
	d.statement(name+", exact", p.Exact)
}

// at has more digits than any column.
func at() time.Time { return time.Date(2020, time.January, 2, 3, 4, 5, 678_912_345, time.UTC) }

const id = "3f0c8b0e-1111-4222-8333-123456789abc"

// row is a new row with all that the table can store.
func row(table table) *assignment.Assignment {
	a := &assignment.Assignment{
		ID: id, Key: assignment.Key{AssigneeID: "17", SubjectID: "18"}, Status: assignment.StatusPending,
		CreatedAt: at(), UpdatedAt: at(), Version: 1,
	}
	c := table.report.Table.Columns
	if table.report.Table.DatabaseIDs {
		a.ID = ""
	}
	if c.DueAt != "" {
		a.DueAt = at().Add(time.Hour)
	}
	if c.AssignedBy != "" {
		a.AssignedBy = "lead"
	}
	if c.Metadata != "" {
		a.Metadata = map[string]any{"a": 1}
	}
	if c.Request != "" {
		a.Request = "fingerprint"
	}
	return a
}

func dump(t *testing.T, table table) string {
	t.Helper()
	l := assignment.DefaultLifecycle()
	s := sqlgen.New(table.report.Table, l)
	if table.report.Catalog != nil {
		s = s.Learn(table.report)
	}
	d := &dumper{in: &sqlgen.Input{}}
	if err := s.Encode(d.in, row(table)); err != nil {
		t.Fatal(err)
	}
	d.in.Change = assignment.Change{AssigneeID: "19", At: at(), IfVersion: 3}
	d.in.Locked = 1
	d.pair("create", s.Create)
	d.statement("insert one", s.InsertOne)
	dumpBatches(t, d, s, table)
	d.statement("get", s.Get)
	d.bound("get many", s.GetMany([]assignment.ID{id, "other"}))
	d.statement("find active", s.FindActive)
	d.statement("lock", s.Lock)
	d.statement("reassign", s.Reassign)
	for _, to := range l.Statuses() {
		transition, _ := s.Transition(to)
		d.statement("transition to "+string(to), transition)
		if replace, terminal := s.Replace(to); terminal {
			d.pair("replace, retire to "+string(to), replace)
		}
	}
	dumpQueries(d, s)
	d.bound("guard", sqlgen.Bound{SQL: s.CreateGuard()})
	return d.String()
}

func dumpBatches(t *testing.T, d *dumper, s *sqlgen.Statements, table table) {
	t.Helper()
	if !s.CanBatch() {
		return
	}
	other := &sqlgen.Input{}
	a := row(table)
	a.Key.SubjectID, a.DueAt = "20", time.Time{}
	if err := s.Encode(other, a); err != nil {
		t.Fatal(err)
	}
	d.bound("insert batch", s.InsertBatch([]*sqlgen.Input{d.in, other}))
	d.bound("create many", s.CreateMany(sqlgen.Trusting, []*sqlgen.Input{d.in, other}))
	d.bound("create many, uniform", s.CreateMany(sqlgen.Trusting, []*sqlgen.Input{d.in, d.in}))
	d.bound("create many, careful", s.CreateMany(sqlgen.Careful, []*sqlgen.Input{d.in, other}))
	d.bound("create many, careful, uniform", s.CreateMany(sqlgen.Careful, []*sqlgen.Input{d.in, d.in}))
}

func dumpQueries(d *dumper, s *sqlgen.Statements) {
	latest := time.Date(9999, time.December, 31, 23, 59, 59, 999_999_000, time.UTC)
	statuses := []assignment.Status{assignment.StatusPending, assignment.StatusCompleted}
	for _, q := range []struct {
		name  string
		query assignment.Query
	}{
		{"all", assignment.Query{}},
		{"of an assignee", assignment.Query{AssigneeID: "17"}},
		{"of an assignee, active", assignment.Query{AssigneeID: "17", ActiveOnly: true}},
		{"of an assignee, of both sides", assignment.Query{AssigneeID: "17", Statuses: statuses}},
		{"of a subject", assignment.Query{SubjectID: "18", Statuses: statuses[:1]}},
		{"of an account", assignment.Query{AccountID: "1"}},
		{"due", assignment.Query{DueBefore: at()}},
		{"after", assignment.Query{After: assignment.Cursor{CreatedAt: at(), ID: id}}},
		{"after an ID that the column can't hold", assignment.Query{After: assignment.Cursor{CreatedAt: at(), ID: "x"}}},
		{"after no time", assignment.Query{After: assignment.Cursor{ID: id}}},
		{"after the latest time", assignment.Query{After: assignment.Cursor{ID: id, CreatedAt: latest}}},
	} {
		q.query.Limit = 5
		list, matches, err := s.List(q.query)
		if err != nil || !matches {
			fmt.Fprintf(d, "-- list %s: %v, %v\n\n", q.name, matches, err)
			continue
		}
		d.bound("list "+q.name, list)
		if count, _, _ := s.Count(q.query); q.query.After.IsZero() {
			d.bound("count "+q.name, count)
		}
	}
}
