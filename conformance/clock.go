package conformance

import (
	"sync"
	"time"
)

// clock only changes when it is moved, so that a check knows the times of its rows, and
// can give the same time to several rows.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	step time.Duration
}

// newClock starts at a time with nonzero digits up to the precision of the backend.
func newClock(precision time.Duration) *clock {
	start := time.Date(2026, time.March, 1, 9, 30, 15, 123_456_000, time.UTC)
	return &clock{now: start.Truncate(precision), step: max(time.Second, precision)}
}

// Now is the clock of the services.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// tick moves the clock by one step and returns the new time.
func (c *clock) tick() time.Time { return c.move(1) }

// move moves the clock by that many steps, back if negative, and returns the new time.
func (c *clock) move(steps int) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Duration(steps) * c.step)
	return c.now
}

// set sets the clock to a time.
func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}
