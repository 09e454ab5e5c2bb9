package pgsuite

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/assignment-go/assignment"
)

func (c *crowd) shareTransactions() {
	end := c.occupied()
	c.rounds++
	before := c.ended.Load()
	// the first 256 are flushed at once, the others when the first of those in
	// progress has ended
	wait := c.createAtOnce(c.t.Context(), 400, func(call int, p *assignment.CreateParams) {
		if call%2 == 0 {
			p.AssignedBy = "somebody " + strconv.Itoa(call)
		}
		p.DueAt = time.Now().Add(time.Duration(call) * time.Hour)
		p.Metadata = map[string]any{"n": float64(call)}
	})
	c.eventually("256 calls have ended", func() bool { return c.ended.Load()-before == 256 })
	c.waiting(400 - 256)
	end()
	c.wantCreated(wait)
	if err := c.transactions(2); err != nil {
		c.t.Error(err)
	}
}

func (c *crowd) conflictForOne() {
	const one = 50
	holder := c.holdElsewhere(newSlot("others", 1))
	out := c.collect(c.t.Context(), 2*one, func(call int, p *assignment.CreateParams) {
		if call == one {
			p.Key = holder.Key
		}
	})()
	for i, err := range out.errs {
		switch {
		case i == one:
			c.wantHolder(err, holder)
		case err != nil:
			c.t.Errorf("call %d: %v", i, err)
		}
	}
	if err := c.transactions(1); err != nil {
		c.t.Error(err)
	}
}

// whileSomeWait has more slots held by an open transaction than inserts may
// be in progress before others collect.
func (c *crowd) whileSomeWait() {
	const held = 2 * inProgress
	tx := mustBegin(c.t, c.host)
	service := c.service.WithStore(tx.Store)
	for i := range held {
		if _, err := service.Create(c.t.Context(), newSlot("held", i)); err != nil {
			c.t.Fatal(err)
		}
	}
	waiting := c.create(c.t.Context(), held, func(call int, p *assignment.CreateParams) { p.Key = newSlot("held", call).Key })
	for range 5 {
		c.wantCreated(c.create(c.t.Context(), 100, nil))
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
	send := c.collect(c.t.Context(), 30, nil)
	c.wantCreated(send)
	err = c.exec(`DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM waits GROUP BY tx HAVING count(*) = 30) THEN RAISE EXCEPTION 'nothing was shared'; END IF;
  IF EXISTS (SELECT FROM waits GROUP BY tx HAVING count(*) = 30 AND (min(ms) <> 1 OR max(ms) > 10)) THEN
    RAISE EXCEPTION 'each row waits anew';
  END IF;
END $$`)
	if err != nil {
		c.t.Error(err)
	}
}

// giveUpWithoutConnection has all connections taken.
func (c *crowd) giveUpWithoutConnection() {
	c.seeFree(c.t.Context())
	for range 32 {
		mustBegin(c.t, c.host)
	}
	for range 5 {
		long, cancel := context.WithTimeout(c.t.Context(), 300*time.Millisecond)
		short, giveUp := context.WithTimeout(long, 100*time.Millisecond)
		waits := []func() outcomes{c.createAtOnce(long, 10, nil), c.createAtOnce(short, 50, nil)}
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

// cancelRows has every other caller give up before anything is sent.
func (c *crowd) cancelRows() {
	ctx, giveUp := context.WithCancel(c.t.Context())
	givingUp := c.collect(ctx, 50, nil)
	first := c.rounds
	c.rounds++
	staying := c.createAtOnce(c.t.Context(), 50, nil)
	c.waiting(100)
	giveUp()
	c.waiting(50)
	for i, err := range givingUp().errs {
		if !errors.Is(err, context.Canceled) || errors.Is(err, assignment.ErrUnknownOutcome) {
			c.t.Errorf("call %d: got %v, want the context's error", i, err)
		}
		c.wantNone(c.key(first, i))
	}
	c.wantCreated(staying)
	if err := c.transactions(1); err != nil {
		c.t.Error(err)
	}
}

// giveUp has callers give up, the first of all among them, while the statement
// waits on the server. The others get conflicts.
func (c *crowd) giveUp() {
	const all = 256 // a full batch is flushed at once
	var holders []assignment.Assignment
	for i := range all / 2 {
		holders = append(holders, c.holdElsewhere(newSlot("held elsewhere", i)))
	}
	c.BeOptimistic()
	lock := mustBegin(c.t, c.host)
	if err := lock.Exec(c.t.Context(), `LOCK TABLE assignments IN SHARE MODE`); err != nil {
		c.t.Fatal(err)
	}
	occupying := c.createAtOnce(c.t.Context(), inProgress, func(call int, p *assignment.CreateParams) {
		p.Key = newSlot("first", call).Key
	})
	c.eventually("calls wait for the table", func() bool { return c.exec(waitingForTable(inProgress)) == nil })
	ctx, giveUp := context.WithCancel(c.t.Context())
	givingUp := c.createAtOnce(ctx, all/2, nil)
	c.waiting(all / 2)
	staying := c.createAtOnce(c.t.Context(), all/2, func(call int, p *assignment.CreateParams) { p.Key = holders[call].Key })
	c.eventually("the shared statement waits for the table", func() bool { return c.exec(waitingForTable(inProgress+1)) == nil })
	giveUp()
	out := givingUp()
	if err := lock.Commit(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	for i, err := range staying().errs {
		c.wantHolder(err, holders[i])
	}
	c.wantCreated(occupying)
	for i, err := range out.errs {
		if !errors.Is(err, assignment.ErrUnknownOutcome) {
			c.t.Errorf("call %d: got %v, want ErrUnknownOutcome", i, err)
		}
	}
}

// rejectAccounts has the table reject every tenth row.
func (c *crowd) rejectAccounts(rule string) {
	if err := c.exec(rule); err != nil {
		c.t.Fatal(err)
	}
	isRejected := func(call int) bool { return call%10 == 0 }
	out := c.collect(c.t.Context(), 120, func(call int, p *assignment.CreateParams) {
		p.AccountID = "known"
		if isRejected(call) {
			p.AccountID = "unknown"
		}
	})()
	for i, err := range out.errs {
		switch {
		case !isRejected(i) && err == nil:
			c.wantStored(out.created[i])
		case !isRejected(i) || !errors.Is(err, assignment.ErrInvalid):
			c.t.Errorf("call %d: %v", i, err)
		}
	}
	n, err := c.service.Count(c.t.Context(), assignment.Query{AssigneeID: c.key(c.rounds, 0).AssigneeID})
	if err != nil || n != 108 {
		c.t.Errorf("%d rows, %v, want 108", n, err)
	}
}
