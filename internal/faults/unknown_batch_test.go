package faults_test

import (
	"errors"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/testdb"
)

// TestUnknownBatch delays the first INSERT of a batch, on a table with another
// unique index, which one item violates. The store divides the batch to find that
// item, and must not forget that the first INSERT may still arrive.
func TestUnknownBatch(t *testing.T) {
	for name, open := range map[string]func(*testing.T, string) assignment.Store{
		"pgx": openPgx, "pgx/stdlib": openSQL("pgx"), "lib/pq": openSQL("postgres"),
	} {
		t.Run(name, func(t *testing.T) { testUnknownBatch(t, open) })
	}
}

func testUnknownBatch(t *testing.T, open func(*testing.T, string) assignment.Store) {
	dsn := testdb.Schema(t)
	direct := service(t, migrated(t, dsn))
	if _, err := newPool(t, dsn).Exec(t.Context(), "CREATE UNIQUE INDEX ON assignments (account_id)"); err != nil {
		t.Fatal(err)
	}
	taken := assignment.CreateParams{ID: "theirs", Key: assignment.Key{AssigneeID: "ana", SubjectID: "intake"}, AccountID: "7"}
	if _, err := direct.Create(t.Context(), taken); err != nil {
		t.Fatal(err)
	}
	lateDSN, _ := late(t, dsn) // the first INSERT never arrives, which the store can't know
	results, err := service(t, open(t, lateDSN)).CreateMany(t.Context(), []assignment.CreateParams{
		{ID: "mine", Key: taken.Key},
		{ID: "other", Key: assignment.Key{AssigneeID: "ben", SubjectID: "intake"}},
		{ID: "twice", Key: assignment.Key{AssigneeID: "cleo", SubjectID: "intake"}, AccountID: taken.AccountID},
	}, nil)
	if !errors.Is(err, assignment.ErrUnknownOutcome) || len(results) != 3 {
		t.Fatalf("got %d results, %v, want ErrUnknownOutcome", len(results), err)
	}
	for _, i := range []int{0, 2} {
		if err := results[i].Err; !errors.Is(err, assignment.ErrUnknownOutcome) ||
			errors.Is(err, assignment.ErrActiveExists) || errors.Is(err, assignment.ErrInvalid) {
			t.Errorf("item %d: got %v, want ErrUnknownOutcome and nothing else", i, err)
		}
	}
	if results[1].Err != nil {
		t.Errorf("an item that was created: %v", results[1].Err)
	}
}
