package pgsuite

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

// Contention checks that waiting for a lock is never mistaken for a conflict,
// and that what could not be known is said to be unknown.
func Contention(t *testing.T, open func(*testing.T) Host) {
	t.Helper()
	for _, timeout := range []string{"lock_timeout", "statement_timeout"} {
		t.Run(timeout+"_is_contention_and_leaves_the_transaction_usable", func(t *testing.T) {
			newContention(t, open(t)).timesOut(timeout)
		})
	}
	t.Run("a_competitor_that_rolls_back_leaves_the_slot", func(t *testing.T) {
		c := newContention(t, open(t))
		err := c.whileCompetitorWaits(func(competitor Tx) error { return competitor.Rollback(t.Context()) })
		if err != nil {
			t.Errorf("got %v, want the slot", err)
		}
	})
	t.Run("a_competitor_that_commits_wins", func(t *testing.T) {
		c := newContention(t, open(t))
		err := c.whileCompetitorWaits(func(competitor Tx) error { return competitor.Commit(t.Context()) })
		if !errors.Is(err, assignment.ErrActiveExists) {
			t.Errorf("got %v, want ErrActiveExists", err)
		}
	})
	t.Run("a_deadline_while_waiting_is_unknown_or_certain_but_never_a_conflict", func(t *testing.T) {
		newContention(t, open(t)).deadlinePasses()
	})
	t.Run("a_read_whose_deadline_passes_returns_the_contexts_error", func(t *testing.T) {
		newContention(t, open(t)).readTimesOut()
	})
	t.Run("a_deadlock_inside_two_transactions_restarts_one", func(t *testing.T) {
		newContention(t, open(t)).deadlocks()
	})
}

type contention struct {
	t       *testing.T
	host    Host
	service *assignment.Service
}

func newContention(t *testing.T, h Host) contention {
	t.Helper()
	return contention{t, h, mustService(t, h.Joinable)}
}

func (c contention) begin() (Tx, *assignment.Service) {
	c.t.Helper()
	tx := mustBegin(c.t, c.host)
	return tx, c.service.WithStore(tx.Store)
}

// competitor holds the slot "taken" in a transaction that has not committed.
func (c contention) competitor() Tx {
	c.t.Helper()
	tx, service := c.begin()
	if _, err := service.Create(c.t.Context(), taken()); err != nil {
		c.t.Fatal(err)
	}
	return tx
}

func (c contention) timesOut(setting string) {
	competitor := c.competitor()
	tx, service := c.begin()
	if err := tx.Exec(c.t.Context(), "SET LOCAL "+setting+" = '100ms'"); err != nil {
		c.t.Fatal(err)
	}
	_, err := service.Create(c.t.Context(), taken())
	if !errors.Is(err, assignment.ErrContended) || errors.Is(err, assignment.ErrActiveExists) {
		c.t.Errorf("got %v, want ErrContended", err)
	}
	if err := errors.Join(tx.Commit(c.t.Context()), competitor.Rollback(c.t.Context())); err != nil {
		c.t.Errorf("a transaction was spoiled: %v", err)
	}
}

// whileCompetitorWaits starts a Create that blocks behind the competitor, ends the competitor
// and returns what the Create returned.
func (c contention) whileCompetitorWaits(end func(Tx) error) error {
	competitor := c.competitor()
	result := make(chan error, 1)
	go func() {
		_, err := c.service.Create(c.t.Context(), taken())
		result <- err
	}()
	c.awaitWaiter(competitor)
	if err := end(competitor); err != nil {
		c.t.Fatal(err)
	}
	return <-result
}

// untilBlocked is a statement that ends once somebody waits for a lock that its
// session holds.
const untilBlocked = `DO $$ BEGIN
  FOR i IN 1..24000 LOOP
    PERFORM pg_stat_clear_snapshot();
    IF EXISTS (SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))) THEN RETURN; END IF;
    PERFORM pg_sleep(0.005);
  END LOOP;
  RAISE EXCEPTION 'nobody waits';
END $$`

// awaitWaiter returns once somebody waits for a lock that the competitor holds.
func (c contention) awaitWaiter(competitor Tx) {
	c.t.Helper()
	if err := competitor.Exec(c.t.Context(), untilBlocked); err != nil {
		c.t.Fatal(err)
	}
}

func (c contention) readTimesOut() {
	competitor, _ := c.begin()
	if err := competitor.Exec(c.t.Context(), "LOCK TABLE assignments IN ACCESS EXCLUSIVE MODE"); err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := c.service.Get(ctx, "any")
	if !errors.Is(err, context.DeadlineExceeded) || isSentinel(err) {
		c.t.Errorf("got %v, want the context's error and no sentinel", err)
	}
}

func (c contention) deadlinePasses() {
	competitor := c.competitor()
	ctx, cancel := context.WithTimeout(c.t.Context(), 200*time.Millisecond)
	defer cancel()
	params := taken()
	params.ID = "018f0000-0000-7000-8000-000000000001"
	_, err := c.service.Create(ctx, params)
	isUnknown := errors.Is(err, assignment.ErrUnknownOutcome)
	if errors.Is(err, assignment.ErrActiveExists) || isUnknown == errors.Is(err, context.DeadlineExceeded) {
		c.t.Errorf("got %v, want an unknown outcome or the context's error, and no conflict", err)
	}
	if unknown, ok := errors.AsType[*assignment.UnknownOutcomeError](err); ok && unknown.ID != params.ID {
		c.t.Errorf("unknown outcome of %q, want %q", unknown.ID, params.ID)
	}
	if err := competitor.Rollback(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.service.Create(c.t.Context(), params); err != nil {
		c.t.Errorf("the same call again returned %v, want it to resolve the matter", err)
	}
}

// deadlocks lets two transactions take two slots in opposite order.
func (c contention) deadlocks() {
	first, firstService := c.begin()
	second, secondService := c.begin()
	create := func(s *assignment.Service, assignee string) error {
		_, err := s.Create(c.t.Context(), assignment.CreateParams{Key: assignment.Key{AssigneeID: assignee, SubjectID: "s"}})
		return err
	}
	if err := errors.Join(create(firstService, "a"), create(secondService, "b")); err != nil {
		c.t.Fatal(err)
	}
	results := make(chan error, 1)
	go func() { results <- c.orRollback(first, create(firstService, "b")) }()
	err := c.orRollback(second, create(secondService, "a"))
	other := <-results
	if errors.Is(err, assignment.ErrRetryTransaction) == errors.Is(other, assignment.ErrRetryTransaction) {
		c.t.Errorf("got %v and %v, want exactly one ErrRetryTransaction", err, other)
	}
	if err := errors.Join(err, other); errors.Is(err, assignment.ErrActiveExists) {
		c.t.Errorf("a deadlock was called a conflict: %v", err)
	}
}

// orRollback ends a transaction that was told to restart, so that the other
// goes on.
func (c contention) orRollback(tx Tx, err error) error {
	if errors.Is(err, assignment.ErrRetryTransaction) {
		_ = tx.Rollback(c.t.Context())
	}
	return err
}
