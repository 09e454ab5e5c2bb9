// Package faultproxy is a TCP proxy in front of PostgreSQL that breaks
// connections at a chosen message: before or after a request, inside it, in
// the middle of a reply, between a COMMIT and the news of it.
//
// It understands the framing of the protocol and no more, and only without
// TLS: requests to encrypt are declined.
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
	// Dropped is how many established connections the server ended by itself.
	Dropped int64
	// Refused is how often the server could not be reached or did not let the
	// client in.
	Refused int64
	// Reports is how many error reports the server sent.
	Reports int64
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

	injected, dropped, refused, reports atomic.Int64
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
		Refused:  p.refused.Load(),
		Reports:  p.reports.Load(),
	}
}

// Close ends every connection and returns when nothing of the proxy runs any
// more. A request that is still being held back for [Late] is lost.
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

// serve is the life of one connection.
func (p *Proxy) serve(client net.Conn) {
	defer p.track(client)()
	server, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(p.ctx, p.network, p.address)
	if err != nil {
		p.refused.Add(1)
		return
	}
	defer p.track(server)()
	newLink(p, client, server).run()
}

// track lets Close reach a connection; the result forgets and closes it.
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
