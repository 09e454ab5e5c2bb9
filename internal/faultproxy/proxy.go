// Package faultproxy is a TCP proxy in front of PostgreSQL that breaks
// connections at a chosen message: before or after a request, inside it, in
// the middle of a reply, between a COMMIT and its reply.
//
// It understands the framing of the protocol and nothing above it, and speaks
// no TLS: it declines requests to encrypt.
package faultproxy

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// dialTimeout bounds how long a client waits for the proxy's own connection.
const dialTimeout = 30 * time.Second

// Stats counts what happened to connections so far.
type Stats struct {
	// Injected is how many messages met an action other than Pass.
	Injected int64
	// Dropped is how many established connections the server closed on its own.
	Dropped int64
	// Failed is how many connections were not established, because the server
	// was unreachable or rejected the client.
	Failed int64
	// Errors is how many ErrorResponse messages the server sent.
	Errors int64
}

// Proxy listens on a port of the loopback interface and forwards to one
// server. It is safe for concurrent use.
type Proxy struct {
	network, address string
	plan             Plan
	listener         net.Listener
	//nolint:containedctx // ends the waits of every connection when the proxy closes
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}

	injected, dropped, failed, errors atomic.Int64
}

// Listen starts a proxy for the server at the address, "tcp" or "unix". The
// caller must close it.
func Listen(network, address string, plan Plan) (*Proxy, error) {
	ctx, cancel := context.WithCancel(context.Background())
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		cancel()
		return nil, err
	}
	p := &Proxy{
		network: network, address: address, plan: plan,
		listener: listener, ctx: ctx, cancel: cancel,
		conns: make(map[net.Conn]struct{}),
	}
	p.wg.Go(p.accept)
	return p, nil
}

// Addr returns where clients connect to, as host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Stats returns the counts so far.
func (p *Proxy) Stats() Stats {
	return Stats{
		Injected: p.injected.Load(),
		Dropped:  p.dropped.Load(),
		Failed:   p.failed.Load(),
		Errors:   p.errors.Load(),
	}
}

// Close ends every connection and returns when all goroutines of the proxy have
// ended. A request that is still held back for [Late] is lost.
func (p *Proxy) Close() error {
	p.cancel()
	err := p.listener.Close()
	p.mu.Lock()
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			_ = p.wait(time.Millisecond) // out of descriptors, perhaps
			continue
		}
		p.wg.Go(func() { p.serve(client) })
	}
}

// serve handles one connection from start to end.
func (p *Proxy) serve(client net.Conn) {
	defer p.track(client)()
	server, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(p.ctx, p.network, p.address)
	if err != nil {
		p.failed.Add(1)
		return
	}
	defer p.track(server)()
	newLink(p, client, server).run()
}

// track registers a connection, so that Close can end it. The returned function
// unregisters and closes it.
func (p *Proxy) track(c net.Conn) func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = struct{}{}
	if p.ctx.Err() != nil {
		_ = c.Close()
	}
	return func() {
		p.mu.Lock()
		delete(p.conns, c)
		p.mu.Unlock()
		_ = c.Close()
	}
}

// waitFor waits for as long as the action says, or until the proxy closes.
func (p *Proxy) waitFor(a Action) error {
	if a.Until == nil {
		return p.wait(a.For)
	}
	select {
	case <-a.Until:
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}

// wait sleeps, or returns early with an error when the proxy closes.
func (p *Proxy) wait(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}
