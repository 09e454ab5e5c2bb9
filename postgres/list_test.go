package postgres_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
)

// lastStatement remembers what a connection has sent last.
type lastStatement struct{ pgx.TraceQueryStartData }

func (l *lastStatement) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	l.TraceQueryStartData = data
	return ctx
}

func (l *lastStatement) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// mustHistory fills a migrated table with 50 rows of each of 400 assignees, of
// which every tenth is active.
func mustHistory(t *testing.T, l assignment.Lifecycle) (*assignment.Service, *pgx.Conn, *lastStatement) {
	t.Helper()
	config, err := pgx.ParseConfig(testdb.Schema(t))
	if err != nil {
		t.Fatal(err)
	}
	last := &lastStatement{}
	config.Tracer = last
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	opts := &postgres.Options{Policy: assignment.Policy{Lifecycle: l}}
	if err := postgres.Migrate(t.Context(), conn, opts); err != nil {
		t.Fatal(err)
	}
	mustExec(t, conn, `INSERT INTO assignments (id, assignee_id, subject_id, status, created_at, updated_at)
SELECT 'id-' || i, 'counselor-' || i % 400, 'scenario-' || i, CASE i / 400 % 10 WHEN 0 THEN 'pending' ELSE 'completed' END, now(), now()
FROM generate_series(1, 20000) AS i`)
	mustExec(t, conn, `ANALYZE assignments`)
	store, err := postgres.NewConn(t.Context(), conn, opts)
	if err != nil {
		t.Fatal(err)
	}
	return mustService(t, store), conn, last
}

func mustPlan(t *testing.T, conn *pgx.Conn, s pgx.TraceQueryStartData) string {
	t.Helper()
	rows, err := conn.Query(t.Context(), "EXPLAIN "+s.SQL, s.Args...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// Lists of one assignee must not depend on how many rows the others have.
func TestListsOfOneAssignee(t *testing.T) {
	const guard, history = "assignments_active_key", "assignments_history_idx"
	of := func(q assignment.Query) assignment.Query {
		q.AssigneeID = "counselor-7"
		return q
	}
	cases := map[string]struct {
		query   assignment.Query
		indexes []string
		rows    int64
	}{
		"all_use_both_indexes":                {assignment.Query{}, []string{guard, history}, 50},
		"both_kinds_of_status_use_both":       {assignment.Query{Statuses: []assignment.Status{"pending", "completed"}}, []string{guard, history}, 50},
		"of_one_subject_use_both":             {assignment.Query{SubjectID: "scenario-407"}, []string{guard, history}, 1},
		"active_ones_use_the_guard":           {assignment.Query{ActiveOnly: true}, []string{guard}, 5},
		"those_of_active_statuses_use_it_too": {assignment.Query{Statuses: []assignment.Status{"pending", "in_progress"}}, []string{guard}, 5},
		"terminal_ones_use_the_history":       {assignment.Query{Statuses: []assignment.Status{"completed"}}, []string{history}, 45},
	}
	for name, l := range map[string]assignment.Lifecycle{
		"default_lifecycle": assignment.DefaultLifecycle(), "only_completed_is_terminal": assignment.CompletedOnlyLifecycle(),
	} {
		t.Run(name, func(t *testing.T) {
			service, conn, last := mustHistory(t, l)
			check := func(t *testing.T, indexes []string) {
				t.Helper()
				plan := mustPlan(t, conn, last.TraceQueryStartData)
				for _, index := range []string{guard, history, "assignments_created_at_idx", "Seq Scan"} {
					if want := strings.Contains(strings.Join(indexes, " "), index); strings.Contains(plan, index) != want {
						t.Errorf("%s: want %v\n%s", index, want, plan)
					}
				}
			}
			for name, c := range cases {
				t.Run(name, func(t *testing.T) {
					var listed int64
					for _, err := range service.List(t.Context(), of(c.query)) {
						if err != nil {
							t.Fatal(err)
						}
						listed++
					}
					check(t, c.indexes)
					n, err := service.Count(t.Context(), of(c.query))
					if err != nil || n != c.rows || listed != c.rows {
						t.Errorf("counted %d and listed %d, %v; want %d", n, listed, err, c.rows)
					}
					check(t, c.indexes)
				})
			}
		})
	}
}
