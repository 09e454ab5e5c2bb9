// Package wire counts network round trips where they happen, so that every
// driver is measured by the same rule.
package wire

import (
	"context"
	"net"
	"sync/atomic"
)

// Counter counts the round trips of all connections that it dialled. The zero
// value is ready for use, by any number of goroutines.
type Counter struct {
	dialer net.Dialer
	trips  atomic.Int64
}

// Trips returns how often, since the counter was made, a client has waited for
// the server: how often a reply was read after something had been written.
func (c *Counter) Trips() int64 { return c.trips.Load() }

// DialContext connects to address and counts what the connection does. It has
// the signature that pgx asks for, and lib/pq.
func (c *Counter) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := c.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return c.Wrap(conn), nil
}

// Wrap counts what conn does.
func (c *Counter) Wrap(conn net.Conn) net.Conn { return &turns{Conn: conn, counter: c} }

// turns notices each change from writing to reading.
type turns struct {
	net.Conn

	counter *Counter
	asked   atomic.Bool // something was written since the last reply
}

// Write implements [net.Conn].
func (t *turns) Write(b []byte) (int, error) {
	t.asked.Store(true)
	return t.Conn.Write(b)
}

// Read implements [net.Conn]. The turn is counted when the reply is there: a
// driver may already wait in Read while it writes.
func (t *turns) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(b)
	if n > 0 && t.asked.CompareAndSwap(true, false) {
		t.counter.trips.Add(1)
	}
	return n, err
}
