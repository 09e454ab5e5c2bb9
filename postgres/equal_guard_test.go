package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/schema"
)

// TestGuardThatIsEqualUnderAConstraint opens the store on an index that lists the
// active statuses, which is the expected guard only as long as there are no others.
func TestGuardThatIsEqualUnderAConstraint(t *testing.T) {
	const table = `CREATE TABLE runs (id text PRIMARY KEY, owner text NOT NULL, course text NOT NULL, status %);
CREATE UNIQUE INDEX one_at_a_time ON runs (owner, course) WHERE status IN ('ACTIVE', 'PAUSED')`
	for name, status := range map[string]func(t *testing.T, pool *pgxpool.Pool) string{
		"check": func(*testing.T, *pgxpool.Pool) string {
			return `varchar(20) NOT NULL CHECK (status IN ('ACTIVE', 'PAUSED', 'ENDED'))`
		},
		"enum_that_the_search_path_does_not_show": func(t *testing.T, _ *pgxpool.Pool) string {
			t.Helper()
			other := mustPoolOn(t, testdb.Schema(t))
			mustExec(t, other, `CREATE TYPE "Run State" AS ENUM ('ACTIVE', 'PAUSED', 'ENDED')`)
			var name string
			if err := other.QueryRow(t.Context(), `SELECT current_schema()`).Scan(&name); err != nil {
				t.Fatal(err)
			}
			return `"` + name + `"."Run State" NOT NULL`
		},
	} {
		t.Run(name, func(t *testing.T) {
			pool := mustPool(t)
			mustExec(t, pool, strings.Replace(table, "%", status(t, pool), 1))
			lifecycle, err := assignment.NewLifecycle(assignment.LifecycleConfig{
				Initial: "ACTIVE", Terminal: []assignment.Status{"ENDED"},
				Transitions: map[assignment.Status][]assignment.Status{
					"ACTIVE": {"PAUSED", "ENDED"}, "PAUSED": {"ACTIVE", "ENDED"}, "ENDED": {"ACTIVE"},
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			store, err := postgres.New(t.Context(), pool, &postgres.Options{Policy: assignment.Policy{Lifecycle: lifecycle}, Table: &schema.Table{
				Name: "runs", Columns: schema.Columns{ID: "id", AssigneeID: "owner", SubjectID: "course", Status: "status"},
			}})
			if err != nil {
				t.Fatal(err)
			}
			service := mustService(t, store)
			params := assignment.CreateParams{Key: assignment.Key{AssigneeID: "ana", SubjectID: "go"}}
			a, err := service.Create(t.Context(), params)
			if err != nil {
				t.Fatal(err)
			}
			conflict := func(err error) {
				t.Helper()
				if held, ok := errors.AsType[*assignment.ActiveExistsError](err); !ok || held.Existing.ID != a.ID {
					t.Errorf("got %v, want a conflict with %s", err, a.ID)
				}
			}
			if _, err := service.Transition(t.Context(), a.ID, "PAUSED"); err != nil {
				t.Error(err)
			}
			_, err = service.Create(t.Context(), params)
			conflict(err)
			if _, err := service.Transition(t.Context(), a.ID, "ENDED"); err != nil {
				t.Error(err)
			}
			b, err := service.Create(t.Context(), params)
			if err != nil {
				t.Fatal(err)
			}
			first := a.ID
			a = b
			_, err = service.Transition(t.Context(), first, "ACTIVE")
			conflict(err)
			other, err := service.Create(t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: "ben", SubjectID: "go"}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = service.Reassign(t.Context(), other.ID, "ana")
			conflict(err)
			if _, err := service.Reassign(t.Context(), other.ID, "cleo"); err != nil {
				t.Error(err)
			}
			results, err := service.CreateMany(t.Context(), []assignment.CreateParams{params, {Key: assignment.Key{AssigneeID: "dan", SubjectID: "go"}}}, nil)
			if err != nil || len(results) != 2 || results[1].Err != nil {
				t.Errorf("got %+v, %v", results, err)
			} else {
				conflict(results[0].Err)
			}
			if _, err := service.Replace(t.Context(), params, assignment.ReplaceParams{RetireTo: "ENDED"}); err != nil {
				t.Error(err)
			}
			if n, err := service.Count(t.Context(), assignment.Query{AssigneeID: "ana"}); err != nil || n != 3 {
				t.Errorf("got %d rows, %v", n, err)
			}
		})
	}
}
