package postgres_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
)

// TestRulesOfTheOwner are unique indexes beside the guard that reject what the
// policy allows. New opens, and a write that meets one of them says which.
func TestRulesOfTheOwner(t *testing.T) {
	ana := assignment.CreateParams{Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}}
	ben := assignment.CreateParams{Key: assignment.Key{AssigneeID: "ben", SubjectID: "intake"}}
	cases := map[string]struct {
		rule string
		// first is there, and closed if it says so, when second is created
		first, second assignment.CreateParams
		close         bool
	}{
		"once_for_ever":               {`(assignee_id, subject_id)`, ana, ana, true},
		"not_cancelled":               {`(assignee_id, subject_id) WHERE status <> 'cancelled'`, ana, ana, true},
		"one_assignee_of_a_subject":   {`(subject_id) WHERE status NOT IN ('cancelled', 'completed')`, ana, ben, false},
		"one_subject_ever_in_any_way": {`(lower(subject_id))`, ana, ben, true},
	}
	for name, c := range cases {
		t.Run(name+"_is_kept_and_named", func(t *testing.T) {
			pool := mustMigrate(t)
			mustExec(t, pool, `CREATE UNIQUE INDEX owners_rule ON assignments `+c.rule)
			var log bytes.Buffer
			store, err := postgres.New(t.Context(), pool, &postgres.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(log.String(), "owners_rule") {
				t.Errorf("New logged %q", log.String())
			}
			service := mustService(t, store)
			a, err := service.Create(t.Context(), c.first)
			if err != nil {
				t.Fatal(err)
			}
			if c.close {
				if _, err := service.Complete(t.Context(), a.ID); err != nil {
					t.Fatal(err)
				}
			}
			_, err = service.Create(t.Context(), c.second)
			wantRule(t, err)
			_, err = service.Replace(t.Context(), c.second, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
			wantRule(t, err)
			free := assignment.CreateParams{Key: assignment.Key{AssigneeID: "cleo", SubjectID: "farewell"}}
			results, err := service.CreateMany(t.Context(), []assignment.CreateParams{c.second, free}, nil)
			if err != nil || len(results) != 2 || results[1].Err != nil {
				t.Fatalf("got %+v, %v", results, err)
			}
			wantRule(t, results[0].Err)
		})
	}
}

func wantRule(t *testing.T, err error) {
	t.Helper()
	invalid, ok := errors.AsType[*assignment.InvalidError](err)
	if !ok || invalid.Field != "owners_rule" {
		t.Errorf("got %v, want ErrInvalid naming the rule", err)
	}
}
