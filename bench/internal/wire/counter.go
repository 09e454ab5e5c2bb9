// Package wire counts network round trips on the connections themselves, so that
// every driver is measured in the same way.
package wire

import (
	"context"
	"net"
	"sync/atomic"
)

// Counter counts the round trips of all connections that it dialled. The zero value
// is ready to use. It is safe for concurrent use.
type Counter struct {
	dialer net.Dialer
	trips  atomic.Int64
}

// Trips returns how many round trips there were so far: how often a reply was read
// after something had been written.
func (c *Counter) Trips() int64 { return c.trips.Load() }

// DialContext connects to address and counts the round trips of the connection. pgx
// and lib/pq need this signature.
func (c *Counter) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := c.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return c.Wrap(conn), nil
}

// Wrap counts the round trips of conn.
func (c *Counter) Wrap(conn net.Conn) net.Conn { return &countedConn{Conn: conn, counter: c} }

// countedConn counts each change from writing to reading.
type countedConn struct {
	net.Conn

	counter *Counter
	wrote   atomic.Bool // since the last reply
}

// Write implements [net.Conn].
func (c *countedConn) Write(b []byte) (int, error) {
	c.wrote.Store(true)
	return c.Conn.Write(b)
}

// Read implements [net.Conn]. It counts a round trip when the reply arrives, since a
// driver may already wait in Read while it writes.
func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.wrote.CompareAndSwap(true, false) {
		c.counter.trips.Add(1)
	}
	return n, err
}
