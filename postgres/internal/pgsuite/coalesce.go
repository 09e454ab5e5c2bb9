package pgsuite

import (
	"testing"
	"time"

	"github.com/assignment-go/assignment/postgres/internal/coalesce"
)

// Coalescing is a store on a pool of 32 connections whose calls share statements.
type Coalescing struct {
	Host

	// BeOptimistic makes the next Create send its insert without a lookup.
	BeOptimistic func()
	// Waiting is how many calls are part of a shared statement.
	Waiting func() int
	// Line is what the connections of the pool go through.
	Line *Line
}

// unhurried are bounds that no clock reaches: what happens when is up to the test.
func unhurried() coalesce.Bounds {
	const never = time.Hour
	return coalesce.Bounds{
		InProgress: 4, BatchSize: 256, FlushAfter: never, MaxAge: never, MaxWait: never, FlushTimeout: never,
	}
}

// Coalesce checks that calls which share statements share speed, and no failure.
// No bounds means those of a store in use.
func Coalesce(t *testing.T, open func(*testing.T, *coalesce.Bounds) Coalescing) {
	t.Helper()
	slow := unhurried()
	const known = `ALTER TABLE assignments ADD CHECK (account_id <> 'unknown')`
	t.Run("unhurried", func(t *testing.T) {
		for name, check := range map[string]func(*crowd){
			"inserts_share_a_transaction":                               (*crowd).shareTransactions,
			"a_slot_that_another_process_took_is_refused_alone":         (*crowd).refuseOne,
			"waits_for_locks_are_bounded_for_all_rows_together":         (*crowd).boundWaits,
			"a_caller_that_gives_up_early_withdraws_its_row":            (*crowd).withdraw,
			"a_caller_that_gives_up_late_costs_no_other_its_certainty":  (*crowd).giveUp,
			"what_the_table_refuses_fails_alone/check":                  refuse(known),
			"what_the_table_refuses_fails_alone/trigger":                refuse(raising("P0001")),
			"what_the_table_refuses_fails_alone/state_of_the_host":      refuse(raising("HOST1")),
			"what_the_table_refuses_fails_alone/state_of_another_class": refuse(raising("53100")),
			"what_the_table_refuses_fails_alone/privilege":              refuse(raising("42501")),
			"what_the_table_refuses_fails_alone/constraint_at_commit":   refuse(atCommit),
		} {
			t.Run(name, func(t *testing.T) { check(newCrowd(t, open(t, &slow))) })
		}
	})
	for name, check := range map[string]func(*crowd){
		"those_who_wait_for_a_transaction_hold_nobody_up":      (*crowd).whileSomeWait,
		"who_gives_up_before_there_is_a_connection_knows_that": (*crowd).giveUpWithoutConnection,
		"inserts_that_hang_hold_no_other_call_up":              (*crowd).hangInserts,
	} {
		t.Run(name, func(t *testing.T) { check(newCrowd(t, open(t, nil))) })
	}
	// batches of eight go at once, since the turn of others never comes
	eight := unhurried()
	eight.BatchSize, eight.MaxWait = 8, 20*time.Millisecond
	for name, check := range map[string]func(*crowd){
		"a_hanging_batch_of_inserts_holds_up_no_call_that_needs_it_not":   (*crowd).hangInsertBatch,
		"a_conflict_beside_a_hanging_batch_is_told_once_it_can_be_sure":   (*crowd).conflictBesideHanging,
		"a_conflict_beside_a_batch_that_hangs_for_good_is_never_believed": (*crowd).doubtBesideHanging,
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

// atCommit refuses rows when their transaction is committed.
const atCommit = `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'unknown account' USING ERRCODE = '23503'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON assignments DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.account_id = 'unknown') EXECUTE FUNCTION refuse()`

// raising refuses rows by a trigger that raises the SQLSTATE.
func raising(state string) string {
	return `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'unknown account' USING ERRCODE = '` + state + `'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON assignments
FOR EACH ROW WHEN (NEW.account_id = 'unknown') EXECUTE FUNCTION refuse()`
}

func refuse(rule string) func(*crowd) { return func(c *crowd) { c.refuseAccounts(rule) } }
