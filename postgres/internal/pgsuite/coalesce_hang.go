package pgsuite

import (
	"context"
	"errors"

	"github.com/assignment-go/assignment"
)

// createHeld calls Create for the slots that are held.
func (c *crowd) createHeld(ctx context.Context, held []assignment.Assignment) (wait func() outcomes) {
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
	c.stall(inProgress, func() { hanging = c.createAtOnce(c.t.Context(), inProgress, nil) })
	c.rounds++
	c.BeOptimistic()
	c.wantCreated(c.createAtOnce(c.t.Context(), 50, nil))
	c.Line.Resume()
	c.wantCreated(hanging)
}

// hang has a batch of eight hang beside those in progress. One call of the
// eight may be on that connection by itself, as it could without batches.
func (c *crowd) hang(occupy, create func() (wait func() outcomes)) (resume func() (occupying, created outcomes)) {
	c.t.Helper()
	var occupying, created func() outcomes
	c.stall(inProgress, func() { occupying = occupy() })
	c.stall(1, func() { created = create() })
	return func() (outcomes, outcomes) {
		c.Line.Resume()
		return occupying(), created()
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
		func() func() outcomes { return c.insertNew(c.t.Context(), inProgress) },
		func() func() outcomes { return c.insertNew(c.t.Context(), 8) },
	)
	c.eventually("all but one have ended", func() bool { return c.ended.Load()-before >= 7 })
	occupying, created := resume()
	c.wantCreated(func() outcomes { return occupying })
	c.wantCreated(func() outcomes { return created })
	n, err := c.service.Count(c.t.Context(), assignment.Query{AssigneeID: c.key(c.rounds, 0).AssigneeID})
	if err != nil || n != 8 {
		c.t.Errorf("%d rows, %v, want 8", n, err)
	}
}

// besideHolders has a batch of eight hang whose slots have holders, until the calls
// have sent statements of their own.
func (c *crowd) besideHolders(ctx context.Context) (holders []assignment.Assignment, resume func() (occupying, created outcomes)) {
	c.t.Helper()
	for i := range 8 {
		holders = append(holders, c.holdElsewhere(newSlot("held elsewhere", i))) //nolint:contextcheck // its caller does not give up
	}
	var before int64
	resume = c.hang(
		//nolint:contextcheck // only the calls of the batch are given up
		func() func() outcomes { return c.insertNew(c.t.Context(), inProgress) },
		func() func() outcomes {
			before = c.Line.Writes()
			c.BeOptimistic()
			return c.createHeld(ctx, holders)
		},
	)
	c.eventually("the calls have sent their own", func() bool { return c.Line.Writes()-before >= 7 })
	return holders, resume
}

func (c *crowd) conflictBesideHanging() {
	holders, resume := c.besideHolders(c.t.Context())
	_, created := resume()
	c.wantHolders(created, holders)
}

// unknownBesideHanging completes the holders, after which the statement that hung
// finds the slots free.
func (c *crowd) unknownBesideHanging() {
	ctx, giveUp := context.WithCancel(c.t.Context())
	defer giveUp()
	holders, resume := c.besideHolders(ctx)
	giveUp()
	for _, a := range holders {
		if _, err := c.service.Complete(c.t.Context(), a.ID); err != nil {
			c.t.Fatal(err)
		}
	}
	_, created := resume()
	c.wantCreated(c.insertNew(c.t.Context(), 50)) // meanwhile the statement ends
	for i, err := range created.errs {
		switch {
		case err == nil:
			c.wantStored(created.created[i])
		case !errors.Is(err, assignment.ErrUnknownOutcome):
			c.wantNone(holders[i].Key)
		}
	}
}
