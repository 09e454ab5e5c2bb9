package pgsuite

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
)

// known creates slots that the store knows to be taken.
func (c *crowd) known(n int) []assignment.Assignment {
	c.t.Helper()
	var held []assignment.Assignment
	for i := range n {
		a, err := c.service.Create(c.t.Context(), newSlot("held", i))
		if err != nil {
			c.t.Fatal(err)
		}
		held = append(held, a)
	}
	return held
}

// ask creates the slots that are held, each the given number of times.
func (c *crowd) ask(ctx context.Context, held []assignment.Assignment, times int) (wait func() outcomes) {
	return c.createAtOnce(ctx, times*len(held), func(call int, p *assignment.CreateParams) { p.Key = held[call%len(held)].Key })
}

func (c *crowd) wantHolders(out outcomes, held []assignment.Assignment) {
	c.t.Helper()
	for i, err := range out.errs {
		c.wantHolder(err, held[i%len(held)])
	}
}

// lockedLookups lets no lookup pass, with as many under way as may be before
// others gather.
func (c *crowd) lockedLookups(held []assignment.Assignment) (release func()) {
	c.t.Helper()
	lock := mustBegin(c.t, c.host)
	if err := lock.Exec(c.t.Context(), `LOCK TABLE assignments IN ACCESS EXCLUSIVE MODE`); err != nil {
		c.t.Fatal(err)
	}
	occupying := c.ask(c.t.Context(), held[:running], 1)
	c.eventually("lookups wait for the table", func() bool { return c.exec(waitingForTable(running)) == nil })
	return func() {
		c.t.Helper()
		if err := lock.Commit(c.t.Context()); err != nil {
			c.t.Fatal(err)
		}
		c.wantHolders(occupying(), held)
	}
}

func (c *crowd) shareLookups() {
	held := c.known(20)
	release := c.lockedLookups(held)
	wait := c.ask(c.t.Context(), held, 10)
	c.waiting(200) // one statement, since the turn never comes before one of those that are running ends
	release()
	for i, err := range wait().errs {
		c.wantHolder(err, held[i%len(held)])
		conflict, _ := errors.AsType[*assignment.ActiveExistsError](err)
		if conflict == nil || conflict.Existing.Metadata["spoiled"] != nil {
			c.t.Fatal("a caller has changed the map of another one")
		}
		conflict.Existing.Metadata = map[string]any{"spoiled": true}
	}
}

func (c *crowd) giveUpLookups() {
	held := c.known(20)
	release := c.lockedLookups(held)
	ctx, giveUp := context.WithCancel(c.t.Context())
	leaving := c.ask(ctx, held, 2)
	c.waiting(40)
	staying := c.ask(c.t.Context(), held, 2)
	c.waiting(80)
	giveUp()
	for i, err := range leaving().errs {
		if !errors.Is(err, context.Canceled) || errors.Is(err, assignment.ErrUnknownOutcome) {
			c.t.Errorf("call %d: %v", i, err)
		}
	}
	release()
	c.wantHolders(staying(), held)
}

// stall lets the next connections hang, and returns once they do.
func (c *crowd) stall(n int, begin func()) {
	c.t.Helper()
	all := c.Line.Stalled() + n
	c.Line.StallNext(n)
	begin()
	c.eventually("connections hang", func() bool { return c.Line.Stalled() == all })
}

func (c *crowd) hangLookups() {
	held := c.known(54)
	var hanging func() outcomes
	c.stall(running, func() { hanging = c.ask(c.t.Context(), held[:running], 1) })
	c.wantHolders(c.ask(c.t.Context(), held[running:], 1)(), held[running:])
	c.Line.Resume()
	c.wantHolders(hanging(), held)
}

func (c *crowd) hangInserts() {
	c.SupposeFree()
	c.rounds++
	var hanging func() outcomes
	c.stall(running, func() { hanging = c.createAtOnce(c.t.Context(), running, nil) })
	c.rounds++
	c.SupposeFree()
	c.wantCreated(c.createAtOnce(c.t.Context(), 50, nil))
	c.Line.Resume()
	c.wantCreated(hanging)
}

