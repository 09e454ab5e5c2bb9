package faults

import (
	"context"
	"fmt"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/faultproxy"
)

// Many callers on few keys, unless the scenario says otherwise.
const (
	callers = 8
	keys    = 3
)

// hire gives every caller a proxy, a pool and a service of its own.
func (r *run) hire(ctx context.Context) ([]*caller, error) {
	at, err := newTarget(r.Via, r.application)
	if err != nil {
		return nil, err
	}
	shared := newBoard(someKeys(r.Keys))
	var crew []*caller
	for i := range r.Callers {
		c := &caller{
			name: fmt.Sprintf("caller%d", i), ledger: r.ledger, board: shared, clock: r.clock,
			disturb: r.Disturb, mix: r.Mix, isolations: r.Isolations, unguarded: r.Unguarded,
			driver: r.Mixed[i%len(r.Mixed)],
		}
		crew = append(crew, c)
		if err := c.equip(ctx, r, at); err != nil {
			return crew, err
		}
	}
	return crew, nil
}

func someKeys(n int) []assignment.Key {
	some := make([]assignment.Key, n)
	for i := range some {
		some[i] = assignment.Key{AssigneeID: fmt.Sprintf("assignee%d", i), SubjectID: "subject"}
	}
	return some
}

func (c *caller) equip(ctx context.Context, r *run, at *target) (err error) {
	//nolint:contextcheck // the proxy lives until it is closed
	if c.proxy, err = faultproxy.Listen(at.network, at.address, r.Plan); err != nil {
		return err
	}
	if c.handle, err = c.driver.open(ctx, at.through(c.proxy)); err != nil {
		return err
	}
	c.service, err = assignment.NewService(c.handle.store, &assignment.Options{
		Now:   func() time.Time { return c.stamp },
		NewID: func() assignment.ID { return c.made },
	})
	return err
}

// dismiss closes what equip opened, as far as it got.
func dismiss(crew []*caller) {
	for _, c := range crew {
		if c.handle != nil {
			c.handle.close()
		}
		if c.proxy != nil {
			_ = c.proxy.Close() // a listener that fails to close is gone, too
		}
	}
}
