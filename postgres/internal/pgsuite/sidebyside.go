package pgsuite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

// RejectRejected is a rule of the host's own, by which rows of the account
// "rejected" are rejected.
const RejectRejected = `ALTER TABLE assignments ADD CONSTRAINT no_rejected CHECK (account_id <> 'rejected')`

const (
	// workersPerStore call one store at the same time, rounds times each.
	workersPerStore = 3
	rounds          = 12
)

// SideBySide calls several stores on one connection at the same time. What they
// create must not get lost in what another store undoes meanwhile. The table
// must have the rule RejectRejected; commit, if any, ends the transaction that
// the stores are in, and then committed must have all that was told created.
func SideBySide(t *testing.T, stores []Joinable, commit func(context.Context) error, committed assignment.Store) {
	t.Helper()
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		told []assignment.ID
	)
	for i, store := range stores {
		service, err := assignment.NewService(store, nil)
		if err != nil {
			t.Fatal(err)
		}
		for w := range workersPerStore {
			wg.Go(func() {
				created := sideBySide(t, service, fmt.Sprintf("%d-%d", i, w))
				mu.Lock()
				defer mu.Unlock()
				told = append(told, created...)
			})
		}
	}
	wg.Wait()
	if commit != nil {
		if err := commit(t.Context()); err != nil {
			t.Fatalf("commit: %v", err)
		}
	}
	if want := len(stores) * workersPerStore * rounds * 3; len(told) != want {
		t.Errorf("%d rows were told created, want %d", len(told), want)
	}
	missing := 0
	for _, id := range told {
		if _, err := committed.Get(t.Context(), id); err != nil {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of the %d rows told created are missing", missing, len(told))
	}
}

// sideBySide mixes creates, changes and batches with rejected ones, and returns
// what it was told to be created.
func sideBySide(t *testing.T, service *assignment.Service, assignee string) (told []assignment.ID) {
	t.Helper()
	params := func(subject, account string) assignment.CreateParams {
		return assignment.CreateParams{
			Key: assignment.Key{AssigneeID: assignee, SubjectID: subject}, AccountID: account,
		}
	}
	for round := range rounds {
		a, err := service.Create(t.Context(), params(fmt.Sprintf("%d-single", round), ""))
		if err != nil {
			t.Errorf("create: %v", err)
			return told
		}
		told = append(told, a.ID)
		if _, err := service.Create(t.Context(), params("rejected", "rejected")); !errors.Is(err, assignment.ErrInvalid) {
			t.Errorf("got %v, want ErrInvalid", err)
		}
		if _, err := service.Complete(t.Context(), a.ID); err != nil {
			t.Errorf("complete: %v", err)
		}
		batch := []assignment.CreateParams{
			params(fmt.Sprintf("%d-first", round), ""), params(fmt.Sprintf("%d-second", round), ""),
		}
		all := &assignment.BatchOptions{AllOrNothing: true}
		results, err := service.CreateMany(t.Context(), batch, all)
		if err != nil {
			t.Errorf("create many: %v", err)
			return told
		}
		for _, r := range results {
			told = append(told, r.ID)
		}
		batch = []assignment.CreateParams{params("never", ""), params("rejected", "rejected")}
		if _, err := service.CreateMany(t.Context(), batch, all); !errors.Is(err, assignment.ErrInvalid) {
			t.Errorf("got %v, want ErrInvalid", err)
		}
	}
	return told
}

// EndsWithContext calls a service whose connection is in use.
func EndsWithContext(t *testing.T, service *assignment.Service) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := service.Create(ctx, assignment.CreateParams{Key: assignment.Key{AssigneeID: "waits", SubjectID: "s"}})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, assignment.ErrUnknownOutcome) ||
		errors.Is(err, assignment.ErrRetryTransaction) {
		t.Errorf("got %v, want the context's error alone: nothing was sent", err)
	}
}
