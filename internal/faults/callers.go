package faults

import (
	"context"
	"fmt"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/faultproxy"
)

// The defaults of a scenario: many callers on few keys.
const (
	defaultCallers = 8
	defaultKeys    = 3
)

// newCallers gives every caller its own proxy, pool and service.
func (r *run) newCallers(ctx context.Context) ([]*caller, error) {
	at, err := newTarget(r.Via, r.application)
	if err != nil {
		return nil, err
	}
	seen := newSeenRows(newKeys(r.Keys))
	var all []*caller
	for i := range r.Callers {
		c := &caller{
			name: fmt.Sprintf("caller%d", i), ledger: r.ledger, seen: seen, clock: r.clock,
			countFaults: r.CountFaults, mix: r.Mix, isolations: r.Isolations, unguarded: r.Unguarded,
			driver: r.Mixed[i%len(r.Mixed)],
		}
		all = append(all, c)
		if err := c.open(ctx, r, at); err != nil {
			return all, err
		}
	}
	return all, nil
}

func newKeys(n int) []assignment.Key {
	keys := make([]assignment.Key, n)
	for i := range keys {
		keys[i] = assignment.Key{AssigneeID: fmt.Sprintf("assignee%d", i), SubjectID: "subject"}
	}
	return keys
}

func (c *caller) open(ctx context.Context, r *run, at *target) (err error) {
	//nolint:contextcheck // the proxy lives until it is closed
	if c.proxy, err = faultproxy.Listen(at.network, at.address, r.Plan); err != nil {
		return err
	}
	if c.handle, err = c.driver.open(ctx, at.through(c.proxy)); err != nil {
		return err
	}
	c.service, err = assignment.NewService(c.handle.store, &assignment.Options{
		Now:   func() time.Time { return c.stamp },
		NewID: func() assignment.ID { return c.serviceID },
	})
	return err
}

// closeCallers closes whatever open has opened.
func closeCallers(all []*caller) {
	for _, c := range all {
		if c.handle != nil {
			c.handle.close()
		}
		if c.proxy != nil {
			_ = c.proxy.Close() // a listener that fails to close is gone, too
		}
	}
}
