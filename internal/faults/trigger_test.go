package faults_test

import (
	"sync/atomic"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/faultproxy"
	"github.com/assignment-go/assignment/internal/testdb"
)

// TestTrigger loses the first reply to each kind of creation on a table whose
// trigger sets a column, so that no row looks like its request. The call must
// find its row all the same.
func TestTrigger(t *testing.T) {
	for name, open := range map[string]func(*testing.T, string) assignment.Store{
		"pgx": openPgx, "pgx/stdlib": openSQL("pgx"), "lib/pq": openSQL("postgres"),
	} {
		t.Run(name, func(t *testing.T) { testTrigger(t, open) })
	}
}

func testTrigger(t *testing.T, open func(*testing.T, string) assignment.Store) {
	dsn := testdb.Schema(t)
	direct := service(t, migrated(t, dsn))
	if _, err := newPool(t, dsn).Exec(t.Context(), accountTrigger); err != nil {
		t.Fatal(err)
	}
	// lose is how many replies to commands arrive before one is lost; negative
	// when none is to be lost.
	var lose atomic.Int64
	lose.Store(-1)
	broken := service(t, open(t, proxied(t, dsn, func(m faultproxy.Message) faultproxy.Action {
		if m.From == faultproxy.Server && m.Type == 'C' && lose.Load() >= 0 && lose.Add(-1) == -1 {
			return faultproxy.Action{Kind: faultproxy.Swallow}
		}
		return faultproxy.Action{}
	})))
	batch := func(opts *assignment.BatchOptions) func(assignment.CreateParams) (assignment.Outcome, error) {
		return func(p assignment.CreateParams) (assignment.Outcome, error) {
			results, err := broken.CreateMany(t.Context(), []assignment.CreateParams{p}, opts)
			if err != nil {
				return 0, err
			}
			return results[0].Outcome, results[0].Err
		}
	}
	for _, c := range []struct {
		name string
		// before is how many replies the call gets before the one that is lost.
		before int64
		create func(assignment.CreateParams) (assignment.Outcome, error)
	}{
		{"Ensure", 0, func(p assignment.CreateParams) (assignment.Outcome, error) {
			result, err := broken.Ensure(t.Context(), p)
			return result.Outcome, err
		}},
		{"Replace", 0, func(p assignment.CreateParams) (assignment.Outcome, error) {
			result, err := broken.Replace(t.Context(), p, assignment.ReplaceParams{RetireTo: assignment.StatusCancelled})
			return result.Outcome, err
		}},
		{"CreateMany", 0, batch(nil)},
		{"COMMIT of all or nothing", 2, batch(&assignment.BatchOptions{AllOrNothing: true})}, // after BEGIN and INSERT
	} {
		for id, want := range map[assignment.ID]assignment.Outcome{
			"": assignment.OutcomeCreated, assignment.ID(c.name): assignment.OutcomeReplayed,
		} {
			t.Run(c.name+"/"+want.String(), func(t *testing.T) {
				key := assignment.Key{AssigneeID: c.name, SubjectID: want.String()}
				lose.Store(c.before)
				outcome, err := c.create(assignment.CreateParams{ID: id, Key: key})
				if lost := lose.Swap(-1); lost >= 0 {
					t.Error("no reply was lost, so this test has shown nothing")
				}
				if err != nil || outcome != want {
					t.Errorf("got %v, %v, want %v", outcome, err, want)
				}
				if a, err := direct.FindActive(t.Context(), key); err != nil || a.AccountID != "tenant-1" {
					t.Errorf("the row is %+v, %v", a, err)
				}
			})
		}
	}
}
