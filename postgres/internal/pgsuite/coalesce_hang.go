package pgsuite

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
)

// ask creates the slots that are held.
func (c *crowd) ask(ctx context.Context, held []assignment.Assignment) (wait func() outcomes) {
	return c.createAtOnce(ctx, len(held), func(call int, p *assignment.CreateParams) { p.Key = held[call].Key })
}

func (c *crowd) wantHolders(out outcomes, held []assignment.Assignment) {
	c.t.Helper()
	for i, err := range out.errs {
		c.wantHolder(err, held[i])
	}
}

// stall lets the next connections hang, and returns once they do.
func (c *crowd) stall(n int, begin func()) {
	c.t.Helper()
	all := c.Line.Stalled() + n
	c.Line.StallNext(n)
	begin()
	c.eventually("connections hang", func() bool { return c.Line.Stalled() == all })
}

func (c *crowd) hangInserts() {
	c.BeOptimistic()
	c.rounds++
	var hanging func() outcomes
	c.stall(running, func() { hanging = c.createAtOnce(c.t.Context(), running, nil) })
	c.rounds++
	c.BeOptimistic()
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

// insertNew creates n new keys without lookups.
func (c *crowd) insertNew(ctx context.Context, n int) func() outcomes {
	c.rounds++
	c.BeOptimistic()
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
			c.BeOptimistic()
			return c.ask(ctx, rivals)
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