// hang has a batch of eight hang beside those that are running. One call of the
// eight may be on that connection by itself, as it could without batches.
func (c *crowd) hang(occupy, ask func() (wait func() outcomes)) (resume func() (occupying, asked outcomes)) {
	c.t.Helper()
	var occupying, asked func() outcomes
	c.stall(running, func() { occupying = occupy() })
	c.stall(1, func() { asked = ask() })
	return func() (outcomes, outcomes) {
		c.Line.Resume()
		return occupying(), asked()
	}
}

func (c *crowd) hangLookupBatch() {
	held := c.known(running + 8)
	before := c.ended.Load()
	resume := c.hang(
		func() func() outcomes { return c.ask(c.t.Context(), held[:running], 1) },
		func() func() outcomes { return c.ask(c.t.Context(), held[running:], 1) },
	)
	c.eventually("all but one have their answer", func() bool { return c.ended.Load()-before >= 7 })
	occupying, asked := resume()
	c.wantHolders(occupying, held)
	c.wantHolders(asked, held[running:])
}

// insertNew creates n new keys without lookups.
func (c *crowd) insertNew(ctx context.Context, n int) func() outcomes {
	c.rounds++
	c.SupposeFree()
	return c.createAtOnce(ctx, n, nil)
}

func (c *crowd) hangInsertBatch() {
	before := c.ended.Load()
	resume := c.hang(
		func() func() outcomes { return c.insertNew(c.t.Context(), running) },
		func() func() outcomes { return c.insertNew(c.t.Context(), 8) },
	)
	c.eventually("all but one have their answer", func() bool { return c.ended.Load()-before >= 7 })
	occupying, asked := resume()
	c.wantCreated(func() outcomes { return occupying })
	c.wantCreated(func() outcomes { return asked })
	n, err := c.service.Count(c.t.Context(), assignment.Query{AssigneeID: c.key(c.rounds, 0).AssigneeID})
	if err != nil || n != 8 {
		c.t.Errorf("%d rows, %v, want 8", n, err)
	}
}

// besideRivals has a batch of eight hang whose slots a rival has taken, until the
// calls have sent something by themselves.
func (c *crowd) besideRivals(ctx context.Context) (rivals []assignment.Assignment, resume func() (occupying, asked outcomes)) {
	c.t.Helper()
	for i := range 8 {
		rivals = append(rivals, c.rival(newSlot("rival", i))) //nolint:contextcheck // a rival does not give up
	}
	var before int64
	resume = c.hang(
		//nolint:contextcheck // only the calls of the batch are given up
		func() func() outcomes { return c.insertNew(c.t.Context(), running) },
		func() func() outcomes {
			before = c.Line.Writes()
			c.SupposeFree()
			return c.ask(ctx, rivals, 1)
		},
	)
	c.eventually("the calls have sent their own", func() bool { return c.Line.Writes()-before >= 7 })
	return rivals, resume
}

func (c *crowd) conflictBesideHanging() {
	rivals, resume := c.besideRivals(c.t.Context())
	_, asked := resume()
	c.wantHolders(asked, rivals)
}

// doubtBesideHanging has the rivals leave, after which the statement that hung
// finds the slots free.
func (c *crowd) doubtBesideHanging() {
	ctx, giveUp := context.WithCancel(c.t.Context())
	defer giveUp()
	rivals, resume := c.besideRivals(ctx)
	giveUp()
	for _, a := range rivals {
		if _, err := c.service.Complete(c.t.Context(), a.ID); err != nil {
			c.t.Fatal(err)
		}
	}
	_, asked := resume()
	c.wantCreated(c.insertNew(c.t.Context(), 50)) // meanwhile the statement ends
	for i, err := range asked.errs {
		switch {
		case err == nil:
			c.wantKept(asked.created[i])
		case !errors.Is(err, assignment.ErrUnknownOutcome):
			c.wantNone(rivals[i].Key)
		}
	}
}
