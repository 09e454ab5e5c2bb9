package pgsuite

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

// Sharing checks a store on a pool of 32 connections whose calls may share
// statements: they share speed, and no failure.
func Sharing(t *testing.T, open func(*testing.T) Host) {
	t.Helper()
	for name, check := range map[string]func(*crowd){
		"fewer_transactions_than_calls":                        (*crowd).shareTransactions,
		"a_slot_that_another_process_took_is_refused_alone":    (*crowd).refuseOne,
		"those_who_wait_for_a_transaction_hold_nobody_up":      (*crowd).whileSomeWait,
		"who_gives_up_wrote_nothing_or_says_it_is_not_known":   (*crowd).giveUp,
		"waits_for_locks_are_bounded_for_all_rows_together":    (*crowd).boundWaits,
		"who_gives_up_before_there_is_a_connection_knows_that": (*crowd).giveUpWithoutConnection,
		"what_the_table_refuses_at_once_fails_alone": func(c *crowd) {
			c.refuseAccounts(`ALTER TABLE assignments ADD CHECK (account_id <> 'unknown')`)
		},
		"what_the_table_refuses_at_commit_fails_alone": func(c *crowd) {
			c.refuseAccounts(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
				$$ BEGIN RAISE EXCEPTION 'unknown account' USING ERRCODE = '23503'; END $$;
				CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON assignments DEFERRABLE INITIALLY DEFERRED
				FOR EACH ROW WHEN (NEW.account_id = 'unknown') EXECUTE FUNCTION refuse()`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			check(&crowd{t: t, host: h, service: mustService(t, h.Joinable)})
		})
	}
}

// NotSharing checks that each call of the store is a transaction of its own.
func NotSharing(t *testing.T, h Host) {
	t.Helper()
	c := &crowd{t: t, host: h, service: mustService(t, h.Joinable)}
	c.wantCreated(c.create(t.Context(), 200, nil))
	if err := c.transactions("= 200"); err != nil {
		t.Error(err)
	}
}

// crowd is many creates at once, by a store that found the last slots free.
type crowd struct {
	t       *testing.T
	host    Host
	service *assignment.Service
	rounds  int
}

// outcomes are those of the calls of one round.
type outcomes struct {
	created []assignment.Assignment
	errs    []error
}

func (c *crowd) key(round, call int) assignment.Key {
	return assignment.Key{AssigneeID: "crowd " + strconv.Itoa(round), SubjectID: strconv.Itoa(call)}
}

// create calls Create for n new keys at once, each prepared by the caller, after
// enough others that found their slots free.
func (c *crowd) create(ctx context.Context, n int, prepare func(call int, p *assignment.CreateParams)) (wait func() outcomes) {
	c.t.Helper()
	c.calm(ctx)
	return c.createAtOnce(ctx, n, prepare)
}

// calm finds enough slots free.
func (c *crowd) calm(ctx context.Context) {
	c.t.Helper()
	const enough = 70
	c.rounds++
	for i := range enough {
		if _, err := c.service.Create(ctx, newSlot("calm "+strconv.Itoa(c.rounds), i)); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *crowd) createAtOnce(
	ctx context.Context, n int, prepare func(call int, p *assignment.CreateParams),
) (wait func() outcomes) {
	out := outcomes{make([]assignment.Assignment, n), make([]error, n)}
	var wg sync.WaitGroup
	for i := range n {
		p := assignment.CreateParams{Key: c.key(c.rounds, i)}
		if prepare != nil {
			prepare(i, &p)
		}
		wg.Go(func() { out.created[i], out.errs[i] = c.service.Create(ctx, p) })
	}
	return func() outcomes {
		wg.Wait()
		return out
	}
}

func (c *crowd) wantCreated(wait func() outcomes) {
	c.t.Helper()
	out := wait()
	for i, err := range out.errs {
		if err != nil {
			c.t.Errorf("call %d: %v", i, err)
			continue
		}
		c.wantKept(out.created[i])
	}
}

func (c *crowd) wantKept(a assignment.Assignment) {
	c.t.Helper()
	kept, err := c.service.Get(c.t.Context(), a.ID)
	if err != nil || !kept.SameRequest(a) || kept.Status != a.Status || !kept.CreatedAt.Equal(a.CreatedAt) || kept.Version != a.Version {
		c.t.Errorf("was told of %+v, found %+v, %v", a, kept, err)
	}
}

// exec runs a statement of the host in a transaction that is committed.
func (c *crowd) exec(statement string) error {
	c.t.Helper()
	tx := mustBegin(c.t, c.host)
	if err := tx.Exec(c.t.Context(), statement); err != nil {
		return errors.Join(err, tx.Rollback(c.t.Context()))
	}
	return tx.Commit(c.t.Context())
}

// transactions checks how many transactions the present round took.
func (c *crowd) transactions(want string) error {
	c.t.Helper()
	return c.exec(fmt.Sprintf(`DO $$ DECLARE n bigint := (SELECT count(DISTINCT xmin::text) FROM assignments WHERE assignee_id = '%s');
BEGIN IF NOT n %s THEN RAISE EXCEPTION '%% transactions, want %s', n; END IF; END $$`, c.key(c.rounds, 0).AssigneeID, want, want))
}

func (c *crowd) shareTransactions() {
	c.wantCreated(c.create(c.t.Context(), 400, func(call int, p *assignment.CreateParams) {
		p.AssignedBy = "somebody " + strconv.Itoa(call)
		p.DueAt = time.Now().Add(time.Duration(call) * time.Hour)
		p.Metadata = map[string]any{"n": float64(call)}
	}))
	if err := c.transactions("< 200"); err != nil { // about 60 when no call is late
		c.t.Error(err)
	}
}

func (c *crowd) refuseOne() {
	const one = 50
	tx := mustBegin(c.t, c.host)
	holder, err := c.service.WithStore(tx.Store).Create(c.t.Context(), newSlot("others", 1))
	if err != nil {
		c.t.Fatal(err)
	}
	if err := tx.Commit(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	out := c.create(c.t.Context(), 2*one, func(call int, p *assignment.CreateParams) {
		if call == one {
			p.Key = holder.Key
		}
	})()
	for i, err := range out.errs {
		conflict, refused := errors.AsType[*assignment.ActiveExistsError](err)
		if refused != (i == one) || refused && conflict.Existing.ID != holder.ID || !refused && err != nil {
			c.t.Errorf("call %d: %v", i, err)
		}
	}
}

// whileSomeWait has more slots held by an open transaction than statements may
// be under way before others gather.
func (c *crowd) whileSomeWait() {
	const held = 8
	tx := mustBegin(c.t, c.host)
	service := c.service.WithStore(tx.Store)
	for i := range held {
		if _, err := service.Create(c.t.Context(), newSlot("held", i)); err != nil {
			c.t.Fatal(err)
		}
	}
	waiting := c.create(c.t.Context(), held, func(call int, p *assignment.CreateParams) { p.Key = newSlot("held", call).Key })
	for range 5 {
		ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Second)
		c.wantCreated(c.create(ctx, 100, nil))
		cancel()
	}
	if err := tx.Commit(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	for i, err := range waiting().errs {
		if !errors.Is(err, assignment.ErrActiveExists) {
			c.t.Errorf("waiting call %d: %v, want ErrActiveExists", i, err)
		}
	}
}

// boundWaits has the table note how long each row may still wait for a lock, while
// time goes by.
func (c *crowd) boundWaits() {
	err := c.exec(`CREATE TABLE waits (tx bigint, ms float8);
CREATE FUNCTION note(subject text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO waits VALUES (txid_current(), date_part('epoch', current_setting('lock_timeout')::interval) * 1000);
  PERFORM pg_sleep(0.003);
  RETURN true;
END $$;
ALTER TABLE assignments ADD CHECK (note(subject_id))`)
	if err != nil {
		c.t.Fatal(err)
	}
	c.wantCreated(c.create(c.t.Context(), 100, nil))
	err = c.exec(`DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM waits GROUP BY tx HAVING count(*) >= 5) THEN RAISE EXCEPTION 'nothing was shared'; END IF;
  IF EXISTS (SELECT FROM waits GROUP BY tx HAVING count(*) >= 5 AND (min(ms) <> 1 OR max(ms) > 10)) THEN
    RAISE EXCEPTION 'each row waits anew';
  END IF;
END $$`)
	if err != nil {
		c.t.Error(err)
	}
}

// giveUpWithoutConnection has all connections taken. Whoever sends for the others
// waits for one longer than they do.
func (c *crowd) giveUpWithoutConnection() {
	c.calm(c.t.Context())
	for range 32 {
		mustBegin(c.t, c.host)
	}
	for range 5 {
		patient, cancel := context.WithTimeout(c.t.Context(), 300*time.Millisecond)
		impatient, giveUp := context.WithTimeout(patient, 100*time.Millisecond)
		waits := []func() outcomes{c.createAtOnce(patient, 10, nil), c.createAtOnce(impatient, 50, nil)}
		for _, wait := range waits {
			for i, err := range wait().errs {
				if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, assignment.ErrUnknownOutcome) {
					c.t.Errorf("call %d: %v, want the context's error, since nothing was sent", i, err)
				}
			}
		}
		giveUp()
		cancel()
	}
}

func (c *crowd) giveUp() {
	for range 10 {
		ctx, cancel := context.WithCancel(c.t.Context())
		staying := c.create(c.t.Context(), 50, nil)
		leaving := c.create(ctx, 200, nil)
		time.Sleep(2 * time.Millisecond)
		cancel()
		out := leaving()
		for i, err := range out.errs {
			c.wantTruth(c.key(c.rounds, i), out.created[i], err)
		}
		c.wantCreated(staying)
	}
}

// wantTruth compares what a call whose context has ended was told with the table.
func (c *crowd) wantTruth(k assignment.Key, created assignment.Assignment, told error) {
	c.t.Helper()
	switch {
	case told == nil:
		c.wantKept(created)
	case errors.Is(told, assignment.ErrUnknownOutcome):
	case !errors.Is(told, context.Canceled):
		c.t.Errorf("got %v, want the context's error", told)
	default:
		if a, err := c.service.FindActive(c.t.Context(), k); !errors.Is(err, assignment.ErrNotFound) {
			c.t.Errorf("nothing was written, said the error; found %v, %v", a, err)
		}
	}
}

// refuseAccounts has the table refuse every tenth row.
func (c *crowd) refuseAccounts(rule string) {
	if err := c.exec(rule); err != nil {
		c.t.Fatal(err)
	}
	isRefused := func(call int) bool { return call%10 == 0 }
	out := c.create(c.t.Context(), 120, func(call int, p *assignment.CreateParams) {
		p.AccountID = "known"
		if isRefused(call) {
			p.AccountID = "unknown"
		}
	})()
	for i, err := range out.errs {
		switch {
		case !isRefused(i) && err == nil:
			c.wantKept(out.created[i])
		case !isRefused(i) || !errors.Is(err, assignment.ErrInvalid):
			c.t.Errorf("call %d: %v", i, err)
		}
	}
	n, err := c.service.Count(c.t.Context(), assignment.Query{AssigneeID: c.key(c.rounds, 0).AssigneeID})
	if err != nil || n != 108 {
		c.t.Errorf("%d rows, %v, want 108", n, err)
	}
}
