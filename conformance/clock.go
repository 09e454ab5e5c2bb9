package conformance

import (
	"sync"
	"time"
)

// clock stands still unless it is moved, so that a check can name the time that
// a row must have, and give many rows the same one.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	step time.Duration
}

// newClock starts at a time with a digit in every place that the backend keeps.
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

// tick moves on by one step and returns the new time.
func (c *clock) tick() time.Time { return c.move(1) }

// move goes steps on, or back when negative.
func (c *clock) move(steps int) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Duration(steps) * c.step)
	return c.now
}

// set goes to a time.
func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}
