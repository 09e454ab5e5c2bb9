package pgsuite

import (
	"testing"
	"time"

	"github.com/assignment-go/assignment/postgres/internal/coalesce"
)

// Coalescing is a store on a pool of 32 connections whose Creates share inserts.
type Coalescing struct {
	Host

	// BeOptimistic makes the next Create send its insert without a lookup.
	BeOptimistic func()
	// Waiting is how many Creates are in batches. It is there for the bounds of a test.
	Waiting func() int
	// Line is what the connections of the pool go through.
	Line *Line
}

// withoutTimeouts are bounds that no test reaches: what happens when is up to the test.
func withoutTimeouts() coalesce.Bounds {
	const never = time.Hour
	return coalesce.Bounds{
		InProgress: 4, BatchSize: 256, FlushAfter: never, MaxAge: never, MaxWait: never, FlushTimeout: never,
	}
}

// Coalesce checks that Creates which share inserts are faster, and fail no differently.
// No bounds means those of a store in use.
func Coalesce(t *testing.T, open func(*testing.T, *coalesce.Bounds) Coalescing) {
	t.Helper()
	bounds := withoutTimeouts()
	const known = `ALTER TABLE assignments ADD CHECK (account_id <> 'unknown')`
	t.Run("without_timeouts", func(t *testing.T) {
		for name, check := range map[string]func(*crowd){
			"inserts_share_a_transaction":                                       (*crowd).shareTransactions,
			"a_slot_that_another_process_took_is_a_conflict_for_its_call_alone": (*crowd).conflictForOne,
			"waits_for_locks_are_bounded_for_all_rows_together":                 (*crowd).boundWaits,
			"a_caller_that_gives_up_early_cancels_its_row":                      (*crowd).cancelRows,
			"a_caller_that_gives_up_late_makes_no_other_outcome_unknown":        (*crowd).giveUp,
			"a_row_that_the_table_rejects_fails_alone/check":                    reject(known),
			"a_row_that_the_table_rejects_fails_alone/trigger":                  reject(raising("P0001")),
			"a_row_that_the_table_rejects_fails_alone/state_of_the_host":        reject(raising("HOST1")),
			"a_row_that_the_table_rejects_fails_alone/state_of_another_class":   reject(raising("53100")),
			"a_row_that_the_table_rejects_fails_alone/privilege":                reject(raising("42501")),
			"a_row_that_the_table_rejects_fails_alone/constraint_at_commit":     reject(atCommit),
		} {
			t.Run(name, func(t *testing.T) { check(newCrowd(t, open(t, &bounds))) })
		}
	})
	for name, check := range map[string]func(*crowd){
		"calls_that_wait_for_a_transaction_delay_no_others":               (*crowd).whileSomeWait,
		"a_caller_that_gives_up_before_there_is_a_connection_learns_that": (*crowd).giveUpWithoutConnection,
		"inserts_that_hang_delay_no_other_call":                           (*crowd).hangInserts,
	} {
		t.Run(name, func(t *testing.T) { check(newCrowd(t, open(t, nil))) })
	}
	// batches of eight are flushed at once, and others never
	eight := withoutTimeouts()
	eight.BatchSize, eight.MaxWait = 8, 20*time.Millisecond
	for name, check := range map[string]func(*crowd){
		"a_batch_that_hangs_delays_no_call_that_can_do_without_it":            (*crowd).hangInsertBatch,
		"a_conflict_beside_a_batch_that_hangs_is_returned_once_it_is_certain": (*crowd).conflictBesideHanging,
		"a_conflict_beside_a_batch_that_hangs_for_good_is_an_unknown_outcome": (*crowd).unknownBesideHanging,
	} {
		t.Run(name, func(t *testing.T) { check(newCrowd(t, open(t, &eight))) })
	}
}

func newCrowd(t *testing.T, c Coalescing) *crowd {
	t.Helper()
	return &crowd{Coalescing: c, t: t, host: c.Host, service: mustService(t, c.Joinable)}
}

// NotCoalescing checks that each call of the store is a transaction of its own.
func NotCoalescing(t *testing.T, h Host) {
	t.Helper()
	c := newCrowd(t, Coalescing{Host: h})
	c.seeFree(t.Context())
	c.wantCreated(c.createAtOnce(t.Context(), 200, nil))
	if err := c.transactions(200); err != nil {
		t.Error(err)
	}
}

// atCommit rejects rows when their transaction is committed.
const atCommit = `CREATE FUNCTION reject_row() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'unknown account' USING ERRCODE = '23503'; END $$;
CREATE CONSTRAINT TRIGGER reject_row AFTER INSERT ON assignments DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.account_id = 'unknown') EXECUTE FUNCTION reject_row()`

// raising rejects rows by a trigger that raises the SQLSTATE.
func raising(state string) string {
	return `CREATE FUNCTION reject_row() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'unknown account' USING ERRCODE = '` + state + `'; END $$;
CREATE TRIGGER reject_row BEFORE INSERT ON assignments
FOR EACH ROW WHEN (NEW.account_id = 'unknown') EXECUTE FUNCTION reject_row()`
}

func reject(rule string) func(*crowd) { return func(c *crowd) { c.rejectAccounts(rule) } }
