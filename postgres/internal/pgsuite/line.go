package pgsuite

import (
	"context"
	"net"
	"sync"
	"time"
)

// Line is what connections to the server go through. It lets some of them hang,
// as a backend does that was stopped: what is sent waits and is carried out later,
// whether the client is still there or not.
type Line struct {
	mu      sync.Mutex
	budget  int
	stalled []*lineConn
	writes  int64
}

// StallNext lets that many more connections hang, each when it sends something
// next.
func (l *Line) StallNext(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.budget += n
}

// Stalled is how many connections hang.
func (l *Line) Stalled() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.stalled)
}

// Writes is how often connections that did not hang have sent something.
func (l *Line) Writes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.writes
}

// Resume ends that.
func (l *Line) Resume() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.stalled {
		c.flush()
	}
	l.budget, l.stalled = 0, nil
}

// Dial opens a connection through the line.
func (l *Line) Dial(network, address string) (net.Conn, error) {
	return l.DialContext(context.Background(), network, address)
}

// DialTimeout opens a connection through the line.
func (l *Line) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return l.DialContext(ctx, network, address)
}

// DialContext opens a connection through the line.
func (l *Line) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &lineConn{Conn: conn, line: l}, nil
}

// lineConn is one connection. The mutex of the line guards it.
type lineConn struct {
	net.Conn

	line    *Line
	hangs   bool
	closed  bool
	pending []byte
}

// Write keeps what is sent while the connection hangs. No reply comes then.
func (c *lineConn) Write(p []byte) (int, error) {
	c.line.mu.Lock()
	if !c.hangs && c.line.budget > 0 {
		c.line.budget--
		c.line.stalled, c.hangs = append(c.line.stalled, c), true
	}
	if c.hangs {
		defer c.line.mu.Unlock()
		c.pending = append(c.pending, p...)
		return len(p), nil
	}
	c.line.writes++
	c.line.mu.Unlock()
	return c.Conn.Write(p)
}

// Close leaves a connection that hangs to Resume.
func (c *lineConn) Close() error {
	c.line.mu.Lock()
	defer c.line.mu.Unlock()
	if c.hangs {
		c.closed = true
		return c.SetReadDeadline(time.Now())
	}
	return c.Conn.Close()
}

func (c *lineConn) flush() {
	c.hangs = false
	_ = c.SetWriteDeadline(time.Time{}) // that of a call that gave up
	_, _ = c.Conn.Write(c.pending)
	c.pending = nil
	if c.closed {
		_ = c.Conn.Close()
	}
}
